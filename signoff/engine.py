"""The durable runner: takes recorded decisions to their outcome, through restarts and SIGKILL.

Built on DBOS 3.4, in the desk's own database, so that a decision and its job are written in one transaction. One engine
is alive per SQLite desk, guarded by a file lock; whoever starts next takes over what a dead one left behind.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, EnqueueOptions, WorkflowSerializationFormat, WorkflowStatusString
from filelock import FileLock, Timeout

from signoff.database import Database
from signoff.database.postgres import SCHEMA
from signoff.decisions import Decision
from signoff.errors import BackendUnavailable, GraphBroken, GraphUnknown

_QUEUE, _WORKFLOW = "signoff_decisions", "signoff_apply"
_VERSION, _EXECUTOR = "signoff-1", "signoff"  # fixed: by default DBOS would not take up jobs of an older code version
_POLL_SECONDS = 0.2
_SWEEP_SECONDS = 15.0
_FOR_EVER = 10**9  # seconds
_log = logging.getLogger(__name__)
_running: Engine | None = None


@DBOS.workflow(name=_WORKFLOW)
def _deliver(decision_id: str) -> None:
    """Apply one decision. Delivered again after a crash; `Applier.apply` finds out how far it came."""
    if _running is not None:
        _running.deliver(decision_id)


class JobQueue:
    """Hands decisions to whichever engine is alive, now or later. Opens no thread and runs no graph."""

    def __init__(self, database: Database) -> None:
        self._url = database.engine.url.render_as_string(hide_password=False)
        _migrate_once(database, self._url)
        self._client = DBOSClient(system_database_url=self._url, dbos_system_schema=SCHEMA, lazy=True)

    def enqueue(self, connection: sa.Connection, decision: Decision, *, again: int = 0) -> None:
        """Add the job in the transaction that records the decision; ``again`` counts replacements of a lost job."""
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": _QUEUE,
            "workflow_id": f"{decision.id}-{again}" if again else decision.id,
            "app_version": _VERSION,
            "queue_partition_key": decision.thread_id,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        self._client.enqueue_in_transaction(connection, options, decision.id)

    def lost(self, decision: Decision) -> int | None:
        """Return the number of the job to add when no job will ever apply the decision, else None."""
        jobs = self._client.list_workflows(workflow_id_prefix=decision.id)
        alive = {WorkflowStatusString.ENQUEUED.value, WorkflowStatusString.PENDING.value}
        return None if any(job.status in alive for job in jobs) else len(jobs)

    def running(self) -> set[str]:
        """Return the jobs that are said to run."""
        jobs = self._client.list_workflows(queue_name=_QUEUE, status=WorkflowStatusString.PENDING.value)
        return {job.workflow_id for job in jobs}

    def revive(self, job: str) -> None:
        """Put a job that is said to run, and does not, back into the queue."""
        self._client.resume_workflow(job, queue_name=_QUEUE)

    def close(self) -> None:
        """Release connections."""
        self._client.destroy()


class Deliverer(Protocol):
    """Takes recorded decisions to their outcome: `signoff.apply.Applier`, or another for graphs that run elsewhere."""

    def apply(self, decision: Decision) -> None:
        """Take one decision to its outcome, however often it is delivered; see `Applier.apply`."""


class Engine:
    """The engine of one desk in this process. ``settled(thread_id)`` is called whenever a decision has its outcome."""

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        applier: Deliverer,
        *,
        settled: Callable[[str], object],
        concurrency: int = 8,
    ) -> None:
        self._database, self._jobs, self._applier, self._settled = database, jobs, applier, settled
        self._concurrency = concurrency
        self._alive = FileLock(_lock_file(database), thread_local=False) if database.file else None
        self._stopping = threading.Event()
        self._busy: set[str] = set()
        self._idle: set[str] = set()
        self._sweeper: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether this engine is the one that is alive on the desk."""
        return _running is self

    def start(self) -> bool:
        """Become the desk's engine and take up what is undecided; False when another process is the engine already."""
        global _running  # noqa: PLW0603 - DBOS is one per process, and its workflow must find us
        if _running is not None or not self._acquire():
            return False
        _running = self
        try:
            self._launch()
        except BaseException:
            self._release()
            raise
        self._stopping.clear()
        self._sweeper = threading.Thread(target=self._sweep_often, name="signoff-sweep", daemon=True)
        self._sweeper.start()
        return True

    def _launch(self) -> None:
        DBOS(config=self._config())
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE, worker_concurrency=self._concurrency, partition_concurrency=1, polling_interval_sec=_POLL_SECONDS
        )

    def _release(self) -> None:
        global _running  # noqa: PLW0603 - see start
        _running = None
        if self._alive:
            self._alive.release()

    def stop(self, *, grace_seconds: int | None = 5) -> None:
        """Stop taking jobs, give running ones some time (None: all they need), and let another engine start.

        What is unfinished then is taken up by that one, as after a crash: a node that was running runs again.
        """
        if not self.running:
            return
        self._stopping.set()
        if self._sweeper:
            self._sweeper.join()
        DBOS.destroy(workflow_completion_timeout_sec=_FOR_EVER if grace_seconds is None else grace_seconds)
        self._release()

    def deliver(self, decision_id: str) -> None:
        """Take one decision to its outcome; what cannot be applied now is left to a later sweep, with the reason."""
        decision = self._database.decisions.get(decision_id)
        if decision is None or decision.outcome.final:
            return
        self._busy.add(decision_id)
        try:
            self._applier.apply(decision)
        except (BackendUnavailable, GraphBroken, GraphUnknown) as reason:
            _log.warning("Decision %s is applied later: %s", decision_id, reason)
            self._database.decisions.put_off(decision_id, str(reason))
            return
        finally:
            self._busy.discard(decision_id)
        self._settled(decision.home)

    def _sweep_often(self) -> None:
        while True:
            try:
                self.sweep()
            except (BackendUnavailable, sa.exc.DBAPIError) as error:
                _log.warning("The sweep for lost jobs is put off: %s", error)
            if self._stopping.wait(_SWEEP_SECONDS):
                return

    def sweep(self) -> None:
        """Add a job for every undecided decision that has none left: its job failed, or the job table was lost.

        A job that is said to run in two sweeps on end and does not run here is put back into the queue: DBOS could not
        note its end. Only one engine is alive on a desk.
        """
        idle = {job for job in self._jobs.running() if job.partition("-")[0] not in self._busy}
        for job in idle & self._idle:
            self._jobs.revive(job)
        self._idle = idle
        for decision in self._database.decisions.undecided():
            again = self._jobs.lost(decision)
            if again is not None:
                with self._database.writing() as connection:
                    self._jobs.enqueue(connection, decision, again=again)

    def _acquire(self) -> bool:
        if self._alive is None:
            return True
        try:
            self._alive.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def _config(self) -> Any:
        return {
            "name": "signoff",
            "system_database_url": self._database.engine.url.render_as_string(hide_password=False),
            "dbos_system_schema": SCHEMA,
            "application_version": _VERSION,
            "executor_id": _EXECUTOR,
            "log_level": "WARNING",
            "max_executor_threads": self._concurrency + 4,
        }

    def __enter__(self) -> Engine:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@contextmanager
def alone_on(database: Database) -> Iterator[bool]:
    """Keep every engine from starting on this SQLite desk; yields False where one is alive."""
    lock = FileLock(_lock_file(database), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def alive(database: Database) -> bool:
    """Return whether some process runs the engine of this SQLite desk right now."""
    with alone_on(database) as had:
        return not had


def wait_for(database: Database, decision_id: str, *, seconds: float | None = None) -> Decision | None:
    """Return the decision when it has its outcome, or as it is after ``seconds``; None for an unknown id."""
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        decision = database.decisions.get(decision_id)
        late = deadline is not None and time.monotonic() >= deadline
        if decision is None or decision.outcome.final or late:
            return decision
        time.sleep(0.1)


def _lock_file(database: Database) -> str:
    return f"{database.file}.engine.lock"


def _migrate_once(database: Database, url: str) -> None:
    """Create DBOS's tables when this desk has none yet, one process at a time."""
    if database.file is None:
        DBOS.migrate(url, schema=SCHEMA)
        return
    with FileLock(f"{database.file}.migrate.lock"):
        DBOS.migrate(url)
