"""Timers live in the desk: whatever is killed, what expired meanwhile is decided once, by whoever comes next."""

import pytest

from signoff.decisions import Outcome
from signoff.reviews import Query, State

pytestmark = pytest.mark.chaos

ONCE = {"review": 1, "post": 1}


@pytest.fixture
def hurried(workspace):
    """A workspace in which nobody has long to decide; the desk of this process only looks on, it scans nothing."""
    (workspace.folder / "signoff.toml").write_text(
        '[[timeouts]]\ngraph = "pay"\nafter = 20\nthen = { answer = "too late" }\n'
    )
    return workspace


def listed(workspace):
    return workspace.desk.queue(Query()).reviews


def timer(workspace):
    """Return the timer of the workspace's one review, open or decided."""
    [review] = workspace.desk.queue(Query(states=tuple(State))).reviews or [None]
    return review and workspace.desk.database.timers.of(review.id)


def decided(workspace):
    return workspace.desk.database.decisions.of_thread("a")


def test_a_timer_that_was_set_by_a_killed_process_fires_in_the_next_one(hurried):
    hurried.pause("a")
    first = hurried.work()
    hurried.until(lambda: timer(hurried))
    set_for = timer(hurried).expires_at
    hurried.kill(first)
    assert decided(hurried) == ()

    hurried.work()
    hurried.until(lambda: decided(hurried))
    hurried.settled("a")

    [decision] = decided(hurried)
    assert (decision.reviewer.name, decision.reviewer.source, decision.outcome) == ("timeout", "timer", "applied")
    assert decision.recorded_at >= set_for
    assert timer(hurried).expires_at == set_for
    assert hurried.values("a") == {"answer": "too late", "posted": "too late"}
    assert hurried.ran("a") == ONCE


def test_a_process_that_is_killed_right_after_its_timer_fired_leaves_one_decision(hurried):
    hurried.pause("a")
    hurried.hold("a.begun")
    first = hurried.work()
    hurried.until(lambda: hurried.at("a.begun"))
    hurried.kill(first)
    hurried.let_go()

    hurried.work()
    hurried.settled("a")

    [decision] = decided(hurried)
    assert decision.outcome is Outcome.APPLIED
    assert hurried.ran("a") == ONCE


def test_an_answer_given_in_time_keeps_the_timer_of_another_process_from_deciding(hurried):
    hurried.pause("a")
    hurried.hold("a.review.before")
    hurried.work()
    hurried.until(lambda: listed(hurried))
    hurried.decide_on(listed(hurried)[0].id, "in time")
    hurried.until(lambda: timer(hurried).fires_at is None)
    hurried.let_go()
    hurried.settled("a")

    assert [decision.reviewer.name for decision in decided(hurried)] == ["Ada"]
    assert hurried.values("a")["answer"] == "in time"
