"""The contract of history, over an Agent Server: steps, their makers, subgraphs, channels."""

import pytest
from contract import graphs, test_channels, test_life
from contract.same import assert_same_history
from contract.test_channels import (  # noqa: F401 - the same tests, with the fixtures of this folder
    answered,
    test_a_channel_that_never_was_has_no_history,
    test_a_history_is_read_as_far_as_it_is_asked_for,
    test_a_place_inside_a_channel_has_a_history_of_its_own,
    test_a_step_is_found_by_its_id,
    test_a_way_that_was_not_followed_to_its_beginning_says_so,
    test_an_unknown_thread_has_neither_history_nor_way,
    test_the_way_ends_at_the_question,
    test_the_way_of_a_finished_thread_leads_to_the_end,
    test_the_way_to_an_earlier_step_leaves_out_what_came_later,
)
from contract.test_life import CONFIG, INPUT, finish

LIKE_LANGGRAPH = [make for make in graphs.ALL if make is not graphs.functional]  # there `next` is named otherwise


@pytest.mark.parametrize("make", LIKE_LANGGRAPH, ids=lambda make: make.__name__)
def test_a_paused_and_a_finished_thread_are_as_the_server_shows_them(store, make):
    graph = make(store.saver)
    graph.invoke(INPUT, CONFIG)
    assert_same_history(store.checkpoints, graph)

    finish(graph, make.__name__)

    assert_same_history(store.checkpoints, graph)


def test_the_steps_of_a_subgraph_are_found_inside_the_step_on_which_it_ran(store):
    graph = graphs.in_subgraph(store.saver)
    graph.invoke(INPUT, CONFIG)

    line = test_life.read_lines(store.checkpoints.strand("t"), limit=1)[0]

    [inner] = line.inner
    inside = test_life.read_lines(store.checkpoints.strand("t", inner.namespace), limit=10)
    assert inner.namespace.startswith("outer:")
    assert len(inside) == inner.steps
    assert [run.node for run in inside[0].runs if run.asked] == ["amount"]


def test_pages_of_history_follow_each_other(office):
    [review] = office.pause(graphs.one)
    office.deliver(office.decide(review, "yes"))
    every = [moment.step.checkpoint_id for moment in office.desk.history("t")]

    pages = [office.desk.history("t", limit=2)]
    pages.append(office.desk.history("t", limit=2, before=pages[0][-1].step.checkpoint_id))

    assert [moment.step.checkpoint_id for page in pages for moment in page] == every
    assert test_channels.told(office, "x") == [(0, test_channels.ABSENT, 0)]


def test_the_steps_at_which_a_channel_changed_name_the_node_that_wrote_it(answered):  # noqa: F811 - the fixture
    """LangGraph shows the empty beginning of a list before anybody wrote it, so the server does, too."""
    assert test_channels.told(answered) == [
        (2, ["yes"], ["yes", "done"]),
        (1, [], ["yes"]),
        (-1, test_channels.ABSENT, []),
    ]
    assert [turn.wrote for turn in test_channels.turns(answered.desk, "t", "log")] == [("done",), ("ask",), ()]
