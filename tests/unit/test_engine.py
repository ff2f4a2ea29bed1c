"""The engine with the real DBOS on a desk of its own: what is recorded is applied, whoever starts when."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from filelock import FileLock
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from signoff.decisions import Decision, Outcome, Reviewer
from signoff.engine import alive, wait_for
from signoff.reviews import Query, State
from signoff.settings import read_settings
from signoff.wiring import open_desk, open_engine


def ask(state):
    return {"log": [*state["log"], interrupt("Pay?")]}


def post(state):
    time.sleep(float(os.environ.get("POSTING_TAKES", "0")))
    return {"log": [*state["log"], "posted"]}


builder = StateGraph(dict).add_sequence([ask, post]).add_edge(START, "ask")
GRAPH = f"pay={Path(__file__)}:builder"


class Office:
    """A folder with paused threads; any number of desks and engines are opened on it, one after another."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "pay.sqlite"
        self.opened: list = []
        self.desk, self.engine = self.open(GRAPH)

    def open(self, *graphs: str):
        settings = read_settings(db=str(self.db), graph=graphs)
        desk = open_desk(settings)
        self.opened.append((desk, open_engine(desk, settings)))
        return self.opened[-1]

    def decide(self, thread: str, answer="yes") -> Decision:
        [review] = self.desk.queue(Query(thread_id=thread)).reviews
        return self.desk.decide(review.id, answer, reviewer=Reviewer(name="Ada"))

    def outcome(self, decision: Decision) -> Outcome:
        return wait_for(self.desk.database, decision.id, seconds=60).outcome

    def log(self, thread: str):
        return self.desk.history(thread, limit=1)[0].step.values["__root__"]["log"]

    def close(self) -> None:
        for desk, engine in self.opened:
            engine.stop()
            desk.close()


def until(seen, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def office(tmp_path):
    with closing(sqlite3.connect(tmp_path / "pay.sqlite", check_same_thread=False)) as connection:
        graph = builder.compile(checkpointer=SqliteSaver(connection))
        for thread in ("t1", "t2"):
            graph.invoke({"log": []}, {"configurable": {"thread_id": thread}, "metadata": {"graph_id": "pay"}})
    opened = Office(tmp_path)
    opened.desk.scan()
    yield opened
    opened.close()


def test_what_was_recorded_while_no_engine_ran_is_applied_once_one_starts(office):
    decision = office.decide("t1")
    assert (office.desk.decision(decision.id).outcome, alive(office.desk.database)) == ("recorded", False)

    assert office.engine.start()

    assert office.outcome(decision) == "applied"
    assert office.log("t1") == ["yes", "posted"]
    until(lambda: office.desk.queue(Query(thread_id="t1")).total == 0)  # looked at once it is settled


def test_an_engine_that_was_stopped_can_be_started_again(office):
    with office.engine:
        assert office.outcome(office.decide("t1")) == "applied"
    assert not office.engine.running

    with office.engine:
        assert office.outcome(office.decide("t2")) == "applied"


def test_an_engine_that_is_stopped_finishes_what_it_runs(office, monkeypatch):
    monkeypatch.setenv("POSTING_TAKES", "0.5")
    office.engine.start()
    decision = office.decide("t1")
    until(lambda: office.engine.busy)

    office.engine.stop()

    assert office.desk.decision(decision.id).outcome == "applied"


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.2, 0.25, 0.3])
def test_whenever_an_engine_is_stopped_a_decision_is_applied_once_in_the_end(office, moment):
    with office.engine:
        decision = office.decide("t1")
        time.sleep(moment)

    with office.engine:
        assert office.outcome(decision) == "applied"
    assert office.log("t1") == ["yes", "posted"]


def test_a_desk_has_one_engine_at_a_time(office):
    _, second = office.open(GRAPH)
    elsewhere = FileLock(f"{office.desk.database.file}.engine.lock")

    with elsewhere:
        assert (office.engine.start(), alive(office.desk.database)) == (False, True)
    assert office.engine.start()
    assert (second.start(), second.running, office.engine.running) == (False, False, True)

    second.stop()
    assert office.engine.running
    office.engine.stop()
    assert second.start()


@pytest.mark.parametrize("which", ["WHERE workflow_uuid = :id", ""], ids=["its own", "all"])
def test_a_decision_whose_job_was_lost_is_applied_all_the_same_and_once(office, which):
    first, second = office.decide("t1"), office.decide("t2")
    with office.desk.database.writing() as connection:
        connection.execute(sa.text(f"DELETE FROM workflow_status {which}"), {"id": first.id})

    with office.engine:
        assert (office.outcome(first), office.outcome(second)) == ("applied", "applied")
        office.engine.sweep()

    assert (office.log("t1"), office.log("t2")) == (["yes", "posted"], ["yes", "posted"])


def test_a_decision_whose_graph_is_not_loaded_here_waits_for_an_engine_that_has_it(office):
    decision = office.decide("t1")
    _, without_graph = office.open()

    without_graph.start()
    until(lambda: office.desk.decision(decision.id).error)
    without_graph.stop()
    waiting = office.desk.decision(decision.id)
    assert (waiting.outcome, "which graph thread 't1' belongs to" in waiting.error) == ("recorded", True)

    office.engine.start()
    assert office.outcome(decision) == "applied"
    assert office.desk.decision(decision.id).error is None


def test_a_job_that_is_delivered_once_more_runs_nothing(office):
    decision = office.decide("t1")
    with office.engine:
        office.outcome(decision)
        before = office.desk.history("t1", limit=100)

        office.engine.deliver(decision.id)
        office.engine.deliver("no such decision")

    assert office.desk.history("t1", limit=100) == before


def test_a_decision_that_was_settled_by_one_who_died_right_then_leaves_nothing_applying(office):
    decision = office.decide("t1")
    office.desk.database.decisions.settle(decision.id, Outcome.REFUSED, error="does not fit")
    office.desk.scan()
    assert office.desk.review(decision.review_id).state is State.APPLYING  # nothing has moved in the thread

    office.engine.deliver(decision.id)

    assert office.desk.review(decision.review_id).state is State.WAITING
