"""Threads that wait without a question: each kind is seen, explained, and mended in each way."""

import operator
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypedDict

import pytest
from contract import graphs
from langchain_core.messages import HumanMessage
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Send
from pydantic import BaseModel

from signoff import steering
from signoff.decisions import Outcome, Reviewer
from signoff.errors import InvalidAnswer, ReviewClosed
from signoff.graphs.loop import run_on_graph_loop
from signoff.graphs.shape import shape_of
from signoff.reviews import Kind, State
from signoff.scanner import Scanner
from signoff.steering import steer

CONFIG = {"configurable": {"thread_id": "t"}}


def chain(saver, **compiled):
    """Runs a, b, c and d one after another."""
    nodes = []
    for name in "abcd":

        def node(state, name=name):
            return {"log": [name]}

        node.__name__ = name
        nodes.append(node)
    return graphs._graph(saver, *nodes, **compiled)


def stops_before_c(saver):
    return chain(saver, interrupt_before=["c"])


def forked(saver):
    """Runs a, then b and c side by side, then d; stops before d and before b."""
    graph = StateGraph(graphs.State)
    for name in "abcd":
        graph.add_node(name, lambda state, name=name: {"log": [name]})
    graph.add_edge(START, "a")
    graph.add_edge("a", "b")
    graph.add_edge("a", "c")
    graph.add_edge(["b", "c"], "d")
    return graph.compile(checkpointer=saver, interrupt_before=["b", "d"])


class Broken:
    """A node that fails until it is mended."""

    def __init__(self):
        self.mended, self.runs = False, 0

    def graph(self, saver):
        def book(state):
            self.runs += 1
            if not self.mended and state.get("x", 0) == 0:
                raise ConnectionError("the bank is closed\nCall 555")
            return {"log": [f"booked {state['x']}"]}

        return graphs._graph(saver, book, graphs.done)


@pytest.fixture
def paused(office):
    """A thread at a breakpoint before c."""
    office.graphs.before = frozenset({"c"})
    [review] = office.pause(stops_before_c)
    return review


@pytest.fixture
def broken(office):
    """A thread whose node raised."""
    node = Broken()
    with pytest.raises(ConnectionError):
        office.pause(node.graph)
    return node


@contextmanager
def impatient(office, seconds=0.0):
    """Let a thread count as stalled at once."""
    desk = office.desk
    patient, desk.scanner = (
        desk.scanner,
        Scanner(desk.checkpoints, desk.database, desk.graphs, stalled_after=timedelta(seconds=seconds)),
    )
    yield
    desk.scanner = patient


def dead_between_steps(office, make=chain, **more):
    """Leave a thread as a process does that dies before c."""
    office.graphs.add(make.__name__, make)
    config = {**CONFIG, "metadata": {"graph_id": make.__name__, **more}}
    make(office.store.saver).invoke({"x": 0, "log": []}, config, interrupt_before=["c"])


def crashed(office, decision):
    """Leave the decision as a crash does: it was being applied, and has no outcome."""
    office.desk.database.decisions.begin(decision.id, checkpoint_before=decision.checkpoint_id)
    return office.desk.decision(decision.id)


def change(office, decision):
    """Change the thread as the engine does for this decision, and no more."""
    config = {**CONFIG, "metadata": {"signoff_decision": decision.id, "graph_id": "stops_before_c"}}

    async def changed():
        async with office.store.running() as saver:
            await steer(stops_before_c(saver), config, decision.resume)

    run_on_graph_loop(changed())
    return config


class Dies(BaseException):
    """The process is gone."""


@contextmanager
def dying_after(monkeypatch, writes):
    """Let the process die in the moment when it has written that many checkpoints of a changed state or course."""
    made = []

    def counting(name):
        real = getattr(steering, name)

        async def step(graph, config, *more):
            if len(made) == writes:
                raise Dies
            made.append(name)
            await real(graph, config, *more)

        return step

    with monkeypatch.context() as patch:
        for name in ("_clear", "_write"):
            patch.setattr(steering, name, counting(name))
        yield


# Breakpoints


def test_a_breakpoint_offers_to_go_on_to_edit_to_skip_and_to_end(office, paused):
    card = office.desk.brief(paused.id).waiting.card

    assert [one["properties"]["action"]["const"] for one in card.schema["oneOf"]] == ["continue", "edit", "skip", "end"]
    assert card.prefill == {"action": "continue"}


def test_an_edited_state_is_what_the_thread_goes_on_with(office, paused):
    edited = {"action": "edit", "values": {"x": 7, "log": ["mine"]}}

    settled = office.deliver(office.decide(paused, edited))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values() == {"x": 7, "log": ["mine", "c", "d"]}


def test_only_what_was_changed_is_sent_and_recorded(office, paused):
    brief = office.desk.brief(paused.id)
    assert brief.waiting.card.schema["oneOf"][1]["properties"]["values"]["properties"]["log"]["default"] == ["a", "b"]

    decision = office.decide(paused, {"action": "edit", "values": {"x": 7, "log": ["a", "b"]}})

    assert decision.resume == {"action": "edit", "values": {"x": 7}}
    assert decision.answer["values"]["log"] == ["a", "b"]


def test_a_state_that_does_not_fit_its_type_is_refused_with_the_place(office, paused):
    with pytest.raises(InvalidAnswer, match="x"):
        office.decide(paused, {"action": "edit", "values": {"x": "seven"}})
    with pytest.raises(InvalidAnswer):
        office.decide(paused, {"action": "edit", "values": {"y": 1}}, raw=True)


@pytest.mark.parametrize(("to", "log"), [("d", ["a", "b", "d"]), ("a", ["a", "b", "a", "b"])])
def test_a_thread_goes_on_at_the_node_it_is_sent_to(office, paused, to, log):
    settled = office.deliver(office.decide(paused, {"action": "skip", "to": to}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values()["log"] == log


def test_a_node_that_is_not_there_cannot_be_skipped_to(office, paused):
    with pytest.raises(InvalidAnswer):
        office.decide(paused, {"action": "skip", "to": "nowhere"})


def test_an_ended_thread_has_nothing_to_run_and_says_why(office, paused):
    settled = office.deliver(office.decide(paused, {"action": "end", "reason": "ordered twice"}))

    assert (settled.outcome, settled.resume["reason"]) == (Outcome.APPLIED, "ordered twice")
    assert stops_before_c(office.store.saver).get_state(CONFIG).next == ()
    assert office.values()["log"] == ["a", "b"]
    assert office.reviews() == []


def test_ending_needs_a_reason(office, paused):
    with pytest.raises(InvalidAnswer):
        office.decide(paused, {"action": "end"})


def test_an_edit_leaves_side_by_side_nodes_and_what_joins_them_as_they_were(office):
    office.graphs.before = frozenset({"b", "d"})
    [fork] = office.pause(forked)
    office.deliver(office.decide(fork, {"action": "edit", "values": {"log": ["mine"]}}))
    [join] = office.reviews()

    office.deliver(office.decide(join, {"action": "edit", "values": {"x": 3}}))

    assert office.values() == {"x": 3, "log": ["mine", "b", "c", "d"]}


def test_a_skip_away_from_a_join_leaves_the_join_behind(office):
    office.graphs.before = frozenset({"b", "d"})
    [fork] = office.pause(forked)
    office.deliver(office.decide(fork, {"action": "continue"}))
    [join] = office.reviews()

    office.deliver(office.decide(join, {"action": "skip", "to": "c"}))

    assert office.values()["log"] == ["a", "b", "c", "c"]
    assert forked(office.store.saver).get_state(CONFIG).next == ()


def test_an_edit_keeps_the_packets_that_were_sent(office):
    def sends(saver):
        graph = StateGraph(graphs.State)
        graph.add_node("split", lambda state: {"x": 1})
        graph.add_node("assess", lambda packet: {"log": [packet["x"]]})
        graph.add_edge(START, "split")
        graph.add_conditional_edges("split", lambda state: [Send("assess", {"x": i}) for i in range(3)])
        return graph.compile(checkpointer=saver, interrupt_before=["assess"])

    office.graphs.before = frozenset({"assess"})
    [review] = office.pause(sends)
    office.deliver(office.decide(review, {"action": "edit", "values": {"x": 5}}))

    assert office.values() == {"x": 5, "log": [0, 1, 2]}


class Order(BaseModel):
    number: int


class Shop(TypedDict, total=False):
    order: Order
    log: Annotated[list, operator.add]


def test_an_edited_model_is_given_to_the_node_as_that_model(office):
    def shop(saver):
        graph = StateGraph(Shop)
        graph.add_node("fill", lambda state: {"order": Order(number=1)})
        graph.add_node("ship", lambda state: {"log": [state["order"].number]})
        graph.add_edge(START, "fill")
        graph.add_edge("fill", "ship")
        return graph.compile(checkpointer=saver, interrupt_before=["ship"])

    office.graphs.before = frozenset({"ship"})
    [review] = office.pause(shop)
    settled = office.deliver(office.decide(review, {"action": "edit", "values": {"order": {"number": 2}}}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values()["log"] == [2]


class Mixed(TypedDict, total=False):
    x: int
    seen: dict
    messages: Annotated[list, add_messages]
    log: Annotated[list, operator.add]


SEEN = {"at": datetime(2026, 3, 1, tzinfo=UTC), "raw": b"ab", 7: "seven", "note": "old"}


def mixed(saver):
    graph = StateGraph(Mixed)
    graph.add_node("fill", lambda state: {"seen": SEEN, "messages": [HumanMessage("hi", id="1")]})
    graph.add_node("ship", lambda state: {"log": [type(state["messages"][0]).__name__, state["seen"]["at"].year]})
    graph.add_edge(START, "fill").add_edge("fill", "ship")
    return graph.compile(checkpointer=saver, interrupt_before=["ship"])


def test_what_stands_beside_an_edited_value_keeps_its_type(office):
    office.graphs.before = frozenset({"ship"})
    [review] = office.pause(mixed)
    values = office.desk.history("t", limit=1)[0].step.values
    values["seen"]["note"], values["messages"][0]["content"] = "new", "hello"
    settled = office.deliver(office.decide(review, {"action": "edit", "values": values}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert set(settled.resume["values"]) == {"seen", "messages"}
    held = mixed(office.store.saver).get_state(CONFIG).values
    assert repr(held["seen"]) == repr(SEEN | {"note": "new"})
    assert held["messages"] == [HumanMessage("hello", id="1")]
    assert held["log"] == ["HumanMessage", 2026]


def test_a_value_that_json_does_not_have_keeps_nobody_from_editing_another(office):
    def measured(saver):
        graph = StateGraph(Mixed)
        graph.add_node("fill", lambda state: {"seen": {"risk": float("nan")}})
        graph.add_node("ship", lambda state: {"log": [state["x"]]})
        graph.add_edge(START, "fill").add_edge("fill", "ship")
        return graph.compile(checkpointer=saver, interrupt_before=["ship"])

    office.graphs.before = frozenset({"ship"})
    [review] = office.pause(measured)
    [edit] = [one for one in office.desk.brief(review.id).waiting.card.schema["oneOf"] if "values" in one["properties"]]
    offered = edit["properties"]["values"]["properties"]
    assert set(offered) == {"x", "messages", "log"}
    values = {name: one.get("default") for name, one in offered.items() if name != "messages"} | {"x": 4}

    settled = office.deliver(office.decide(review, {"action": "edit", "values": values}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values()["log"] == [4]


def deferred(saver):
    return graphs.deferred(saver, interrupt_before=["last"])


def deferred_join(saver):
    return graphs.deferred_join(saver, interrupt_before=["last"])


@pytest.mark.parametrize(
    ("answer", "log"),
    [
        ({"action": "continue"}, ["done", "done", "yes", "done"]),
        ({"action": "edit", "values": {"log": ["mine"]}}, ["mine", "done"]),
        ({"action": "skip", "to": "ask"}, ["done", "done", "yes"]),
        ({"action": "end", "reason": "twice"}, ["done", "done", "yes"]),
    ],
    ids=["continue", "edit", "skip", "end"],
)
@pytest.mark.parametrize("make", [deferred, deferred_join], ids=lambda make: make.__name__)
def test_before_a_deferred_node_a_thread_is_steered_as_anywhere(office, make, answer, log):
    office.graphs.before = frozenset({"last"})
    [question] = office.pause(make)
    office.deliver(office.decide(question, "yes"))
    [review] = office.reviews()
    assert (review.kind, review.node) == (Kind.BREAKPOINT, "last")

    settled = office.deliver(office.decide(review, answer))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values()["log"] == log
    asks_again = answer["action"] == "skip"
    assert [review.node for review in office.reviews()] == ["ask"] * asks_again
    assert make(office.store.saver).get_state(CONFIG).next == ("ask",) * asks_again


def test_a_change_that_the_graph_cannot_take_changes_nothing(office, paused, monkeypatch):
    monkeypatch.setattr("signoff.steering.edited_value", lambda channel, value, stored: int("no number"))

    settled = office.deliver(office.decide(paused, {"action": "edit", "values": {"x": 7}}))

    assert settled.outcome is Outcome.REFUSED
    assert [review.id for review in office.reviews()] == [paused.id]


ACTIONS = [
    ({"action": "edit", "values": {"log": ["mine"]}}, ["mine", "c", "d"]),
    ({"action": "skip", "to": "d"}, ["a", "b", "d"]),
    ({"action": "end", "reason": "no"}, ["a", "b"]),
]


@pytest.mark.parametrize(
    ("answer", "log", "writes"), [(*ACTIONS[0], 0), (*ACTIONS[1], 0), (*ACTIONS[1], 1), (*ACTIONS[2], 0)]
)
def test_a_change_that_was_interrupted_by_a_crash_is_made_once(office, paused, monkeypatch, answer, log, writes):
    decision = office.decide(paused, answer)
    with dying_after(monkeypatch, writes), pytest.raises(Dies):
        office.applier.apply(decision)

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert office.values()["log"] == log


@pytest.mark.parametrize("stage", ["changed", "run", "end"])
@pytest.mark.parametrize(("answer", "log"), ACTIONS, ids=["edit", "skip", "end"])
def test_a_run_that_was_interrupted_behind_a_change_is_gone_on_with(office, paused, answer, log, stage):
    decision = crashed(office, office.decide(paused, answer))
    marked = change(office, decision)
    if stage != "changed" and answer["action"] != "end":
        stops_before_c(office.store.saver).invoke(
            None, marked, durability="sync", interrupt_before=["d"] if stage == "run" else None
        )

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert office.values()["log"] == log


def test_a_changed_thread_whose_run_has_not_begun_is_not_shown_as_waiting(office, paused):
    decision = crashed(office, office.decide(paused, {"action": "edit", "values": {"x": 1}}))
    change(office, decision)

    assert office.reviews() == []


def test_a_breakpoint_of_an_unknown_graph_shows_nothing_to_edit(office):
    stops_before_c(office.store.saver).invoke({"x": 0}, CONFIG)

    with impatient(office):
        [review] = office.reviews()
        card = office.desk.brief(review.id).waiting.card

    assert review.kind is Kind.STALLED
    assert card.schema["properties"]["action"] == {"const": "continue"}


# Failed


def test_a_failed_node_says_why_and_offers_three_ways_on(office, broken):
    [failed] = office.reviews()
    card = office.desk.brief(failed.id).waiting.card

    assert (failed.state, failed.reason) == (State.FAILED, "ConnectionError('the bank is closed\\nCall 555')")
    assert [one["properties"]["action"]["const"] for one in card.schema["oneOf"]] == ["retry", "edit", "end"]


def test_a_failed_node_runs_again_on_an_edited_state(office, broken):
    [failed] = office.reviews()

    settled = office.deliver(office.decide(failed, {"action": "edit", "values": {"x": 4}}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values() == {"x": 4, "log": ["booked 4", "done"]}
    assert broken.runs == 2


def test_a_retry_that_fails_again_can_be_retried(office, broken):
    [failed] = office.reviews()
    first = office.deliver(office.decide(failed, {"action": "retry"}))
    broken.mended = True
    [again] = office.reviews()
    second = office.deliver(office.decide(again, {"action": "retry"}))

    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.APPLIED)
    assert office.values()["log"] == ["booked 0", "done"]


def test_a_failed_thread_can_be_ended(office, broken):
    [failed] = office.reviews()

    settled = office.deliver(office.decide(failed, {"action": "end", "reason": "gave up"}))

    assert settled.outcome is Outcome.APPLIED
    assert office.reviews() == []
    assert broken.runs == 1


def test_ending_keeps_what_finished_beside_the_failure_and_starts_nothing_else(office):
    def beside(saver):
        graph = StateGraph(graphs.State)
        graph.add_node("good", lambda state: {"log": ["good"]})
        graph.add_node("bad", lambda state: time.sleep(0.2) or {"x": 1 // 0})  # `good` has written by then
        graph.add_node("after", lambda state: {"log": ["after"]})
        graph.add_edge(START, "good")
        graph.add_edge(START, "bad")
        graph.add_edge("good", "after")
        return graph.compile(checkpointer=saver)

    with pytest.raises(ZeroDivisionError):
        office.pause(beside)
    [failed] = office.reviews()
    offered = office.desk.brief(failed.id).waiting.card.schema["oneOf"]
    office.deliver(office.decide(failed, {"action": "end", "reason": "no"}))

    assert [one["properties"]["action"]["const"] for one in offered] == ["retry", "end"]  # an edit would drop `after`
    assert office.values()["log"] == ["good"]
    assert beside(office.store.saver).get_state(CONFIG).next == ()


# Stuck


def test_a_stuck_question_is_asked_again_with_the_old_answer_in_the_form(office):
    [review] = office.pause(graphs.typed)
    office.deliver(office.decide(review, {"n": 0}))
    [stuck] = office.reviews()
    office.deliver(office.decide(stuck, {"action": "ask again"}))
    [again] = office.reviews()

    assert again.id != review.id
    assert office.desk.brief(again.id).waiting.card.prefill == {"n": 0}


def test_another_question_of_the_node_is_not_prefilled(office):
    [review] = office.pause(graphs.second_typed)
    office.deliver(office.decide(review, "yes"))
    [second] = office.reviews()

    assert office.desk.brief(second.id).waiting.card.prefill != "yes"


def test_a_stuck_thread_can_be_ended(office):
    [review] = office.pause(graphs.typed)
    office.deliver(office.decide(review, {"n": 0}))
    [stuck] = office.reviews()

    settled = office.deliver(office.decide(stuck, {"action": "end", "reason": "no"}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.reviews() == []


# Stalled


def test_a_thread_that_died_between_steps_is_stalled_after_a_while_and_continued(office):
    dead_between_steps(office)
    assert office.reviews() == []
    with impatient(office):
        [stalled] = office.reviews()
        assert (stalled.kind, stalled.state, stalled.title) == (Kind.STALLED, State.STALLED, "Continue with c?")

        settled = office.deliver(office.decide(stalled, {"action": "continue"}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values()["log"] == list("abcd")
    assert office.reviews() == []


def test_a_stalled_thread_can_be_ended(office):
    dead_between_steps(office)
    with impatient(office):
        [stalled] = office.reviews()
        office.deliver(office.decide(stalled, {"action": "end", "reason": "too old"}))

    assert chain(office.store.saver).get_state(CONFIG).next == ()


def test_a_thread_is_looked_at_again_when_it_is_old_enough_though_nothing_is_written(office):
    dead_between_steps(office)
    with impatient(office, seconds=3):
        assert office.reviews() == []
        time.sleep(3)

        [stalled] = office.reviews()

    assert stalled.kind is Kind.STALLED


def test_a_thread_that_becomes_old_enough_while_it_is_being_read_is_not_forgotten(office, monkeypatch):
    dead_between_steps(office)
    project = office.desk.database.reviews.project

    def slowly(*what):
        time.sleep(3.1)
        return project(*what)

    monkeypatch.setattr(office.desk.database.reviews, "project", slowly)
    with impatient(office, seconds=3):
        [stalled] = office.reviews()

    assert stalled.kind is Kind.STALLED


def test_a_thread_that_is_running_through_signoff_is_not_stalled(office):
    dead_between_steps(office)
    with impatient(office):
        with office.store.checkpoints.lock("t"):
            assert office.store.checkpoints.busy("t")
            assert office.reviews() == []

        office.desk.scanner.look(["t"])
        assert [review.kind for review in office.desk.open_on("t")] == [Kind.STALLED]


def test_a_thread_that_goes_on_elsewhere_is_no_longer_stalled(office):
    dead_between_steps(office)
    with impatient(office):
        [stalled] = office.reviews()
        chain(office.store.saver).invoke(None, CONFIG)

        assert office.reviews() == []
        with pytest.raises(ReviewClosed):
            office.decide(stalled, {"action": "continue"})


@pytest.mark.parametrize("make", graphs.ALL, ids=lambda make: make.__name__)
def test_a_thread_that_waits_or_has_finished_is_never_stalled(office, make):
    with impatient(office):
        waiting = office.pause(make)
        for _ in range(10):
            assert {review.kind for review in waiting} <= {Kind.INTERRUPT}
            for review in waiting:
                schema = office.desk.brief(review.id).waiting.schema
                office.deliver(office.decide(review, {"n": 1} if schema else "yes"))
            waiting = office.reviews()

        assert waiting == []


def test_a_stalled_thread_that_was_decided_is_shown_as_being_applied(office):
    dead_between_steps(office)
    with impatient(office):
        [stalled] = office.reviews()
        office.desk.decide(stalled.id, {"action": "continue"}, reviewer=Reviewer(name="Ada"))
        office.desk.scanner.look(["t"])

        assert [review.state for review in office.desk.open_on("t")] == [State.APPLYING]


def test_shapes_leave_out_what_is_not_state():
    shape = shape_of(graphs.one(None))

    assert shape.nodes == ("ask", "done")
    assert set(shape.channels) == {"x", "log"}
    assert shape_of(graphs.functional(None)).nodes == ()
