"""The jobs by which decisions reach an engine: kept by DBOS (3.4) in the desk's own database, one per decision.

On PostgreSQL each graph has a queue, so that a worker is only given what it can run; a SQLite desk, with its one
engine, has one queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, EnqueueOptions, WorkflowSerializationFormat, WorkflowStatusString

from signoff.database import Database
from signoff.database.postgres import SCHEMA
from signoff.decisions import Decision

QUEUE, WORKFLOW = "signoff_decisions", "signoff_apply"
APPLICATION = "signoff"
"""To DBOS, the application that queues and engines belong to."""
VERSION = "signoff-1"
"""Fixed: by default DBOS would not take up jobs of an older code version."""
_PENDING = WorkflowStatusString.PENDING.value
_ALIVE = [WorkflowStatusString.ENQUEUED.value, _PENDING]


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job that is said to run; ``executor`` is the process that took it."""

    id: str
    queue: str
    executor: str | None

    @property
    def decision(self) -> str:
        """Return the id of the decision that it is about."""
        return decision_of(self.id)


def decision_of(job: str) -> str:
    """Return the id of the decision that a job is about; a job that took a lost one's place has a number behind it."""
    return job.partition("-")[0]


class JobQueue:
    """Hands decisions to whichever engine is alive, now or later. Opens no thread and runs no graph."""

    def __init__(self, database: Database) -> None:
        self._url = database.engine.url.render_as_string(hide_password=False)
        self._by_graph = database.file is None
        _migrate_once(database, self._url)
        self._client = DBOSClient(system_database_url=self._url, dbos_system_schema=SCHEMA, lazy=True)

    def queue_of(self, graph: str | None) -> str:
        """Return the queue in which the decisions on a graph wait; those of no known graph have one, too."""
        return f"{QUEUE}:{graph}" if self._by_graph and graph is not None else QUEUE

    def queues(self, graphs: Iterable[str]) -> tuple[str, ...]:
        """Return the queues that an engine with these graphs takes from."""
        return tuple(dict.fromkeys([QUEUE, *map(self.queue_of, graphs)]))

    def register(self, queue: str, *, concurrency: int | None, every: float) -> None:
        """Have a queue, of which an engine runs so many jobs at once and looks for new ones ``every`` seconds."""
        self._client.register_queue(
            queue,
            worker_concurrency=concurrency,
            partition_concurrency=1,
            polling_interval_sec=every,
            application_name=APPLICATION,
        )

    def enqueue(self, connection: sa.Connection, decision: Decision, *, again: int = 0) -> None:
        """Add the job in the transaction that records the decision; ``again`` counts replacements of a lost job."""
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": self.queue_of(decision.graph),
            "workflow_id": f"{decision.id}-{again}" if again else decision.id,
            "app_version": VERSION,
            "queue_partition_key": decision.thread_id,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        self._client.enqueue_in_transaction(connection, options, decision.id)

    def lost(self, decisions: Iterable[Decision]) -> Iterator[tuple[Decision, int]]:
        """Yield the decisions that no job will ever apply, each with the number of the job to add."""
        jobs = self._client.list_workflows(name=WORKFLOW, status=_ALIVE, load_input=False, load_output=False)
        served = {decision_of(job.workflow_id) for job in jobs}
        for decision in decisions:
            if decision.id not in served and (number := self._next(decision)) is not None:
                yield decision, number

    def _next(self, decision: Decision) -> int | None:
        jobs = self._client.list_workflows(workflow_id_prefix=decision.id, load_input=False, load_output=False)
        return None if any(job.status in _ALIVE for job in jobs) else len(jobs)

    def running(self) -> tuple[Job, ...]:
        """Return the jobs that are said to run."""
        jobs = self._client.list_workflows(name=WORKFLOW, status=_PENDING, load_input=False, load_output=False)
        return tuple(Job(id=job.workflow_id, queue=job.queue_name or QUEUE, executor=job.executor_id) for job in jobs)

    def revive(self, job: Job) -> None:
        """Put a job that is said to run, and does not, back into its queue."""
        self._client.resume_workflow(job.id, queue_name=job.queue if job.queue.startswith(QUEUE) else QUEUE)

    def close(self) -> None:
        """Release connections."""
        self._client.destroy()


def unserved(undecided: Mapping[str | None, int], served: Iterable[str]) -> dict[str, int]:
    """Return how many decisions wait for each graph that no living engine has."""
    known = set(served)
    return {graph: count for graph, count in undecided.items() if graph is not None and graph not in known}


def _migrate_once(database: Database, url: str) -> None:
    """Create DBOS's tables when this desk has none yet, one process at a time.

    On PostgreSQL DBOS takes care of that itself, and builds indexes CONCURRENTLY: whoever waited for a lock of ours
    would keep it waiting.
    """
    if database.file is None:
        DBOS.migrate(url, schema=SCHEMA)
        return
    with database.alone("migrate", wait=True):
        DBOS.migrate(url)
