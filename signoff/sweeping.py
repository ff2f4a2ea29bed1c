"""What engines do for each other: jobs of a dead one go back into their queue, lost jobs are added again."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from contextlib import AbstractContextManager

from signoff.database import Database
from signoff.jobs import Job, JobQueue
from signoff.logs import tell

_PATIENCE_SECONDS = 4.0
_log = logging.getLogger(__name__)


class Sweeper:
    """Looks after the jobs of a desk for one executor; ``busy`` are the decisions that this one is applying now.

    What looks wrong for a while is put right, not at once: a job may end, and the lock of an executor whose connection
    was lost comes back within two seconds of the server's.
    """

    def __init__(self, database: Database, jobs: JobQueue, executor: str, busy: Collection[str]) -> None:
        self._database, self._jobs, self._executor, self._busy = database, jobs, executor, busy
        self._orphans: dict[str, float] = {}  # since when, by job
        self._idle: set[str] = set()

    def put_back(self) -> None:
        """Put the jobs of executors that have been dead for some seconds back into their queue. Nothing on SQLite."""
        if self._database.file is not None:
            return
        now, orphaned = time.monotonic(), self._orphaned()
        self._orphans = {job.id: self._orphans.get(job.id, now) for job in orphaned}
        if any(now - since >= _PATIENCE_SECONDS for since in self._orphans.values()):
            with self._alone() as alone:
                for job in self._orphaned() if alone else ():  # another one may have swept since
                    if now - self._orphans.get(job.id, now) >= _PATIENCE_SECONDS:
                        self._revive(job)

    def _orphaned(self) -> list[Job]:
        running = self._jobs.running()  # read first: who takes a job is on the list before
        if not running:
            return []
        living = {executor.id for executor in self._database.executors.living()}
        return [job for job in running if job.executor not in living]

    def sweep(self) -> None:
        """Add a job for every undecided decision that has none left: its job failed, or the job table was lost.

        A job that is said to run here in two sweeps on end, and does not, is put back into the queue: DBOS could not
        note its end.
        """
        mine = [job for job in self._jobs.running() if job.executor == self._executor]
        idle = {job.id: job for job in mine if job.decision not in self._busy}
        for job in idle.values():
            if job.id in self._idle:
                self._revive(job)
        self._idle = set(idle)
        with self._alone() as alone:
            for decision, again in self._jobs.lost(self._database.decisions.undecided()) if alone else ():
                with self._database.writing() as connection:
                    self._jobs.enqueue(connection, decision, again=again)
                tell(_log, "added again", decision=decision.id, number=again)
            if alone:
                self._database.executors.strike_off_dead()

    def _revive(self, job: Job) -> None:
        self._jobs.revive(job)
        tell(_log, "put back", decision=job.decision, executor=job.executor)

    def _alone(self) -> AbstractContextManager[bool]:
        return self._database.alone("sweep", wait=False)
