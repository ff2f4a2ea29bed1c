"""How many decisions one worker takes at a time, over all of its queues.

DBOS (3.4) keeps ``worker_concurrency`` with each queue in the database: the same for all workers, and not for all
queues of one together. What is counted here is this process's alone, where DBOS claims jobs of a partitioned queue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

_STARTING_SECONDS = 10.0  # a claimed job that has not begun by then never will: DBOS refused to run it
_SWEEP_CAP = 10**9
_MORE_SECONDS, _SOON_SECONDS = 1.0, 0.02


class Share:
    """At most ``most`` jobs that are claimed and not done. ``running`` tells the jobs that DBOS runs here."""

    def __init__(self, most: int, running: Callable[[], list[str]]) -> None:
        self._most, self._running = most, running
        self._claimed: dict[str, float] = {}
        self._lock = threading.Lock()

    def claim(self, claim: Callable[[int], list[str]], wanted: int) -> list[str]:
        """Claim as many jobs as there is room for; ``claim(n)`` claims at most so many and returns their ids."""
        with self._lock:
            self._forget()
            room = min(wanted, self._most - len(self._claimed))
            taken = claim(room) if room > 0 else []
            self._claimed |= dict.fromkeys(taken, time.monotonic())
            return taken

    def done(self, job: str | None) -> None:
        """Make room."""
        with self._lock:
            self._claimed.pop(job or "", None)

    def _forget(self) -> None:
        running, now = set(self._running()), time.monotonic()
        for job, at in list(self._claimed.items()):
            if job not in running and now - at > _STARTING_SECONDS:
                del self._claimed[job]


def limit(dbos: Any, most: int) -> Share:
    """Let a launched DBOS claim no more than ``most`` jobs at a time; its queues must have no limit of their own.

    A queue that has just given a job has more, mostly, so that it is asked again in 20 ms, not in its usual interval.
    Replaces two methods of DBOS's system database on this one instance: there is no public way (dbos 3.4.0).
    """
    database = dbos._sys_db
    claim, read = database.start_queued_partitioned_workflows, database.get_queue
    share, gave = Share(most, dbos._active_workflows_set.activeList), dict[str, float]()

    def limited(queue: Any, executor: str, version: str, wanted: int = _SWEEP_CAP, **more: Any) -> list[str]:
        taken = share.claim(lambda room: list(claim(queue, executor, version, room, **more)), wanted)
        if taken:
            gave[queue.name] = time.monotonic()
        return taken

    def soon(name: str, **more: Any) -> Any:
        queue = read(name, **more)
        if queue is not None and time.monotonic() - gave.get(name, -_MORE_SECONDS) < _MORE_SECONDS:
            queue._polling_interval_sec = min(queue._polling_interval_sec, _SOON_SECONDS)
        return queue

    database.start_queued_partitioned_workflows, database.get_queue = limited, soon
    return share
