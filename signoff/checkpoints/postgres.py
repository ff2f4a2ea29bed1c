"""Reading a PostgreSQL checkpoint database (tables of langgraph-checkpoint-postgres 3.2.0), in read-only transactions.

Needs the extra ``[postgres]``; `signoff.wiring` says so where it is missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from signoff.checkpoints import Changes, Head, Standing, Step, Task, Trace
from signoff.checkpoints.head import WriteRow, answers_to, innermost, read_head
from signoff.checkpoints.postgres_changes import ChangeReader
from signoff.checkpoints.postgres_connection import Address, ReadingPool
from signoff.checkpoints.postgres_index import standing
from signoff.checkpoints.postgres_listener import Listener
from signoff.checkpoints.postgres_lock import ThreadLocks
from signoff.checkpoints.postgres_rows import (
    COLUMNS,
    CONTROLLING,
    Row,
    checkpoint_row,
    order_of,
    with_blobs,
    write_row,
    writes_on,
)
from signoff.checkpoints.postgres_saver import open_saver
from signoff.checkpoints.postgres_strand import PostgresStrand
from signoff.checkpoints.steps import read_steps
from signoff.checkpoints.traces import read_trace
from signoff.reviews import Json

_BATCH = 500
_CONTROL_VALUE = f"CASE WHEN w.channel IN ({CONTROLLING}) THEN w.blob END"
_ALL_THREADS = """
    SELECT c.thread_id FROM checkpoints AS c WHERE c.checkpoint_ns = '' AND c.thread_id > %s
    GROUP BY c.thread_id ORDER BY c.thread_id LIMIT %s"""
_HEADS = f"""
    SELECT {COLUMNS} FROM unnest(%s::text[]) AS wanted(thread_id) CROSS JOIN LATERAL (
        SELECT * FROM checkpoints AS n WHERE n.thread_id = wanted.thread_id AND n.checkpoint_ns = ''
        ORDER BY n.checkpoint_id DESC LIMIT 1) AS c"""
_WRITES = (
    "SELECT w.checkpoint_ns, w.checkpoint_id, w.task_id, {path}, w.channel, w.type, {value} FROM checkpoint_writes AS w"
)
_CONTROL_WRITES = f"""{_WRITES}
    WHERE w.thread_id = %s AND w.channel IN ({CONTROLLING})
    ORDER BY w.checkpoint_ns COLLATE "C", w.checkpoint_id, {{order}}"""
_NEWEST_WRITES = f"""{_WRITES}
    WHERE w.thread_id = %s AND w.checkpoint_id = (SELECT max(c.checkpoint_id) FROM checkpoints AS c
        WHERE c.thread_id = w.thread_id AND c.checkpoint_ns = w.checkpoint_ns)
    ORDER BY w.checkpoint_ns COLLATE "C", {{order}}"""
_MISSING = """
    SELECT wanted.id FROM unnest(%s::text[]) AS wanted(id)
    WHERE NOT EXISTS (SELECT 1 FROM checkpoints AS c WHERE c.thread_id = wanted.id AND c.checkpoint_ns = '')"""
_RUNS_OF = """
    SELECT c.checkpoint_id FROM checkpoints AS c
    WHERE c.thread_id = %s AND c.checkpoint_ns = '' AND c.metadata -> %s = to_jsonb(%s::text)
    ORDER BY c.checkpoint_id DESC LIMIT 1"""


class PostgresCheckpoints:
    """One PostgreSQL checkpoint database; safe to share between threads.

    Raises `BackendUnavailable`, on opening and later, when the server does not answer, when the role may not read, or
    when there are no LangGraph tables. A server that restarts is found again by itself.
    """

    def __init__(self, url: str) -> None:
        self._address = Address(url)
        self.name = self._address.name
        self._pool = ReadingPool(self._address)
        self._query = self._pool.query
        self._changes = ChangeReader(self._pool)
        self._locks = ThreadLocks(self._address)
        self._listener: Listener | None = None
        self._path: str | None = None

    def changes(self, since: Json | None) -> Changes:
        """Return the threads whose rows changed; see `postgres_changes` for what is exact and what waits."""
        return self._changes.changes(since)

    def listen(self, wake: Callable[[], None]) -> None:
        """Call ``wake``, from a thread of its own, when threads pause; only with `signoff index --live`. Once."""
        if self._listener is None and not self._pool.pooled:
            self._listener = Listener(self._address, wake)

    def standing(self) -> Standing:
        """Return what `signoff index` has installed, and whether a pooler stands between us and the server."""
        with self._pool.transaction() as connection:
            return standing(connection, pooled=self._pool.pooled)

    def heads(self, thread_ids: Sequence[str] | None = None) -> Iterator[Head]:
        """Yield heads by thread id, read in batches so that memory and transactions stay small."""
        if thread_ids is not None:
            ordered = sorted(set(thread_ids))
            for start in range(0, len(ordered), _BATCH):
                yield from self._heads(ordered[start : start + _BATCH])
            return
        yield from self._heads([""])  # no id comes before it
        batch = self._query(_ALL_THREADS, ("", _BATCH))
        while batch:
            yield from self._heads([row[0] for row in batch])
            batch = self._query(_ALL_THREADS, (batch[-1][0], _BATCH))

    def missing(self, thread_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the given threads that have no checkpoint any more: one index probe each."""
        return frozenset(row[0] for row in self._query(_MISSING, (list(thread_ids),)))

    def asking(self, thread_id: str, interrupt_id: str) -> Task | None:
        """Return the innermost task, in any namespace, that waits for the answer to this question, or None."""
        return innermost(self._of_thread(_NEWEST_WRITES, thread_id, _CONTROL_VALUE), interrupt_id)

    def answers_to(self, thread_id: str, interrupt_id: str) -> tuple[Json, ...]:
        """Return the answers to this question that the thread's checkpoints hold: one, none, or one per fork."""
        return answers_to(self._of_thread(_CONTROL_WRITES, thread_id, "w.blob"), interrupt_id)

    def runs_of(self, thread_id: str, key: str, value: str) -> str | None:
        """Return the newest root checkpoint whose metadata has ``key`` equal to ``value``, or None."""
        rows = self._query(_RUNS_OF, (thread_id, key, value))
        return str(rows[0][0]) if rows else None

    def newest(self, thread_id: str) -> str:
        """Return the greatest checkpoint id of a thread in any namespace, an empty text when there is none."""
        rows = self._query("SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = %s", (thread_id,))
        return (rows[0][0] or "") if rows else ""

    def steps(self, thread_id: str, *, limit: int, before: str | None = None) -> tuple[Step, ...]:
        """Return at most ``limit`` root steps, newest first, older than checkpoint ``before`` when given."""
        return read_steps(self.strand(thread_id), limit=limit, before=before)

    def strand(self, thread_id: str, namespace: str = "") -> PostgresStrand:
        """Return one namespace of a thread, for its history to be read from; its rows are read when it is asked."""
        return PostgresStrand(self._query, self._task_path, thread_id, namespace)

    def traces(self, thread_id: str, *, limit: int, before: str | None = None, channel: str = "") -> tuple[Trace, ...]:
        """Return at most ``limit`` root checkpoints, newest first, older than checkpoint ``before`` when given."""
        rows = self.strand(thread_id).rows(limit=limit, before=before)
        places = [(row.thread_id, row.checkpoint_ns, row.checkpoint_id) for row in rows]
        writes = writes_on(self._query, self._task_path, places, value=_CONTROL_VALUE)
        return tuple(read_trace(row, writes.get((row.thread_id, row.checkpoint_id), ()), channel) for row in rows)

    def lock(self, thread_id: str) -> AbstractContextManager[Any]:
        """Return the thread's lock on the server, which works across machines; see `postgres_lock`. Waits for ever."""
        return self._locks.turn(thread_id)

    def busy(self, thread_id: str) -> bool:
        """Tell whether some run holds that lock this moment."""
        return bool(self._query(*self._locks.holders(thread_id)))

    @asynccontextmanager
    async def saver(self) -> AsyncIterator[Any]:
        """Open LangGraph's own asynchronous saver, which can write only while it holds the pen of its thread."""
        async with open_saver(self._address, self._locks) as saver:
            yield saver

    def close(self) -> None:
        """Close all connections."""
        if self._listener is not None:
            self._listener.stop()
        self._pool.close()

    @property
    def _task_path(self) -> str:
        """Return where a write's task path stands; the column came with langgraph-checkpoint-postgres 2.0.22."""
        if self._path is None:
            found = self._query(
                "SELECT 1 FROM pg_attribute WHERE attrelid = 'checkpoint_writes'::regclass AND attname = 'task_path'"
            )
            self._path = "w.task_path" if found else "''"
        return self._path

    def _heads(self, thread_ids: Sequence[str]) -> list[Head]:
        """Return heads; the state is read only of threads that wait for something, or would go on."""
        rows = [checkpoint_row(row) for row in self._query(_HEADS, (list(thread_ids),))]
        heads = self._read(rows, steering=True)
        moving = [row for row in rows if not heads[row[0].thread_id].idle]
        heads |= self._read(moving, steering=False)
        return [heads[thread_id] for thread_id in sorted(heads)]

    def _read(self, rows: Sequence[Row], *, steering: bool) -> dict[str, Head]:
        places = [(row.thread_id, "", row.checkpoint_id) for row, _ in rows]
        writes = writes_on(self._query, self._task_path, places, value=_CONTROL_VALUE)
        full = with_blobs(self._query, rows, steering=steering)
        return {row.thread_id: read_head(row, writes.get((row.thread_id, row.checkpoint_id), ())) for row in full}

    def _of_thread(self, sql: str, thread_id: str, value: str) -> dict[tuple[str, str], list[WriteRow]]:
        found: dict[tuple[str, str], list[WriteRow]] = {}
        path = self._task_path
        for row in self._query(sql.format(path=path, value=value, order=order_of(path)), (thread_id,)):
            found.setdefault((row[0], row[1]), []).append(write_row(row))
        return found
