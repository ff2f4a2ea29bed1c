"""Any number of workers on one desk in PostgreSQL: they share the work, and each finishes what a dead one began."""

import json
import signal
import time
import urllib.error
import urllib.request
from contextlib import suppress
from subprocess import TimeoutExpired

import pytest

from signoff.decisions import Outcome
from signoff.reviews import Query

pytestmark = pytest.mark.chaos

ONCE = {"review": 1, "post": 1}
TAKEOVER = 10.0  # seconds in which a dead worker's decisions would have been taken over twice


def asked(port, path):
    """Return the status and the body of what a worker answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture(autouse=True)
def paused(request):
    if "team" in request.fixturenames:
        request.getfixturevalue("team").pause("a", "b", "c", "d")


def decided(team, *threads):
    for thread in threads:
        team.decide(thread, f"yes to {thread}")


def test_workers_share_what_was_decided_each_up_to_its_own_limit(team):
    threads = ("a", "b", "c", "d")
    team.hold(*(f"{thread}.review.before" for thread in threads))
    team.work("--concurrency", "1")
    team.work("--concurrency", "2")
    decided(team, *threads)

    team.until(lambda: sum(team.at(f"{thread}.review.before") for thread in threads) == 3)
    time.sleep(1)
    standing = [thread for thread in threads if team.at(f"{thread}.review.before")]
    assert len(standing) == 3

    team.let_go()
    team.settled(*threads)
    assert [team.ran(thread) for thread in threads] == [ONCE] * 4


def test_what_a_killed_worker_had_taken_is_finished_by_another_one(team):
    team.hold("a.review.before", "b.review.after")
    first = team.work()
    decided(team, "a", "b")
    team.until(lambda: team.at("a.review.before", "b.review.after"))

    team.work()
    team.kill(first)
    team.let_go()
    team.settled("a", "b")

    assert team.outcomes("a", "b") == {Outcome.APPLIED}
    assert (team.ran("a"), team.ran("b")) == (ONCE, {"review": 2, "post": 1})
    team.until(lambda: len(team.desk.database.executors.living()) == 1)


def test_nothing_is_taken_from_a_worker_that_only_stands_still(team):
    team.hold("a.review.before")
    first = team.work()
    decided(team, "a")
    team.until(lambda: team.at("a.review.before"))
    second = team.work()

    team.halt(first)
    try:
        team.let_go()
        time.sleep(TAKEOVER)
        assert (team.decision("a").outcome, team.ran("a")) == (Outcome.APPLYING, {})
        assert len(team.desk.database.executors.living()) == 2
    finally:
        first.send_signal(signal.SIGCONT)
    team.settled("a")

    assert team.ran("a") == ONCE
    assert second.poll() is None


def test_a_worker_is_only_given_decisions_on_the_graphs_that_it_takes(team):
    worker = team.start("work", "--only", "pair", "--metrics-port", "0")
    port = team.wait_for(worker, "listening")["port"]
    team.wait_for(worker, "engine")
    team.pause("pairs", graph="pair")
    decided(team, "a")
    team.decide("pairs", "one", title="First")
    team.decide("pairs", "two", title="Second")
    team.settled("pairs")
    time.sleep(1)

    waiting = team.decision("a")
    assert (waiting.outcome, waiting.error) == (Outcome.RECORDED, None)
    status, told = asked(port, "/healthz")
    assert (status, json.loads(told)["waiting_for_a_worker"]) == (200, {"pay": 1})
    assert "signoff_engine_unserved 1.0" in asked(port, "/metrics")[1]

    team.work("--only", "pay,two")
    team.settled("a")
    assert team.ran("a") == ONCE


def test_a_graph_that_nobody_has_is_no_limit(team):
    assert team.run("work", "--only", "nothing", code=2) == ""
    assert "names no graph of this desk: nothing" in team.said()


def test_a_worker_that_is_told_to_end_finishes_what_it_runs_and_takes_nothing_more(team):
    team.hold("a.review.after")
    worker = team.work("--drain", "60")
    decided(team, "a")
    team.until(lambda: team.at("a.review.after"))

    worker.terminate()
    team.wait_for(worker, "draining")
    decided(team, "b")
    time.sleep(1)
    assert (worker.poll(), team.decision("b").outcome) == (None, Outcome.RECORDED)
    team.let_go()

    assert worker.wait(timeout=60) == 0
    assert (team.decision("a").outcome, team.ran("a")) == (Outcome.APPLIED, ONCE)
    team.work()
    team.settled("b")
    assert team.ran("b") == ONCE


def test_what_outlasts_the_drain_is_left_to_another_worker(team):
    team.hold("a.review.before")
    worker = team.work("--drain", "1")
    decided(team, "a")
    team.until(lambda: team.at("a.review.before"))
    team.work()

    worker.terminate()
    assert worker.wait(timeout=60) == 0
    team.let_go()
    team.settled("a")

    assert (team.decision("a").outcome, team.ran("a")) == (Outcome.APPLIED, ONCE)


def test_a_second_signal_ends_a_draining_worker_at_once(team):
    team.hold("a.review.before")
    worker = team.work("--drain", "600")
    decided(team, "a")
    team.until(lambda: team.at("a.review.before"))

    worker.terminate()
    team.wait_for(worker, "draining")
    with suppress(TimeoutExpired):
        worker.wait(timeout=2)
    assert worker.poll() is None
    worker.terminate()

    assert worker.wait(timeout=60) == 128 + signal.SIGTERM
    team.let_go()
    team.work()
    team.settled("a")
    assert team.ran("a") == ONCE


def test_workers_outlive_the_database(team, postgres):
    team.hold("a.review.before", "b.review.after")
    workers = [team.work(), team.work()]
    decided(team, "a", "b")
    team.until(lambda: team.at("a.review.before", "b.review.after"))

    postgres.restart()
    team.let_go()
    team.settled("a", "b", seconds=90)
    decided(team, "c")
    team.settled("c", seconds=60)

    assert [worker.poll() for worker in workers] == [None, None]
    assert team.outcomes("a", "b", "c") == {Outcome.APPLIED}
    assert (team.ran("a"), team.ran("b"), team.ran("c")) == (ONCE, ONCE, ONCE)
    team.until(lambda: len(team.desk.database.executors.living()) == 2)


def test_what_a_node_has_done_is_not_done_again_when_the_database_is_started_anew_under_it(fleet, postgres):
    fleet.pause("a", "b", "c", "d")
    fleet.hold("a.review.before", "b.review.after", "c.post.before", "d.post.after")
    fleet.work()
    decided(fleet, "a", "b", "c", "d")
    fleet.until(lambda: fleet.at("a.review.before", "b.review.after", "c.post.before", "d.post.after"))

    postgres.restart()
    fleet.let_go()
    fleet.settled("a", "b", "c", "d", seconds=90)

    assert fleet.outcomes("a", "b", "c", "d") == {Outcome.APPLIED}
    assert [fleet.ran(thread) for thread in ("a", "b", "c", "d")] == [ONCE] * 4


def test_a_worker_that_stands_still_in_the_middle_of_a_scan_holds_up_nobody_who_applies(fleet, postgres):
    fleet.pause("a", "b")
    fleet.work("--concurrency", "1")
    asked = [fleet.review(thread).id for thread in ("a", "b")]

    with fleet.desk.database.alone("look", wait=True):  # as it would, if it was stopped there
        for review in asked:
            fleet.decide_on(review, "yes")
        fleet.settled("a", "b")
        fleet.pause("c")
    fleet.until(lambda: fleet.desk.queue(Query(thread_id="c")).total)
    fleet.decide("c", "yes to c")
    fleet.settled("c")
    fleet.until(lambda: fleet.desk.queue(Query()).total == 0)
