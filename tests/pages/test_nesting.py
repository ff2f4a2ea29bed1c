"""A question inside a subgraph says what really runs again; a thread that stopped behind a node is marked there."""

from pathlib import Path

import pytest
from pages.screen import words
from pages.test_changes import mermaid

from pages import nesting
from signoff.decisions import Reviewer

GRAPH = f"nesting={Path(__file__).with_name('nesting.py')}:graph"


@pytest.fixture
def office(open_office, empty_folder):
    return open_office(empty_folder, GRAPHS=None, GRAPH=GRAPH)


@pytest.mark.parametrize(
    ("way", "deep", "said"),
    [
        ("whole", "ask", "Node ask, inside whole, runs again from its first line"),
        ("whole", "part", "Node ask, inside whole, runs again from its first line"),
        ("whole", "calls", "Node calls, inside whole, and ask inside it, run again from their first lines"),
        ("code", "ask", "Node code, and ask inside it, run again from their first lines"),
        ("code", "part", "Node code, and ask inside it, run again from their first lines"),
        ("code", "calls", "Node code, calls inside it, and ask inside that, run again from their first lines"),
    ],
)
def test_an_answer_says_which_nodes_run_again(office, way, deep, said):
    office.pause(nesting.builder, "t", graph_id="nesting", way=way, deep=deep)
    office.desk.scan()

    assert f"{said} with your answer." in words(office.start(review=office.review(node=way).id))


def test_the_picture_marks_the_node_behind_which_a_thread_waits(office):
    office.pause(nesting.builder, "t", graph_id="nesting", way="whole")
    office.desk.scan()
    office.settled(office.desk.decide(office.review(node="whole").id, "yes", reviewer=Reviewer(name="Grace")))

    [drawn] = mermaid(office.page("thread", thread="t"))

    assert '"? whole"' in drawn
    assert '"▶ after"' in drawn
