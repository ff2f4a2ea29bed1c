"""Several workers on one desk, killed and stopped at random: all answers are applied, only a crash repeats a node."""

import pytest
from chaos.crew import Crew

from signoff.decisions import Outcome

pytestmark = pytest.mark.chaos

THREADS = tuple(f"t{number}" for number in range(40))


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
