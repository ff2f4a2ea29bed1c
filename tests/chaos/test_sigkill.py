"""Nothing recorded is lost and nothing is doubled, whatever is killed and whenever."""

import time
from contextlib import suppress
from subprocess import TimeoutExpired

import pytest

from signoff.decisions import Outcome
from signoff.errors import AlreadyDecided
from signoff.reviews import State

pytestmark = pytest.mark.chaos

ONCE = {"review": 1, "post": 1}
PLACES = {  # where the process dies: how often each node comes to its side effect in all
    "delivered": ONCE,
    "begun": ONCE,
    "review.before": ONCE,
    "review.after": {"review": 2, "post": 1},
    "step": ONCE,
    "post.before": ONCE,
    "post.after": {"review": 1, "post": 2},
    "settle": ONCE,
    "look": ONCE,
}
EACH = pytest.mark.parametrize("place", PLACES)


@pytest.fixture(scope="module")
def survivors(shared):
    """One process is killed with a decision at every place at once; another one takes over."""
    threads = [place.replace(".", "-") for place in PLACES]
    shared.pause(*threads, "refused", "undelivered")
    shared.pause("parallel", graph="pair")
    places = [f"{thread}.{place}" for thread, place in zip(threads, PLACES, strict=True)]
    places += ["refused.look", "parallel.first.after"]
    shared.hold(*places)
    first = shared.start("serve", "--port", "0", "--no-browser")
    for thread in threads:
        shared.decide(thread, f"yes to {thread}")
    shared.decide("refused", {"n": 1})
    shared.decide("parallel", "one", title="First")
    shared.until(lambda: shared.at(*places))

    shared.kill(first)
    shared.decide("parallel", "two", title="Second")
    shared.decide("undelivered")
    shared.let_go()
    shared.work()
    shared.until(lambda: not shared.desk.database.decisions.undecided())
    return shared


@EACH
def test_an_answer_survives_sigkill_anywhere(survivors, place):
    thread = place.replace(".", "-")

    assert survivors.decision(thread).outcome is Outcome.APPLIED
    assert survivors.values(thread) == {"answer": f"yes to {thread}", "posted": f"yes to {thread}"}


@EACH
def test_only_the_node_in_which_the_process_died_runs_again(survivors, place):
    assert survivors.ran(place.replace(".", "-")) == PLACES[place]


@EACH
def test_whoever_comes_after_the_crash_is_told_who_answered(survivors, place):
    review = survivors.decision(place.replace(".", "-")).review_id

    with pytest.raises(AlreadyDecided, match=r"Ada .*\(applied\)"):
        survivors.desk.decide(review, "no", reviewer=survivors.decision("begun").reviewer)


def test_an_answer_recorded_without_any_engine_is_applied_by_the_next_one(survivors):
    assert survivors.decision("undelivered").outcome is Outcome.APPLIED
    assert survivors.ran("undelivered") == ONCE


def test_parallel_answers_land_on_their_own_questions_through_a_crash(survivors):
    assert survivors.values("parallel") == {"answer": "one", "second": "two", "posted": "one"}
    assert survivors.ran("parallel") == {"first": 2, "second": 1, "post": 1}


def test_a_question_whose_answer_was_refused_is_open_again_after_a_crash(survivors):
    assert survivors.decision("refused").outcome is Outcome.REFUSED
    survivors.until(lambda: survivors.review("refused").state is State.WAITING)


def test_a_decision_that_was_not_committed_leaves_the_question_open(workspace):
    workspace.pause("a")
    review = workspace.review("a").id
    workspace.hold("a.record")
    dying = workspace.start("decide", review, "--answer", '"lost"')
    workspace.until(lambda: workspace.at("a.record"))

    workspace.kill(dying)
    workspace.let_go()

    assert workspace.desk.decisions_on(review) == ()
    workspace.run("decide", review, "--answer", '"yes"', "--wait", "60")
    assert workspace.values("a") == {"answer": "yes", "posted": "yes"}


def test_a_waiting_decide_takes_over_when_the_engine_dies(workspace):
    workspace.pause("a")
    workspace.hold("a.review.before")
    worker = workspace.work()
    waiting = workspace.start("decide", workspace.review("a").id, "--answer", '"yes"', "--wait", "60")
    workspace.until(lambda: workspace.at("a.review.before"))

    workspace.kill(worker)
    workspace.let_go()

    assert waiting.wait(timeout=60) == 0
    assert workspace.values("a") == {"answer": "yes", "posted": "yes"}


def test_first_starts_that_are_killed_at_any_moment_leave_a_desk_that_works(workspace):
    workspace.pause("a")
    starting = [workspace.start("work") for _ in range(6)]
    started = time.monotonic()

    for number, process in enumerate(starting):
        time.sleep(max(0, started + 0.4 + 0.2 * number - time.monotonic()))
        workspace.kill(process)
    workspace.work()
    workspace.decide("a")
    workspace.settled("a")

    assert workspace.ran("a") == ONCE


# Processes that end as they should kill no node either.


def test_a_decide_that_has_its_outcome_lets_the_other_nodes_that_it_runs_come_to_their_end(workspace):
    workspace.pause("mine", "theirs")
    mine, theirs = workspace.review("mine").id, workspace.review("theirs").id
    workspace.hold("mine.review.before", "theirs.review.after")
    first = workspace.start("decide", mine, "--answer", '"yes"', "--wait", "60")
    workspace.until(lambda: workspace.at("mine.review.before"))
    second = workspace.start("decide", theirs, "--answer", '"yes"', "--wait", "60")
    workspace.until(lambda: workspace.at("theirs.review.after"))

    workspace.let_go("mine.review.before")
    ended_early(first)
    workspace.let_go()

    assert (first.wait(timeout=60), second.wait(timeout=60)) == (0, 0)
    assert workspace.ran("theirs") == ONCE


def test_a_decide_that_has_waited_long_enough_lets_the_node_that_it_runs_come_to_its_end(workspace):
    workspace.pause("a")
    workspace.hold("a.review.after")
    waiting = workspace.start("decide", workspace.review("a").id, "--answer", '"yes"', "--wait", "4")
    workspace.until(lambda: workspace.at("a.review.after"))

    ended_early(waiting)
    workspace.let_go()
    waiting.wait(timeout=60)
    workspace.work()
    workspace.settled("a")

    assert workspace.ran("a") == ONCE


def ended_early(process):
    """Give a process all the time that it needs to end too early."""
    with suppress(TimeoutExpired):
        process.wait(timeout=6)
