"""The durable runner: takes recorded decisions to their outcome, through restarts and SIGKILL.

Built on DBOS 3.4, in the desk's own database, so that a decision and its job are written in one transaction. A SQLite
desk has one engine, guarded by a file lock; whoever starts next takes over what a dead one left behind. On PostgreSQL
any number of engines share a desk; each holds a lock as long as it lives, and any of them puts back what a dead one had
taken.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from dbos import DBOS

from signoff import share, stopping
from signoff.appliers import Applying
from signoff.database import Database
from signoff.database.executors import new_id, this_process
from signoff.database.postgres import SCHEMA
from signoff.decisions import Decision
from signoff.errors import BackendUnavailable, GraphBroken, GraphUnknown
from signoff.jobs import APPLICATION, VERSION, WORKFLOW, JobQueue
from signoff.logs import tell
from signoff.membership import Alone, Membership, Shared
from signoff.sweeping import Sweeper

_ALONE = "signoff"  # the executor id of a SQLite desk: whoever starts next is told of what the last one had taken
_POLL_SECONDS, _POLLS_PER_SECOND = 0.2, 20
_SWEEP_SECONDS, _WATCH_SECONDS = 15.0, 1.0
_LISTEN_SECONDS = 0.1  # nobody waits for notifications, but a stop waits for the thread that looks for them
_log = logging.getLogger(__name__)
_running: Engine | None = None


@DBOS.workflow(name=WORKFLOW)
def _deliver(decision_id: str) -> None:
    """Apply one decision. Delivered again after a crash; `Applier.apply` finds out how far it came."""
    if _running is not None:
        _running.take(decision_id, DBOS.workflow_id)


class Engine:
    """An engine in this process. ``settled(thread_id)`` is called whenever a decision has its outcome.

    ``graphs`` are those whose decisions it takes, ``timed(outcome, seconds)`` is told how long each took.
    """

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        applier: Applying,
        *,
        settled: Callable[[str], object],
        graphs: Iterable[str] = (),
        concurrency: int = 8,
        timed: Callable[[str, float], object] = lambda _outcome, _seconds: None,
    ) -> None:
        self._database, self._jobs, self._applier, self._settled = database, jobs, applier, settled
        self._graphs, self._concurrency, self._timed = tuple(graphs), concurrency, timed
        self.id = _ALONE if database.file else new_id()
        executor = this_process(self.id, graphs=self._graphs, concurrency=concurrency)
        self._membership: Membership = (Alone if database.file else Shared)(database, executor)
        self._share: share.Share | None = None
        self._stopping, self._failing = threading.Event(), threading.Event()
        self._busy: set[str] = set()
        self._sweeper = Sweeper(database, jobs, self.id, self._busy)
        self._watch: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether this engine is alive on the desk."""
        return _running is self

    @property
    def busy(self) -> int:
        """Return how many decisions this engine is applying."""
        return len(self._busy)

    def start(self) -> bool:
        """Become an engine of the desk and take up what is undecided; False when a SQLite desk has one already.

        Raises `BackendUnavailable`.
        """
        global _running  # noqa: PLW0603 - DBOS is one per process, and its workflow must find us
        if _running is not None or not self._membership.join():
            return False
        _running = self
        try:
            self._launch()
        except BaseException as error:
            self._release()
            if isinstance(error, sa.exc.DBAPIError):
                raise BackendUnavailable(f"The engine cannot start: {error.orig}. It is tried again.") from error
            raise
        self._stopping.clear()
        self._watch = threading.Thread(target=self._keep, name="signoff-sweep", daemon=True)
        self._watch.start()
        return True

    def _launch(self) -> None:
        queues, shared = self._jobs.queues(self._graphs), self._database.file is None
        seconds = max(_POLL_SECONDS, len(queues) / _POLLS_PER_SECOND)
        for queue in queues:  # those that are there at the start are asked at once, others after a second
            self._jobs.register(queue, concurrency=None if shared else self._concurrency, every=seconds)
        self._dbos = dbos = DBOS(config=self._config())
        DBOS.listen_queues(queues)
        DBOS.launch()
        if shared:
            self._share = share.limit(dbos, self._concurrency)

    def _release(self) -> None:
        global _running
        _running, self._share = None, None
        self._membership.leave()

    def stop(self, *, grace_seconds: int | None = 5) -> None:
        """Stop taking jobs, give running ones some time (None: all they need), and let another engine go on.

        What is unfinished then is taken up by that one, as after a crash: a node that was running runs again.
        """
        if not self.running:
            return
        self._stopping.set()
        if self._watch:
            self._watch.join()
        stopping.stop(self._dbos, math.inf if grace_seconds is None else grace_seconds)
        self._release()

    def take(self, decision_id: str, job: str | None) -> None:
        """Deliver what a job is about, and make room for another. Where a database is away, it is swept for soon."""
        try:
            self.deliver(decision_id)
        except BackendUnavailable as error:
            self._failing.set()
            _log.warning("Decision %s is looked at again: %s", decision_id, error)
        finally:
            if self._share:
                self._share.done(job)

    def deliver(self, decision_id: str) -> None:
        """Take one decision to its outcome; what cannot be applied now is left to a later sweep, with the reason."""
        decision = self._database.decisions.get(decision_id)
        if decision is None:
            return
        if decision.outcome.final:  # whoever settled it may have died before the queue was looked at
            self._settled(decision.home)
            return
        self._busy.add(decision_id)
        tell(_log, "taken", **_ids(decision), executor=self.id)
        started = time.monotonic()
        try:
            self._applier.apply(decision)
        except (BackendUnavailable, GraphBroken, GraphUnknown) as reason:
            tell(_log, "put off", **_ids(decision), executor=self.id, reason=reason.type)
            self._put_off(decision_id, reason)
            if isinstance(reason, BackendUnavailable):
                self._failing.set()
            return
        finally:
            self._busy.discard(decision_id)
        self._tell_outcome(decision, time.monotonic() - started)
        self._settled(decision.home)

    def _put_off(self, decision_id: str, reason: Exception) -> None:
        try:
            self._database.decisions.put_off(decision_id, str(reason))
        except BackendUnavailable as error:  # the record says the same without it
            _log.warning("Why decision %s is applied later is not on record: %s", decision_id, error)

    def _tell_outcome(self, decision: Decision, seconds: float) -> None:
        settled = self._database.decisions.get(decision.id) or decision
        tell(
            _log,
            "settled",
            **_ids(decision),
            executor=self.id,
            outcome=settled.outcome.value,
            seconds=round(seconds, 3),
            waited=round((settled.settled_at - decision.recorded_at).total_seconds(), 3)
            if settled.settled_at
            else None,
        )
        self._timed(settled.outcome.value, seconds)

    def _keep(self) -> None:
        """Stay a member, put back what dead ones had taken, and add jobs that were lost, until told to stop.

        After a job that met a database that was away it is swept 1, 2, 4 and 8 seconds later.
        """
        swept, pause, told = -_SWEEP_SECONDS, _WATCH_SECONDS, ""
        while True:
            try:
                self._membership.keep()
                self._sweeper.put_back()
                soon = self._failing.is_set()
                if time.monotonic() >= swept + (pause if soon else _SWEEP_SECONDS):
                    swept, pause = time.monotonic(), 2 * pause if soon else _WATCH_SECONDS
                    self.sweep()
                if pause >= _SWEEP_SECONDS:
                    self._failing.clear()
                    pause = _WATCH_SECONDS
                told = ""
            except (BackendUnavailable, sa.exc.DBAPIError) as error:
                why = str(getattr(error, "orig", None) or error)
                if why != told:
                    _log.warning("The sweep for lost jobs is put off: %s", why)
                told = why
            if self._stopping.wait(min(_WATCH_SECONDS, _SWEEP_SECONDS)):
                return

    def sweep(self) -> None:
        """Add a job for every undecided decision that has none left, and put back those that only seem to run."""
        self._sweeper.sweep()

    def _config(self) -> Any:
        return {
            "name": APPLICATION,
            "system_database_url": self._database.engine.url.render_as_string(hide_password=False),
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": self.id,
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": _LISTEN_SECONDS,
            "max_executor_threads": self._concurrency + 4,
        }

    def __enter__(self) -> Engine:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def alive(database: Database, graph: str | None = None) -> bool:
    """Return whether some process runs an engine of this desk right now; one that has the graph, if one is named.

    The one engine of a SQLite desk is asked about every graph. Raises `BackendUnavailable`.
    """
    if graph is None or database.file:
        return database.executors.one_lives()
    return any(graph in executor.graphs for executor in database.executors.living())


def wait_for(database: Database, decision_id: str, *, seconds: float | None = None) -> Decision | None:
    """Return the decision when it has its outcome, or as it is after ``seconds``; None for an unknown id."""
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        decision = database.decisions.get(decision_id)
        late = deadline is not None and time.monotonic() >= deadline
        if decision is None or decision.outcome.final or late:
            return decision
        time.sleep(0.1)


def _ids(decision: Decision) -> dict[str, str | None]:
    return {"decision": decision.id, "review": decision.review_id, "thread": decision.home, "graph": decision.graph}
