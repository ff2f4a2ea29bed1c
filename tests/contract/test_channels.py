"""When a channel changed, and which way a thread went, is told alike on every store."""

import pytest
from contract import graphs
from langgraph.types import Command

from signoff.channels import step_at, turns
from signoff.errors import ThreadNotFound
from signoff.reviews import ABSENT
from signoff.routes import route

CONFIG = {"configurable": {"thread_id": "t"}}


def told(office, channel="log", path=()):
    return [(turn.step.step, turn.before, turn.after) for turn in turns(office.desk, "t", channel, path)]


@pytest.fixture
def answered(office):
    """A thread that asked, was answered and has finished: steps -1 (input), 0 (asks), 1 (done runs) and 2."""
    [review] = office.pause(graphs.one)
    office.deliver(office.decide(review, "yes"))
    return office


def test_the_steps_at_which_a_channel_changed_come_newest_first(answered):
    assert told(answered) == [(2, ["yes"], ["yes", "done"]), (1, [], ["yes"]), (0, ABSENT, [])]


def test_a_place_inside_a_channel_has_a_history_of_its_own(answered):
    assert told(answered, path=(0,)) == [(1, ABSENT, "yes")]


def test_each_change_names_the_node_that_wrote_it(answered):
    assert [turn.wrote for turn in turns(answered.desk, "t", "log")] == [("done",), ("ask",), ("__start__",)]


def test_a_channel_that_was_written_with_the_same_value_did_not_change(office):
    office.pause(graphs.one)
    graph = graphs.one(office.store.saver)
    for x in (0, 0, 7):
        graph.update_state(CONFIG, {"x": x}, as_node="ask")

    assert [(before, after) for _, before, after in told(office, "x")] == [(0, 7), (ABSENT, 0)]


def test_a_channel_that_never_was_has_no_history(answered):
    assert told(answered, "nothing") == []


def test_a_fork_is_compared_with_its_own_parent(answered):
    graph = graphs.one(answered.store.saver)
    asked = next(step for step in answered.desk.checkpoints.steps("t", limit=9) if step.step == 0)
    fork = {"configurable": {**CONFIG["configurable"], "checkpoint_id": asked.checkpoint_id, "checkpoint_ns": ""}}
    graph.update_state(fork, {"log": ["other"]}, as_node="ask")

    found = told(answered)

    assert (1, [], ["other"]) in found
    assert len(found) == 4


def test_a_history_is_read_as_far_as_it_is_asked_for(answered, monkeypatch):
    monkeypatch.setattr("signoff.channels._BATCH", 2)
    asked = []
    read = answered.desk.checkpoints.traces
    monkeypatch.setattr(
        answered.desk.checkpoints, "traces", lambda *a, **k: asked.append(k.get("before")) or read(*a, **k)
    )

    next(turns(answered.desk, "t", "log"))
    assert len(asked) == 1

    assert len(told(answered)) == 3


def test_a_step_is_found_by_its_id(answered):
    [newest, older, *_] = answered.desk.checkpoints.steps("t", limit=9)

    assert step_at(answered.desk, "t", older.checkpoint_id) == older
    assert step_at(answered.desk, "t", newest.checkpoint_id) == newest
    for wrong in ("", "nothing", older.checkpoint_id + "0", older.checkpoint_id[:-1]):
        with pytest.raises(ThreadNotFound):
            step_at(answered.desk, "t", wrong)


def test_an_unknown_thread_has_neither_history_nor_way(office):
    with pytest.raises(ThreadNotFound):
        told(office)
    with pytest.raises(ThreadNotFound):
        route(office.desk, "t")


def test_the_way_ends_at_the_question(office):
    office.pause(graphs.one)

    found = route(office.desk, "t")

    assert found.marks == {"__start__": "ran", "ask": "asks"}
    assert found.taken == {("__start__", "ask")}
    assert found.complete


def test_the_way_of_a_finished_thread_leads_to_the_end(answered):
    found = route(answered.desk, "t")

    assert found.marks == {"__start__": "ran", "ask": "ran", "done": "ran"}
    assert found.taken == {("__start__", "ask"), ("ask", "done"), ("done", "__end__")}


def test_the_way_to_an_earlier_step_leaves_out_what_came_later(answered):
    asked = next(step for step in answered.desk.checkpoints.steps("t", limit=9) if step.step == 1)

    found = route(answered.desk, "t", asked.checkpoint_id)

    assert found.marks["ask"] == "ran"
    assert ("done", "__end__") not in found.taken


def test_a_failed_node_is_marked(office):
    [review] = office.pause(graphs.typed)
    office.deliver(office.decide(review, {"n": 0}))

    assert route(office.desk, "t").marks["amount"] == "failed"


def test_a_node_before_which_the_thread_waits_is_marked(office):
    office.graphs.before = frozenset(["done"])
    graph = graphs.one(office.store.saver, interrupt_before=["done"])
    office.graphs.add("one", lambda saver: graphs.one(saver, interrupt_before=["done"]))
    config = {**CONFIG, "metadata": {"graph_id": "one"}}
    graph.invoke({"x": 0, "log": []}, config)
    [asked] = graph.get_state(CONFIG).interrupts
    graph.invoke(Command(resume={asked.id: "yes"}), config)
    office.desk.scan()

    assert route(office.desk, "t").marks == {"__start__": "ran", "ask": "ran", "done": "asks"}


@pytest.mark.parametrize("most", [1, 2])
def test_a_way_that_was_not_followed_to_its_beginning_says_so(answered, monkeypatch, most):
    monkeypatch.setattr("signoff.routes.MOST", most)

    assert not route(answered.desk, "t").complete
