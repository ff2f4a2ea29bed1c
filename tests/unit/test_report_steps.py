"""A report says what made each step, where a branch begins, and who went back."""

import json
import re
import sqlite3
from contextlib import closing
from functools import partial

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import task
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send
from unit.office import Office, State
from unit.test_report import report

from signoff import travel
from signoff.checkpoints.lines import read_lines
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.decisions import Reviewer
from signoff.origin import origin_of
from signoff.ui.timeline import happened

CONFIG = {"configurable": {"thread_id": "t"}}


@task
def twice(number):
    return 2 * number


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def headed(page):
    """Return the headings of the steps on a page."""
    return re.findall(r'<article class="plain".*?<h3>(.*?)</h3>', page)


@pytest.fixture
def quiet(office, tmp_path):
    """A thread whose nodes write nothing to the state but at its end: two in parallel, and one that names the next."""
    graph = StateGraph(State)
    graph.add_node("p+q", lambda state: None)
    graph.add_node("r", lambda state: None)
    graph.add_node("choose", lambda state: Command(goto="last"), destinations=("last",))
    graph.add_node("last", lambda state: {"answer": 1})
    graph.add_edge(START, "p+q").add_edge(START, "r").add_edge(["p+q", "r"], "choose")
    with closing(sqlite3.connect(tmp_path / "threads.sqlite", check_same_thread=False)) as connection:
        ready = graph.compile(SqliteSaver(connection))
        ready.invoke({"order_id": 1}, CONFIG)
        office.desk.checkpoints = SqliteCheckpoints(tmp_path / "threads.sqlite")
        yield ready


def test_nodes_that_wrote_nothing_ran_all_the_same(office, quiet):
    told = json.loads(report(office.desk, "t", "json"))

    assert [step["ran"] for step in told["steps"]] == [[], [], ["p+q", "r"], ["choose"], ["last"]]
    page = report(office.desk, "t", "html").decode()
    assert headed(page) == ["-1 · input", "0 · started", "1 · p+q ‖ r", "2 · choose", "3 · last"]


def test_parallel_sends_are_counted_and_the_tasks_that_a_node_calls_are_not(office):
    def call(state):
        return {"answer": twice(1).result() + twice(2).result()}

    graph = StateGraph(State).add_node(call).add_node("note", lambda state: twice(3).result() and None)
    graph.add_edge(START, "call").add_conditional_edges("call", lambda _: [Send("note", {}) for _ in range(3)])
    graph.compile(office.saver).invoke({}, CONFIG)

    told = json.loads(report(office.desk, "t", "json"))["steps"]

    assert [step["ran"] for step in told[2:]] == [["call"], ["note", "note", "note"]]
    assert headed(report(office.desk, "t", "html").decode())[2:] == ["1 · call", "2 · note ×3"]
    lines = read_lines(office.desk.checkpoints.strand("t"), limit=2)
    assert [happened(line) for line in lines] == ["note ×3", "call"]


def test_a_branch_says_what_made_it_and_where_it_begins(office, quiet):
    [at] = [one.config for one in quiet.get_state_history(CONFIG) if one.next == ("choose",)]
    quiet.invoke(None, at)
    quiet.update_state(at, {"answer": 2}, as_node="last")

    steps = json.loads(report(office.desk, "t", "json"))["steps"]
    page = report(office.desk, "t", "html").decode()

    assert [(step["source"], step["ran"], step["parent_step"]) for step in steps[5:]] == [
        ("fork", [], 1),
        ("loop", ["choose"], 2),
        ("loop", ["last"], 3),
        ("update", [], 1),
    ]
    assert headed(page)[5:] == ["2 · forked", "3 · choose", "4 · last", "2 · state edited"]
    begins = re.findall(r'From <a href="#step-(.*?)">step (.*?)</a>, .*?>source (\w+) · parent (.*?)<', page)
    parent = at["configurable"]["checkpoint_id"]
    assert begins == [(parent, "1", "fork", parent), (parent, "1", "update", parent)]


def test_a_step_whose_parent_is_gone_does_not_say_what_ran(office, quiet):
    connection = quiet.checkpointer.conn
    connection.execute("DELETE FROM checkpoints WHERE checkpoint_id = (SELECT min(checkpoint_id) FROM checkpoints)")
    connection.commit()

    page = report(office.desk, "t", "html").decode()

    assert headed(page) == ["0 · what ran is not known", "1 · p+q ‖ r", "2 · choose", "3 · last"]


@pytest.mark.parametrize(
    ("go", "values", "said"),
    [
        (travel.rerun, {}, "Run again by Grace: applied"),
        (travel.rerun, {"order_id": 5}, "Run again with an edited state by Grace: applied"),
        (partial(travel.fork, to="t2"), {}, "Forked to t2 by Grace: applied"),
    ],
)
def test_going_back_is_no_answer(office, go, values, said):
    office.pause("t", "Pay?", order_id=4)
    [newest] = office.desk.checkpoints.steps("t", limit=1)
    leaving = travel.departure(office.desk, "t", newest.checkpoint_id)
    decision = go(office.desk, leaving, reviewer=Reviewer(name="Grace"), comment="why not", values=values)
    office.deliver()

    page = report(office.desk, "t", "html").decode()

    assert json.loads(report(office.desk, "t", "json"))["steps"][1]["decided"] == [said]
    assert f'<p>{said}, <a href="#decision-{decision.id}">' in page
    assert "<dt>Decided</dt><dd>by Grace" in page
    assert "What was requested" in page
    assert f"went back to {newest.checkpoint_id}" in page
    assert not re.search(r"Answered|asked at|What was sent", page)


def test_the_first_step_of_a_fork_names_the_step_that_it_was_forked_from(office):
    office.pause("<b>t", "Pay?", order_id=4)
    [newest] = office.desk.checkpoints.steps("<b>t", limit=1)
    leaving = travel.departure(office.desk, "<b>t", newest.checkpoint_id)
    travel.fork(office.desk, leaving, reviewer=Reviewer(name="Grace"), comment="why not", to="t2", run=True)
    office.deliver()

    first, *others = json.loads(report(office.desk, "t2", "json"))["steps"]

    assert first["forked_from"] == {"thread_id": "<b>t", "checkpoint_id": newest.checkpoint_id, "step": 0}
    assert not any(step["forked_from"] for step in others)
    said = f"Forked from step 0 of thread &lt;b&gt;t <small>checkpoint {newest.checkpoint_id}</small>"
    assert said in report(office.desk, "t2", "html").decode()


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"signoff_forked_from": "gone", "signoff_forked_at": "1f"}, "Forked from a step of thread gone"),
        ({"signoff_forked_from": "half \ud800", "signoff_forked_at": "1f"}, None),
        ({"signoff_forked_from": 1, "signoff_forked_at": []}, None),
        ({}, None),
    ],
)
def test_an_origin_that_is_gone_or_makes_no_sense_costs_nothing(office, metadata, said):
    found = origin_of(office.desk.checkpoints, "t", metadata)

    assert (found and found.words) == said
