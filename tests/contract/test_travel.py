"""Going back in time: one branch, the same state as LangGraph's own time travel makes, and nothing lands elsewhere."""

import asyncio
import operator
from contextlib import contextmanager
from typing import Annotated, TypedDict

import pytest
from contract import graphs
from contract.test_trouble import chain, impatient
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from signoff import apply, claims, travel
from signoff.branches import branches
from signoff.branching import begin_branch
from signoff.decisions import Outcome, Reviewer
from signoff.errors import (
    AlreadyDecided,
    CheckpointNotFound,
    HeldByAnother,
    InvalidAnswer,
    RequestKeyUsed,
    SignoffError,
    ThreadBusy,
    ThreadMoved,
    TravelImpossible,
)
from signoff.projection import is_unrun
from signoff.reviews import Kind
from signoff.run_config import FORKED_AT, FORKED_FROM, MARK, run_config
from signoff.threads import ThreadQuery, ThreadState

ADA = Reviewer(name="Ada")
CONFIG = {"configurable": {"thread_id": "t"}}


def leave(office, *, next, thread_id="t"):
    """Return the departure from the newest step after which these nodes were to run."""
    moments = office.desk.history(thread_id, limit=50)
    [at, *_] = [one.step for one in moments if one.step.next == next]
    return travel.departure(office.desk, thread_id, at.checkpoint_id)


def rerun(office, leaving, **more):
    return travel.rerun(office.desk, leaving, reviewer=ADA, comment="again", **more)


def fork(office, leaving, **more):
    return travel.fork(office.desk, leaving, reviewer=ADA, comment="to try", **more)


def steps(office, thread_id="t"):
    return [one.step for one in office.desk.history(thread_id, limit=100)]


def bare(make, *, next, values=None, as_node=None):
    """Return the values after LangGraph's own time travel on a thread of its own."""
    graph = make(InMemorySaver())
    graph.invoke({"x": 0, "log": []}, CONFIG)
    [at, *_] = [state.config for state in graph.get_state_history(CONFIG) if state.next == next]
    if values:
        at = graph.update_state(at, values, as_node=as_node)
    return graph.invoke(None, at)


# Run again


def test_running_again_ends_as_langgraphs_own_time_travel_does(office):
    office.pause(chain)

    settled = office.deliver(rerun(office, leave(office, next=("c",))))

    assert settled.outcome is Outcome.APPLIED, settled.error
    expected = bare(chain, next=("c",))
    assert office.values() == expected == {"x": 0, "log": ["a", "b", "c", "d"]}


def test_the_old_branch_stays_in_history_and_the_new_one_names_its_decision(office):
    office.pause(chain)
    before = steps(office)

    settled = office.deliver(rerun(office, leave(office, next=("c",))))

    now = steps(office)
    assert [one.checkpoint_id for one in now[-len(before) :]] == [one.checkpoint_id for one in before]
    new = now[: -len(before)]
    assert [one.metadata[MARK] for one in new] == [settled.id] * 3
    current, old = branches(now)
    assert (current.current, current.steps, current.left) == (True, 3, settled.checkpoint_id)
    assert (old.tip, old.left) == (before[0].checkpoint_id, None)
    assert [w["node"] for w in settled.wrote["writes"]] == ["c", "d"]
    assert settled.wrote["complete"]


def test_the_review_of_the_branch_that_is_left_is_closed_and_its_question_asked_anew(office):
    [old] = office.pause(graphs.one)

    settled = office.deliver(rerun(office, leave(office, next=("ask",))))

    [new] = office.reviews()
    assert settled.outcome is Outcome.APPLIED
    assert new.interrupt_id != old.interrupt_id
    with pytest.raises(SignoffError):
        office.decide(old, "late")
    assert office.deliver(office.decide(new, "yes")).outcome is Outcome.APPLIED
    assert office.values()["log"] == ["yes", "done"]


def test_an_answered_question_is_asked_again_with_its_answer_forgotten(office):
    [first] = office.pause(graphs.one)
    office.deliver(office.decide(first, "yes"))

    office.deliver(rerun(office, leave(office, next=("ask",))))

    [again] = office.reviews()
    office.deliver(office.decide(again, "no"))
    assert office.values()["log"] == ["no", "done"]


@pytest.mark.parametrize("make", graphs.ALL, ids=lambda make: make.__name__)
@pytest.mark.parametrize("start", [True, False], ids=["from the input", "from the first step"])
def test_every_way_to_pause_is_run_again_like_langgraph_does(office, make, start):
    reviews = office.pause(make)
    asked = sorted(str(office.desk.brief(one.id).waiting.payload) for one in reviews)
    step = steps(office)[-1 if start else 0]

    settled = office.deliver(rerun(office, travel.departure(office.desk, "t", step.checkpoint_id)))

    again = office.reviews()
    assert settled.outcome is Outcome.APPLIED, settled.error
    assert sorted(str(office.desk.brief(one.id).waiting.payload) for one in again) == asked
    assert not {one.interrupt_id for one in again} & {one.interrupt_id for one in reviews}
    for one in again:
        assert office.deliver(office.decide(one, {"n": 1})).outcome is Outcome.APPLIED


def test_nodes_side_by_side_all_run_again(office):
    office.pause(graphs.parallel)
    for review in office.reviews():
        office.deliver(office.decide(review, "old"))

    leaving = leave(office, next=("a", "b"))
    office.deliver(rerun(office, leaving))

    assert leaving.again == ("a", "b")
    for review in office.reviews():
        office.deliver(office.decide(review, f"new {review.title}"))
    assert office.values() == {"x": 0, "log": ["a:new a", "b:new b", "done"]}


def asynchronous(saver):
    async def ask(state):
        return {"log": [interrupt("async?")]}

    async def end(state):
        return {"log": ["end"]}

    graph = StateGraph(graphs.State)
    graph.add_node("ask", ask)
    graph.add_node("end", end)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "end")
    return graph.compile(checkpointer=saver)


def test_a_graph_with_async_nodes_is_run_again(office):
    office.graphs.add("asynchronous", asynchronous)

    def alike(saver):  # begins the thread: nodes that are async need an async saver
        graph = StateGraph(graphs.State)
        graph.add_node("ask", lambda state: {"log": [interrupt("async?")]})
        graph.add_node("end", lambda state: {"log": ["end"]})
        graph.add_edge(START, "ask")
        graph.add_edge("ask", "end")
        return graph.compile(checkpointer=saver)

    config = {**CONFIG, "metadata": {"graph_id": "asynchronous"}}
    alike(office.store.saver).invoke({"x": 0, "log": []}, config)

    office.deliver(rerun(office, leave(office, next=("ask",)), values={"x": 5}))
    [review] = office.reviews()
    office.deliver(office.decide(review, "yes"))

    assert office.values() == {"x": 5, "log": ["yes", "end"]}


def test_from_before_a_breakpoint_it_runs_past_it(office):
    office.graphs.before = frozenset({"c"})

    def stops(saver):
        return chain(saver, interrupt_before=["c"])

    office.pause(stops)

    settled = office.deliver(rerun(office, leave(office, next=("c",))))

    assert settled.outcome is Outcome.APPLIED
    assert office.values()["log"] == ["a", "b", "c", "d"]
    assert office.reviews() == []


# Edit and run


def test_the_edited_state_is_what_runs_and_reducers_do_not_append(office):
    office.pause(chain)

    settled = office.deliver(rerun(office, leave(office, next=("c",)), values={"x": 7, "log": ["mine"]}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values() == {"x": 7, "log": ["mine", "c", "d"]}


def test_an_edit_ends_as_langgraphs_own_update_and_run_does(office):
    office.pause(chain)

    office.deliver(rerun(office, leave(office, next=("c",)), values={"x": 7}))

    expected = bare(chain, next=("c",), values={"x": 7}, as_node="b")
    assert office.values() == expected


def test_only_what_was_changed_is_sent_and_what_it_was_is_on_record(office):
    office.pause(chain)
    leaving = leave(office, next=("c",))

    decision = rerun(office, leaving, values={"x": 7, "log": ["a", "b"]})

    assert decision.resume == {"action": "rerun", "values": {"x": 7}, "run": True, "head": leaving.head}
    assert decision.proposed["values"] == {"x": 0}
    assert (decision.reviewer, decision.comment) == (ADA, "again")
    assert leaving.state["properties"]["log"]["default"] == ["a", "b"]


def test_a_state_that_does_not_fit_is_refused_with_the_place(office):
    office.pause(chain)
    leaving = leave(office, next=("c",))

    for values in ({"x": "seven"}, {"y": 1}, {"x": 2**70}):
        with pytest.raises(InvalidAnswer):
            rerun(office, leaving, values=values)
    with pytest.raises(TravelImpossible, match="cannot be edited"):
        rerun(office, travel.departure(office.desk, "t", steps(office)[-1].checkpoint_id), values={"x": 1})
    assert office.desk.decisions()[1] == 0


def test_the_state_of_an_entrypoint_cannot_be_edited_but_it_can_be_run_again(office):
    office.pause(graphs.functional)
    leaving = travel.departure(office.desk, "t", steps(office)[0].checkpoint_id)

    with pytest.raises(TravelImpossible):
        rerun(office, leaving, values={"x": 1})
    assert office.deliver(rerun(office, leaving)).outcome is Outcome.APPLIED


# Fork


def test_a_fork_is_a_thread_of_its_own_that_says_where_it_came_from(office):
    office.pause(chain)
    before = steps(office)
    leaving = leave(office, next=("c",))

    settled = office.deliver(fork(office, leaving, to="new", values={"x": 7}))

    [only] = steps(office, "new")
    assert settled.outcome is Outcome.APPLIED, settled.error
    assert (only.next, dict(only.values)) == (("c",), {"x": 7, "log": ["a", "b"]})
    assert (only.metadata[FORKED_FROM], only.metadata[FORKED_AT]) == ("t", leaving.step.checkpoint_id)
    assert office.desk.graph_of("new") == ("chain", ())
    assert steps(office) == before


def test_a_fork_that_is_run_goes_on_by_itself_and_its_checkpoints_still_say_where_it_came_from(office):
    office.pause(chain)

    settled = office.deliver(fork(office, leave(office, next=("c",)), to="new", run=True))

    assert office.values("new")["log"] == ["a", "b", "c", "d"]
    assert {step.metadata[FORKED_FROM] for step in steps(office, "new")} == {"t"}
    assert [w["node"] for w in settled.wrote["writes"]] == ["c", "d"]


def state_of(office, thread_id):
    """Return what the index of threads says where nothing may be quiet for a moment."""
    with impatient(office):
        assert Kind.STALLED not in {review.kind for review in office.reviews(thread_id)}
    return office.desk.database.threads.page(ThreadQuery(search=thread_id)).threads[0].state


def test_a_fork_that_is_not_run_is_told_as_that_until_it_is(office):
    office.pause(graphs.one)
    office.deliver(fork(office, leave(office, next=("ask",)), to="new-1"))
    assert state_of(office, "new-1") is ThreadState.NOT_RUN

    office.deliver(rerun(office, leave(office, next=("ask",), thread_id="new-1")))
    assert state_of(office, "new-1") is ThreadState.WAITING

    office.deliver(fork(office, leave(office, next=("ask",), thread_id="new-1"), to="new-2"))
    assert state_of(office, "new-2") is ThreadState.NOT_RUN
    graphs.one(office.store.saver).invoke(None, {"configurable": {"thread_id": "new-2"}})
    assert state_of(office, "new-2") is ThreadState.WAITING


def test_a_fork_whose_run_died_is_not_told_as_not_run(office):
    office.pause(chain)
    decision = fork(office, leave(office, next=("c",)), to="new-1", run=True)

    async def begin():
        async with office.store.running() as saver:
            await begin_branch(chain(saver), run_config(decision, {}, resuming=False), decision)

    asyncio.run(begin())

    assert office.store.head("new-1").next == ("c",)
    assert not is_unrun(office.store.head("new-1"))


def test_a_fork_at_a_breakpoint_waits_there(office):
    office.pause(chain)
    office.graphs.before = frozenset({"c"})

    office.deliver(fork(office, leave(office, next=("c",)), to="new-1"))

    [review] = office.reviews("new-1")
    assert review.kind is Kind.BREAKPOINT


@pytest.mark.parametrize("make", graphs.ALL, ids=lambda make: make.__name__)
def test_answers_on_a_fork_and_on_its_original_land_on_their_own(office, make):
    originals = office.pause(make)
    leaving = travel.departure(office.desk, "t", steps(office)[0].checkpoint_id)
    before = steps(office)

    settled = office.deliver(fork(office, leaving, to="new", run=True))

    forks = office.reviews("new")
    assert settled.outcome is Outcome.APPLIED, settled.error
    assert steps(office) == before
    assert len(forks) == len(originals)
    assert not {one.interrupt_id for one in forks} & {one.interrupt_id for one in originals}
    for one in forks:
        assert office.deliver(office.decide(one, {"n": 2})).outcome is Outcome.APPLIED
    assert steps(office) == before
    assert {one.id for one in office.reviews()} == {one.id for one in originals}
    after = steps(office, "new")
    for one in originals:
        assert office.deliver(office.decide(one, {"n": 1})).outcome is Outcome.APPLIED
    assert steps(office, "new") == after


def test_a_fork_never_takes_the_place_of_a_thread_that_is_there(office):
    office.pause(chain)
    leaving = leave(office, next=("c",))
    decision = fork(office, leaving, to="new")
    chain(office.store.saver).invoke({"x": 5, "log": []}, {"configurable": {"thread_id": "new"}})
    theirs = steps(office, "new")

    settled = office.deliver(decision)

    assert settled.outcome is Outcome.SUPERSEDED
    assert steps(office, "new") == theirs
    with pytest.raises(TravelImpossible, match="already"):
        fork(office, leaving, to="new")


def remembering(saver):
    """Has a subgraph that counts its calls."""

    class Inner(TypedDict, total=False):
        x: int
        count: Annotated[int, operator.add]

    inner = StateGraph(Inner)
    inner.add_node("count", lambda state: {"count": 1, "x": state.get("count", 0) + 1})
    inner.add_edge(START, "count")
    graph = StateGraph(graphs.State)
    graph.add_node("inner", inner.compile(checkpointer=True))
    graph.add_node("again", lambda state: {})
    graph.add_edge(START, "inner")
    graph.add_edge("inner", "again")
    return graph.compile(checkpointer=saver)


def test_what_a_subgraph_remembers_is_what_it_remembered_then(office):
    office.pause(remembering)

    settled = office.deliver(rerun(office, leave(office, next=("inner",))))

    expected = bare(remembering, next=("inner",))
    assert settled.outcome is Outcome.APPLIED
    assert office.values()["x"] == expected["x"] == 1


def test_what_a_subgraph_remembers_survives_a_death_at_the_beginning_of_the_branch(office, monkeypatch):
    office.pause(remembering)
    decision = rerun(office, leave(office, next=("inner",)))
    with dying(monkeypatch, after_branch=True), pytest.raises(Dies):
        office.deliver(decision)

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert office.values()["x"] == 1


def test_a_thread_whose_subgraph_remembers_is_not_forked_without_its_memory(office):
    office.pause(remembering)

    settled = office.deliver(fork(office, leave(office, next=("again",)), to="new"))

    assert settled.outcome is Outcome.REFUSED
    assert "memory" in settled.error
    assert not list(office.store.checkpoints.heads(["new"]))


# What is refused


def test_a_reason_is_asked_for(office):
    office.pause(chain)
    with pytest.raises(TravelImpossible, match="why"):
        travel.rerun(office.desk, leave(office, next=("c",)), reviewer=ADA, comment="  ")


def test_a_checkpoint_that_is_not_there_is_said(office):
    office.pause(chain)
    with pytest.raises(CheckpointNotFound):
        travel.departure(office.desk, "t", "1f000000-0000-6000-8000-000000000000")


def test_where_the_thread_ended_there_is_nothing_to_run_again(office):
    office.pause(chain)
    leaving = leave(office, next=())

    with pytest.raises(TravelImpossible, match="Nothing was to run"):
        rerun(office, leaving)
    assert office.deliver(fork(office, leaving, to="copy")).outcome is Outcome.APPLIED
    assert office.values("copy") == office.values()


def test_a_thread_that_moved_on_since_is_not_turned_back(office):
    [review] = office.pause(graphs.one)
    leaving = leave(office, next=("ask",))
    office.deliver(office.decide(review, "yes"))

    with pytest.raises(ThreadMoved):
        rerun(office, leaving)


def test_a_thread_that_moved_on_before_the_engine_came_is_not_turned_back(office):
    office.pause(graphs.one)
    decision = rerun(office, leave(office, next=("ask",)))
    graphs.one(office.store.saver).invoke(Command(resume="elsewhere"), CONFIG)
    before = steps(office)

    assert office.deliver(decision).outcome is Outcome.SUPERSEDED
    assert steps(office) == before


def test_while_a_decision_is_under_way_there_is_no_going_back_and_the_other_way_round(office):
    [review] = office.pause(graphs.one)
    leaving = leave(office, next=("ask",))
    answered = office.decide(review, "yes")
    with pytest.raises(ThreadBusy):
        rerun(office, leaving)
    office.deliver(answered)

    rerun(office, leave(office, next=("ask",)))
    with pytest.raises(ThreadBusy):
        rerun(office, leave(office, next=("ask",)))


def test_while_somebody_goes_back_nobody_can_answer(office):
    [review] = office.pause(graphs.one)
    decision = rerun(office, leave(office, next=("ask",)))

    with pytest.raises(ThreadBusy):
        office.decide(review, "yes")
    office.deliver(decision)
    with pytest.raises((AlreadyDecided, SignoffError)):
        office.decide(review, "yes")


def test_who_works_on_a_review_of_the_thread_keeps_others_from_turning_it_back(office):
    [review] = office.pause(graphs.one)
    claims.claim(office.desk, review.id, reviewer=Reviewer(name="Grace"), minutes=5)
    leaving = leave(office, next=("ask",))

    with pytest.raises(HeldByAnother):
        rerun(office, leaving)
    assert office.deliver(fork(office, leaving)).outcome is Outcome.APPLIED
    again = travel.rerun(office.desk, leaving, reviewer=Reviewer(name="Grace"), comment="mine")
    assert office.deliver(again).outcome is Outcome.APPLIED


def test_a_running_thread_is_not_turned_back(office):
    office.pause(chain)
    leaving = leave(office, next=("c",))
    with office.store.checkpoints.lock("t"), pytest.raises(ThreadBusy, match="running"):
        rerun(office, leaving)


# Once


def test_the_same_click_again_is_the_same_decision(office):
    office.pause(chain)
    leaving = leave(office, next=("c",))

    first = rerun(office, leaving, token="click")
    second = rerun(office, leaving, token="click")
    office.deliver(first)
    third = rerun(office, leaving, token="click")

    assert first.id == second.id == third.id
    assert third.outcome is Outcome.APPLIED
    with pytest.raises(RequestKeyUsed):
        rerun(office, leaving, values={"x": 1}, token="click")
    forked = fork(office, leave(office, next=("c",)), token="other")
    office.deliver(forked)
    assert fork(office, leave(office, next=("c",)), token="other").id == forked.id
    assert len(branches(steps(office))) == 2


def test_one_can_go_back_to_the_same_step_again(office):
    office.pause(chain)
    for _ in range(2):
        assert office.deliver(rerun(office, leave(office, next=("c",)))).outcome is Outcome.APPLIED
    assert len(branches(steps(office))) == 3


def test_delivered_again_and_again_it_makes_one_branch(office):
    office.pause(chain)
    decision = rerun(office, leave(office, next=("c",)))
    for _ in range(3):
        office.deliver(decision)
    assert len(branches(steps(office))) == 2


class Dies(BaseException):
    """The process is gone."""


@contextmanager
def dying(monkeypatch, *, after_branch):
    real = apply.begin_branch

    async def dies(*given):
        if after_branch:
            await real(*given)
        raise Dies

    with monkeypatch.context() as patch:
        patch.setattr(apply, "begin_branch", dies)
        yield


@pytest.mark.parametrize("after_branch", [False, True], ids=["before its branch", "after its branch"])
@pytest.mark.parametrize("forks", [False, True], ids=["rerun", "fork"])
def test_a_death_leaves_one_branch_that_runs_to_its_end(office, monkeypatch, after_branch, forks):
    office.pause(chain)
    leaving = leave(office, next=("c",))
    decision = (
        fork(office, leaving, to="new", values={"x": 7}, run=True) if forks else rerun(office, leaving, values={"x": 7})
    )
    with dying(monkeypatch, after_branch=after_branch), pytest.raises(Dies):
        office.deliver(decision)
    office.desk.scan()
    assert office.reviews("new" if forks else "t") == []

    settled = office.deliver(decision)

    home = "new" if forks else "t"
    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values(home) == {"x": 7, "log": ["a", "b", "c", "d"]}
    made = [step for step in steps(office, home) if step.metadata.get(MARK) == decision.id]
    assert len([step for step in made if step.source == "fork"]) == 1


def test_it_is_in_the_audit_trail_whose_chain_holds(office):
    office.pause(chain)
    office.deliver(rerun(office, leave(office, next=("c",)), values={"x": 7}))

    assert office.desk.database.audit.verify() == []
    told = [entry.event for entry in office.desk.database.audit.entries()]
    assert told == ["recorded", "applying", "settled"]
