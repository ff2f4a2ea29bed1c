"""Several workers on one desk, killed and stopped at random: all answers are applied, only a crash repeats a node."""

import time
from contextlib import suppress

import pytest
from chaos.crew import Crew

from signoff.decisions import Outcome
from signoff.errors import BackendUnavailable

pytestmark = pytest.mark.chaos

THREADS = tuple(f"t{number}" for number in range(40))
MANY = tuple(f"m{number}" for number in range(60))


def persist(act):
    """Do what a person does who is told that a database does not answer: try again."""
    while True:
        with suppress(BackendUnavailable):
            return act()
        time.sleep(0.1)


def test_under_fire_nothing_is_lost_and_nothing_doubled_without_a_crash(team):
    team.pause(*THREADS)
    team.desk.scan()
    with Crew(lambda: team.work("--concurrency", "4"), size=3, every=1.5) as crew:
        for thread in THREADS:
            team.decide(thread, f"yes to {thread}")
        team.settled(*THREADS, seconds=120)

    assert crew.killed or crew.stopped
    assert team.outcomes(*THREADS) == {Outcome.APPLIED}
    assert all(team.values(thread)["answer"] == f"yes to {thread}" for thread in THREADS)
    again = sum(sum(team.ran(thread).values()) - 2 for thread in THREADS)
    assert again <= 4 * len(crew.killed)  # a worker runs four at a time


def test_under_fire_on_postgresql_that_is_started_anew_in_the_middle(fleet, postgres):
    fleet.pause(*MANY)
    fleet.desk.scan()
    with Crew(lambda: fleet.work("--concurrency", "4"), size=3, every=1.5, stopped_for=6.0) as crew:
        for number, thread in enumerate(MANY):
            if number == len(MANY) // 2:
                postgres.restart()
            persist(lambda thread=thread: fleet.decide(thread, f"yes to {thread}"))
        persist(lambda: fleet.settled(*MANY, seconds=120))

    assert crew.killed or crew.stopped
    assert fleet.outcomes(*MANY) == {Outcome.APPLIED}
    assert all(fleet.values(thread)["answer"] == f"yes to {thread}" for thread in MANY)
    again = sum(sum(fleet.ran(thread).values()) - 2 for thread in MANY)
    assert again <= 4 * len(crew.killed)
