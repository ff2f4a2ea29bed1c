"""Time: a timer decides like anybody else, only what somebody wrote down; a snoozed review comes back by itself."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from contract import graphs
from langgraph.types import interrupt

from signoff import timing
from signoff.database import Database, timers
from signoff.decisions import Outcome, Reviewer
from signoff.desk import Desk
from signoff.errors import AlreadyDecided, GraphBroken, ReviewClosed, ReviewNotFound, SettingsInvalid
from signoff.reviews import Priority, Query, State

ADA = Reviewer(name="Ada")
APPROVAL = {
    "type": "object",
    "properties": {"approved": {"type": "boolean"}, "note": {"type": "string"}},
    "required": ["approved"],
}
PAST = "2001-01-01T00:00:00Z"
CALL = {"name": "pay", "args": {"amount": 1}}
CONFIG = {"action_name": "pay", "allowed_decisions": ["approve", "reject"]}


def asking(payload, schema=None):
    def ask(state):
        typed = {"response_schema": schema} if schema else {}
        return {"log": [interrupt(payload, **typed)]}

    def make(saver):
        return graphs._graph(saver, ask, graphs.done)

    return make


def expired(on_timeout, *, schema=APPROVAL, **payload):
    return asking({"question": "Pay?", "expires_at": PAST, "on_timeout": on_timeout, **payload}, schema)


def deliver(office, thread="t"):
    [decision] = office.desk.database.decisions.of_thread(thread)
    return office.deliver(decision)


def events(office):
    return [(entry.event, entry.body) for entry in office.desk.database.audit.entries()]


def asks_twice(saver):
    def both(state):
        first = interrupt("First?")
        return {"log": [first, interrupt({"question": "Second?", "timeout": 1, "on_timeout": {"approved": False}})]}

    return graphs._graph(saver, both, graphs.done)


def test_a_question_begins_when_it_is_asked_though_its_checkpoint_is_that_of_the_one_before(office):
    [first] = office.pause(asks_twice)
    time.sleep(1.2)  # longer than the second question may wait
    answered = datetime.now(UTC)
    office.deliver(office.decide(first, "yes"))

    [second] = [one for one in office.reviews() if one.id != first.id]
    assert second.checkpoint_id == first.checkpoint_id
    assert second.paused_at >= answered
    assert second.expires_at >= answered + timedelta(seconds=1)


def test_the_answer_that_the_graph_wrote_down_is_given_in_the_name_of_the_timer(office):
    [review] = office.pause(expired({"approved": True}))

    assert timing.tick(office.desk) == 1
    decision = deliver(office)

    assert decision.outcome is Outcome.APPLIED
    assert decision.reviewer == Reviewer(name="timeout", source="timer")
    assert decision.comment == "Nobody decided by 2001-01-01 00:00:00 UTC; its payload gives this answer."
    assert office.values()["log"] == [{"approved": True}, "done"]
    assert office.desk.database.audit.verify() == []
    assert office.reviews() == []
    assert timing.tick(office.desk) == 0
    assert office.desk.database.timers.of(review.id).fires_at


@pytest.mark.parametrize(
    ("payload", "schema", "resumed"),
    [
        ({}, APPROVAL, {"approved": False, "note": "Nobody decided in time."}),
        (
            {"action_requests": [CALL], "review_configs": [CONFIG]},
            None,
            {"decisions": [{"type": "reject", "message": "Nobody decided in time."}]},
        ),
        (
            {"action_request": {"action": "pay", "args": {}}, "config": {"allow_ignore": True, "allow_accept": True}},
            None,
            [{"type": "ignore", "args": None}],
        ),
        ({"message": "Pay?", "requestedSchema": APPROVAL}, None, {"action": "decline"}),
    ],
    ids=["declared", "hitl", "agent inbox", "mcp"],
)
def test_a_rejection_reaches_the_graph_in_the_words_of_its_dialect(office, payload, schema, resumed):
    office.pause(expired("reject", schema=schema, **payload))

    timing.tick(office.desk)

    assert deliver(office).resume == resumed
    assert office.values()["log"] == [resumed, "done"]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (expired("escalate"), "its payload says: escalate"),
        (expired("reject", schema=None), "no answer that clearly rejects"),
        (expired({"approved": "yes"}), "The answer to give does not fit (approved: must be"),
    ],
    ids=["as told", "nothing rejects", "does not fit"],
)
def test_what_is_not_decided_by_itself_is_escalated_once_and_on_record(office, make, why):
    [review] = office.pause(make)

    assert timing.tick(office.desk) == 1
    assert timing.tick(office.desk) == 0

    [escalated] = office.reviews()
    assert escalated.priority is Priority.URGENT
    assert escalated.escalated_at is not None
    assert escalated.state is State.WAITING
    [(event, body)] = events(office)
    assert (event, body["review_id"]) == ("escalated", review.id)
    assert why in body["why"]
    assert office.desk.database.audit.verify() == []
    office.desk.scanner.rebuild()
    assert office.reviews()[0] == escalated


def test_a_decision_cancels_the_timer(office):
    [review] = office.pause(expired("reject"))
    decision = office.decide(review, {"approved": True})

    timing.tick(office.desk)
    office.deliver(decision)
    timing.tick(office.desk)

    assert office.values()["log"] == [{"approved": True}, "done"]
    assert len(office.desk.decisions_on(review.id)) == 1
    assert timing.tick(office.desk) == 0


def test_whoever_comes_after_the_timer_is_told_that_it_decided(office):
    [review] = office.pause(expired("reject"))
    timing.tick(office.desk)

    with pytest.raises(AlreadyDecided, match="timeout"):
        office.decide(review, {"approved": True})


def test_nothing_happens_before_the_time_has_come(office):
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    [review] = office.pause(asking({"question": "Pay?", "expires_at": later, "on_timeout": "reject"}, APPROVAL))

    assert timing.tick(office.desk) == 0
    assert office.reviews()[0].expires_at == datetime.fromisoformat(later)
    assert office.desk.decisions_on(review.id) == ()


def test_a_deadline_counts_from_first_sight_through_a_rebuild_of_the_queue(office):
    [review] = office.pause(asking({"question": "Pay?", "timeout": 3600, "on_timeout": "reject"}, APPROVAL))
    first = office.desk.database.timers.of(review.id)

    office.desk.database.reviews.clear()
    office.desk.database.scans.forget()
    [again] = office.reviews()

    assert first.expires_at == first.seen_at + timedelta(hours=1)
    assert office.desk.database.timers.of(review.id) == first
    assert again.expires_at == review.expires_at == first.expires_at


def test_of_many_processes_that_fire_at_once_one_decides(office, tmp_path):
    [review] = office.pause(expired("reject"))
    desks = [Desk(office.store.checkpoints, database(office), office.graphs, office.desk.jobs) for _ in range(6)]
    ready = threading.Barrier(len(desks))

    def fire(desk):
        ready.wait()
        timing.tick(desk)

    with ThreadPoolExecutor(len(desks)) as pool:
        list(pool.map(fire, desks))
    for desk in desks:
        desk.database.close()

    assert len(office.desk.decisions_on(review.id)) == 1
    assert [event for event, _ in events(office)] == ["recorded"]


def database(office):
    return Database(office.desk.database.url)


def test_a_timer_that_cannot_fire_is_shown_tried_again_and_stops_no_other(office, monkeypatch):
    [broken] = office.pause(expired("reject"), "broken")
    office.graphs.broken = {broken.graph: GraphBroken(broken.graph, "no module named bank")}
    monkeypatch.setattr(timing, "backoff", lambda tries: timedelta(0))
    [other] = office.pause(expired("escalate"), "other")

    timing.tick(office.desk)

    timer = office.desk.database.timers.of(broken.id)
    assert "no module named bank" in timer.problem
    assert timer.tries == 1
    assert office.desk.database.timers.troubled() == [timer]
    assert office.desk.review(other.id).escalated_at
    office.graphs.broken = {}
    timing.tick(office.desk)
    assert deliver(office, "broken").outcome is Outcome.APPLIED


def test_waiting_for_the_next_try_gets_longer_up_to_an_hour():
    waits = [timers.backoff(tries) for tries in range(500)]

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=15), timedelta(hours=1))


def test_an_answer_that_the_graph_refuses_is_not_given_again_but_escalated(office, monkeypatch):
    monkeypatch.setattr(timing, "_SETTLING", timedelta(0))

    def ask(state):
        answer = interrupt(
            {"question": "Even?", "expires_at": PAST, "on_timeout": {"n": 0}}, response_schema=graphs.Amount
        )
        return {"x": 1 // answer.n}

    [review] = office.pause(lambda saver: graphs._graph(saver, ask, graphs.done))
    timing.tick(office.desk)
    assert deliver(office).outcome is Outcome.FAILED

    timing.tick(office.desk)
    timing.tick(office.desk)

    assert len(office.desk.database.decisions.of_thread("t")) == 1
    assert "was not taken" in next(body["why"] for event, body in events(office) if event == "escalated")
    assert office.desk.review(review.id).escalated_at
    office.desk.scanner.rebuild()
    assert office.desk.review(review.id).priority is Priority.URGENT


def test_a_time_that_cannot_be_read_breaks_nothing(office):
    [review] = office.pause(asking({"question": "Pay?", "expires_at": {"at": "noon"}, "on_timeout": "reject"}))

    known = timing.outlook(office.desk, office.desk.brief(review.id))

    assert review.expires_at is None
    assert known.timer is None
    assert known.plan.note == "Its expires_at cannot be read (dict)."
    assert timing.tick(office.desk) == 0


def listed(office, snoozed):
    return [review.id for review in office.desk.queue(Query(snoozed=snoozed)).reviews]


def test_a_snoozed_review_leaves_the_queue_and_comes_back_by_itself(office):
    [review] = office.pause(graphs.one)
    version = office.desk.version()

    timing.snooze(office.desk, review.id, datetime.now(UTC) + timedelta(hours=1), reviewer=ADA)

    assert (listed(office, False), listed(office, True)) == ([], [review.id])
    assert listed(office, None) == [review.id]
    assert office.desk.counts(today=datetime.now(UTC)).snoozed == 1
    assert office.desk.version() > version
    assert office.desk.database.snoozes.of(review.id).by == "Ada"
    assert timing.tick(office.desk) == 0
    version = office.desk.version()
    assert timing.tick(office.desk, now=datetime.now(UTC) + timedelta(hours=2)) == 1
    assert (listed(office, False), listed(office, True)) == ([review.id], [])
    assert office.desk.version() > version
    assert timing.tick(office.desk) == 0


def test_a_snooze_outlives_a_rebuild_of_the_queue_and_anybody_can_end_it(office):
    [review] = office.pause(graphs.one)
    until = datetime.now(UTC) + timedelta(days=1)
    timing.snooze(office.desk, review.id, until, reviewer=ADA)

    office.desk.scanner.rebuild()
    assert office.desk.review(review.id).follow_up_at == until
    timing.wake(office.desk, review.id, reviewer=Reviewer(name="Grace"))

    assert listed(office, False) == [review.id]
    office.desk.scanner.rebuild()
    assert listed(office, False) == [review.id]
    assert [(event, body["by"]) for event, body in events(office)] == [("snoozed", "Ada"), ("woken", "Grace")]


def test_a_graph_can_put_its_question_off_and_people_have_the_last_word(office):
    [review] = office.pause(asking({"question": "Pay?", "follow_up_at": "2099-01-01T00:00:00Z"}))

    assert listed(office, True) == [review.id]
    timing.wake(office.desk, review.id, reviewer=ADA)
    office.desk.scanner.look(["t"])

    assert listed(office, False) == [review.id]


def test_an_answer_can_be_given_to_a_snoozed_review(office):
    [review] = office.pause(graphs.one)
    timing.snooze(office.desk, review.id, datetime.now(UTC) + timedelta(days=1), reviewer=ADA)

    assert office.deliver(office.decide(review, "yes")).outcome is Outcome.APPLIED


def test_an_escalation_wakes_what_was_snoozed(office):
    later = datetime.now(UTC) + timedelta(days=1)
    [review] = office.pause(expired("escalate", follow_up_at=later.isoformat()))
    timing.snooze(office.desk, review.id, later, reviewer=ADA)

    timing.tick(office.desk)

    assert listed(office, False) == [review.id]
    assert office.desk.database.snoozes.of(review.id).by == "timeout"


def test_only_open_reviews_are_snoozed_and_only_until_a_time_to_come(office):
    [review] = office.pause(graphs.one)
    later = datetime.now(UTC) + timedelta(days=1)

    with pytest.raises(SettingsInvalid, match="is past"):
        timing.snooze(office.desk, review.id, datetime.now(UTC), reviewer=ADA)
    with pytest.raises(ReviewNotFound):
        timing.wake(office.desk, "f" * 16, reviewer=ADA)
    office.deliver(office.decide(review, "yes"))
    with pytest.raises(ReviewClosed):
        timing.snooze(office.desk, review.id, later, reviewer=ADA)
    assert {"snoozed", "woken"}.isdisjoint(event for event, _ in events(office))
