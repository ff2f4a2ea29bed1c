"""How many jobs one worker claims, and how soon it asks for more. That DBOS has these methods, tests/chaos shows."""

from types import SimpleNamespace

import pytest

from signoff import share


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


class Jobs:
    """Stands for DBOS's database: one queue, which gives as many jobs as are asked for and left."""

    def __init__(self, left):
        self.left = list(left)

    def start_queued_partitioned_workflows(self, queue, executor, version, wanted, **more):
        taken, self.left = self.left[:wanted], self.left[wanted:]
        return taken

    def get_queue(self, name, **more):
        return SimpleNamespace(name=name, _polling_interval_sec=0.2) if name == "pay" else None


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(share, "time", clock)
    return clock


def worker(left, most):
    running = SimpleNamespace(activeList=list)
    dbos = SimpleNamespace(_sys_db=Jobs(left), _active_workflows_set=running)
    return share.limit(dbos, most), dbos._sys_db


def ask(jobs):
    return jobs.start_queued_partitioned_workflows(jobs.get_queue("pay"), "me", "1")


def test_a_worker_claims_what_it_has_room_for_and_more_when_a_job_is_done(clock):
    mine, jobs = worker("abcd", most=2)
    assert ask(jobs) == ["a", "b"]
    assert ask(jobs) == []
    mine.done("a")
    assert ask(jobs) == ["c"]


def test_a_queue_that_gave_a_job_is_asked_again_soon_and_then_as_usual(clock):
    _, jobs = worker("ab", most=1)
    assert jobs.get_queue("pay")._polling_interval_sec == 0.2
    ask(jobs)
    assert jobs.get_queue("pay")._polling_interval_sec < 0.05
    clock.now += 2
    assert jobs.get_queue("pay")._polling_interval_sec == 0.2
    assert jobs.get_queue("gone") is None
