"""Reading a SQLite checkpoint database (tables of langgraph-checkpoint-sqlite 3.1.2), always opened read-only."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
from filelock import FileLock

from signoff.checkpoints import Changes, Head, Step, Task, Trace, sqlite_changes
from signoff.checkpoints.head import CONTROL, CheckpointRow, WriteRow, answers_to, innermost, read_head
from signoff.checkpoints.locks import FileLocks
from signoff.checkpoints.sqlite_saver import BUSY_SECONDS, ExplainedSaver, explain, no_file
from signoff.checkpoints.sqlite_strand import SqliteStrand, checkpoint_row
from signoff.checkpoints.steps import read_steps
from signoff.checkpoints.traces import read_trace
from signoff.errors import BackendUnavailable
from signoff.reviews import Json

_BATCH = 500
_CONTROL = ", ".join(f"'{channel}'" for channel in sorted(CONTROL))

_CONTROL_VALUE = f"CASE WHEN w.channel IN ({_CONTROL}) THEN w.value END"
_ALL_THREADS = """
    SELECT thread_id, CAST(thread_id AS BLOB) FROM checkpoints
    WHERE checkpoint_ns = '' AND thread_id > CAST(? AS TEXT) AND typeof(thread_id) = 'text'
    GROUP BY thread_id LIMIT ?"""
_HEADS = """
    SELECT c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.type, c.checkpoint, c.metadata
    FROM json_each(?) AS wanted JOIN checkpoints AS c ON c.thread_id = wanted.value AND c.checkpoint_ns = ''
    WHERE c.checkpoint_id = (SELECT max(n.checkpoint_id) FROM checkpoints AS n
                             WHERE n.thread_id = wanted.value AND n.checkpoint_ns = '')
    ORDER BY c.thread_id"""
_WRITES = """
    SELECT w.thread_id, w.checkpoint_id, w.task_id, {task_path}, w.channel, w.type, {value}
    FROM json_each(?) AS wanted JOIN writes AS w
      ON w.thread_id = json_extract(wanted.value, '$[0]') AND w.checkpoint_ns = ''
     AND w.checkpoint_id = json_extract(wanted.value, '$[1]')
    ORDER BY w.rowid"""
_CONTROL_WRITES = """
    SELECT w.checkpoint_ns, w.checkpoint_id, w.task_id, {task_path}, w.channel, w.type, w.value FROM writes AS w
    WHERE w.thread_id = ? AND w.channel IN ({control}) ORDER BY w.checkpoint_ns, w.rowid"""
_NEWEST_WRITES = """
    SELECT w.checkpoint_ns, w.checkpoint_id, w.task_id, {task_path}, w.channel, w.type,
           CASE WHEN w.channel IN ({control}) THEN w.value END
    FROM writes AS w WHERE w.thread_id = ?
      AND w.checkpoint_id = (SELECT max(c.checkpoint_id) FROM checkpoints AS c
                             WHERE c.thread_id = w.thread_id AND c.checkpoint_ns = w.checkpoint_ns)
    ORDER BY w.checkpoint_ns, w.rowid"""
_MISSING = """
    SELECT value FROM json_each(?)
    WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE thread_id = value AND checkpoint_ns = '')"""
_TIPS = """
    SELECT thread_id, max(checkpoint_id) FROM checkpoints WHERE checkpoint_ns = '' AND typeof(thread_id) = 'text'
    GROUP BY thread_id"""
_RUNS_OF = """
    SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ''
      AND CASE WHEN json_valid(CAST(metadata AS TEXT)) THEN json_extract(CAST(metadata AS TEXT), ?) END = ?
    ORDER BY checkpoint_id DESC LIMIT 1"""


class SqliteCheckpoints:
    """One SQLite checkpoint database; safe to share between threads.

    Raises `BackendUnavailable`, on opening and later, when there is no such file, when it is not a LangGraph checkpoint
    database, or when it stays locked for 30 seconds.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).absolute()
        self.name = str(self.path)
        self._lock = threading.RLock()
        self._locks = FileLocks(self.path.with_name(f"{self.path.name}.signoff.locks"))
        self._known: tuple[int, Json] | None = None
        self._file: tuple[int, int] | None = None
        self._connection = self._open()

    def changes(self, since: Json | None) -> Changes:
        """Return the threads whose rows changed; ``PRAGMA data_version`` saves even the look at the rows."""
        with self._reading() as db:
            version = int(db.execute("PRAGMA data_version").fetchone()[0])
            if since is not None and self._known == (version, since):
                return Changes(cursor=since, thread_ids=(), deletions_possible=False)
            cursor = sqlite_changes.cursor(db)
            found = sqlite_changes.standing(db, since) if since else {}
            changed = sqlite_changes.changed_since(db, since, found) if since else None
            told = self._known is not None and self._known[1] != since
            back = changed is not None and (
                self._known is None or sqlite_changes.may_be_back(since, cursor, found, told=told)
            )
            self._known = (version, cursor)
            return Changes(
                cursor=cursor,
                thread_ids=changed,
                deletions_likely=sqlite_changes.freed(since, cursor),
                tips=self._tips if back else None,
            )

    def _tips(self) -> dict[str, str]:
        return dict(self._query(_TIPS, ()))

    def heads(self, thread_ids: Sequence[str] | None = None) -> Iterator[Head]:
        """Yield heads by thread id, read in batches so that memory and lock times stay small."""
        if thread_ids is not None:
            ordered = sorted(set(thread_ids))
            for start in range(0, len(ordered), _BATCH):
                yield from self._heads(ordered[start : start + _BATCH])
            return
        yield from self._heads([""])  # no id comes before it
        batch = self._query(_ALL_THREADS, (b"", _BATCH))
        while batch:
            yield from self._heads([row[0] for row in batch])
            batch = self._query(_ALL_THREADS, (batch[-1][1], _BATCH))  # as bytes: a damaged text is read as another

    def missing(self, thread_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the given threads that have no checkpoint any more: one index probe each."""
        return frozenset(row[0] for row in self._query(_MISSING, (json.dumps(list(thread_ids)),)))

    def asking(self, thread_id: str, interrupt_id: str) -> Task | None:
        """Return the innermost task, in any namespace, that waits for the answer to this question, or None."""
        return innermost(self._rows(_NEWEST_WRITES, thread_id), interrupt_id)

    def answers_to(self, thread_id: str, interrupt_id: str) -> tuple[Json, ...]:
        """Return the answers to this question that the thread's checkpoints hold: one, none, or one per fork."""
        return answers_to(self._rows(_CONTROL_WRITES, thread_id), interrupt_id)

    def runs_of(self, thread_id: str, key: str, value: str) -> str | None:
        """Return the newest root checkpoint whose metadata has ``key`` equal to ``value``, or None."""
        rows = self._query(_RUNS_OF, (thread_id, f'$."{key}"', value))
        return str(rows[0][0]) if rows else None

    def newest(self, thread_id: str) -> str:
        """Return the greatest checkpoint id of a thread in any namespace, an empty text when there is none."""
        [row] = self._query("SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?", (thread_id,))
        return row[0] or ""

    def steps(self, thread_id: str, *, limit: int, before: str | None = None) -> tuple[Step, ...]:
        """Return at most ``limit`` root steps, newest first, older than checkpoint ``before`` when given."""
        return read_steps(self.strand(thread_id), limit=limit, before=before)

    def strand(self, thread_id: str, namespace: str = "") -> SqliteStrand:
        """Return one namespace of a thread, for its history to be read from; its rows are read when it is asked."""
        return SqliteStrand(self._query, self._task_path, thread_id, namespace)

    def traces(self, thread_id: str, *, limit: int, before: str | None = None, channel: str = "") -> tuple[Trace, ...]:
        """Return at most ``limit`` root checkpoints, newest first, older than checkpoint ``before`` when given."""
        rows = self.strand(thread_id).rows(limit=limit, before=before)
        writes = self._writes(rows, values=_CONTROL_VALUE)
        return tuple(read_trace(row, writes[row.thread_id, row.checkpoint_id], channel) for row in rows)

    def lock(self, thread_id: str) -> FileLock:
        """Return a file lock beside the database; it falls with the process that holds it. Waits for ever."""
        return self._locks.lock(thread_id)

    def busy(self, thread_id: str) -> bool:
        """Tell whether some run holds that lock this moment, or that of a thread that shares its file."""
        return self._locks.busy(thread_id)

    @asynccontextmanager
    async def saver(self) -> AsyncIterator[Any]:
        """Open LangGraph's own asynchronous saver on this file, with the serializer that brings back user classes."""
        if _identity(self.path) is None:
            raise BackendUnavailable(no_file(self.path))
        uri = f"{self.path.as_uri()}?mode=rw"  # never makes an empty database where the user's was
        async with aiosqlite.connect(uri, uri=True, timeout=BUSY_SECONDS) as connection:
            yield ExplainedSaver(connection, self.path)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _heads(self, thread_ids: Sequence[str]) -> Iterator[Head]:
        rows = [checkpoint_row(row) for row in self._query(_HEADS, (json.dumps(thread_ids),))]
        writes = self._writes(rows, values=f"CASE WHEN w.channel IN ({_CONTROL}) THEN w.value END")
        return (read_head(row, writes[row.thread_id, row.checkpoint_id]) for row in rows)

    def _writes(self, rows: Sequence[CheckpointRow], *, values: str) -> defaultdict[tuple[str, str], list[WriteRow]]:
        wanted = json.dumps([[row.thread_id, row.checkpoint_id] for row in rows])
        found: defaultdict[tuple[str, str], list[WriteRow]] = defaultdict(list)
        for thread, checkpoint, task, path, channel, kind, value in self._query(
            _WRITES.format(task_path=self._task_path, value=values), (wanted,)
        ):
            row = WriteRow(task_id=task, task_path=path or "", channel=channel, value=(kind, value))
            found[thread, checkpoint].append(row)
        return found

    def _rows(self, sql: str, thread_id: str) -> dict[tuple[str, str], list[WriteRow]]:
        found: dict[tuple[str, str], list[WriteRow]] = {}
        statement = sql.format(task_path=self._task_path, control=_CONTROL)
        for namespace, checkpoint, task, path, channel, kind, value in self._query(statement, (thread_id,)):
            row = WriteRow(task_id=task, task_path=path or "", channel=channel, value=(kind, value))
            found.setdefault((namespace, checkpoint), []).append(row)
        return found

    def _query(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with self._reading() as db:
            return db.execute(sql, parameters).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Hold one snapshot of the database for the time of a few statements; errors become ours."""
        with self._lock:
            self._follow()
            try:
                self._connection.execute("BEGIN")
                try:
                    yield self._connection
                finally:
                    self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise BackendUnavailable(explain(self.path, error)) from error

    def _follow(self) -> None:
        """Open the file anew when another one stands in its place; an open file would outlive its deletion."""
        if self._file is None or self._file != _identity(self.path):
            self._connection.close()
            self._file = None  # so that the same file is opened again when it comes back
            self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        if not self.path.is_file():
            raise BackendUnavailable(no_file(self.path))
        try:
            connection = _connect(self.path)
            columns = {row[1] for row in connection.execute("PRAGMA table_info(writes)")}
            known = {row[1] for row in connection.execute("PRAGMA table_info(checkpoints)")}
        except sqlite3.Error as error:
            raise BackendUnavailable(explain(self.path, error)) from error
        if not {"thread_id", "checkpoint_ns", "metadata"} <= known or "channel" not in columns:
            connection.close()
            raise BackendUnavailable(
                f"{self.path} holds no LangGraph checkpoints: the tables `checkpoints` and `writes` are missing. "
                "Give the file that your graph's SqliteSaver writes, and run the graph once."
            )
        self._file, self._known = _identity(self.path), None
        self._task_path = "w.task_path" if "task_path" in columns else "''"
        return connection


def _connect(path: Path) -> sqlite3.Connection:
    """Open read-only; a write-ahead log needs a writable folder, a file in a read-only one is taken as unchanging."""
    try:
        return _connected(path, "mode=ro")
    except sqlite3.OperationalError as error:
        refused = "unable to open" in str(error) or "readonly" in str(error)
        if not refused or path.with_name(f"{path.name}-wal").exists():
            raise
    return _connected(path, "immutable=1")


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.as_uri()}?{mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")  # a damaged text costs no other row
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of the same name, None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
