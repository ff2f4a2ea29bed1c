"""Carries LangGraph's checkpoints from a SQLite file into PostgreSQL: thread by thread, each whole or not at all.

A thread that arrived is recognised and left alone, so that a copy that was interrupted goes on where it stopped. What
was written is read back and compared, row by row. Only digests of one thread's rows are held in memory, and one batch.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from signoff.checkpoints.postgres_connection import Address, Connection
from signoff.checkpoints.splitting import Unmovable, Versions, split
from signoff.errors import BackendUnavailable, MoveRefused

Told = Callable[[int, int], None]
Row = tuple[str, tuple[Any, ...]]
Digests = dict[tuple[Any, ...], bytes]

_COLUMNS = {
    "checkpoints": ("checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "checkpoint", "metadata"),
    "checkpoint_blobs": ("checkpoint_ns", "channel", "version", "type", "blob"),
    "checkpoint_writes": ("checkpoint_ns", "checkpoint_id", "task_id", "idx", "task_path", "channel", "type", "blob"),
}
_KEYS = {"checkpoints": 2, "checkpoint_blobs": 3, "checkpoint_writes": 4}
_ROWS, _BYTES = 500, 8_000_000
_THREADS = "SELECT thread_id FROM checkpoints UNION SELECT thread_id FROM writes ORDER BY 1"
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Carried:
    """How many threads were copied, and how many had been before; the rows of all of them in the source."""

    threads: int
    already: int
    checkpoints: int
    writes: int


def carry(file: Path, target_url: str, tell: Told) -> Carried:
    """Copy all threads, telling ``tell`` how many of how many are done. Nothing in the source is changed.

    Raises `MoveRefused`, with all other threads copied, where the target holds other rows of a thread or PostgreSQL
    cannot hold one, and where the source was written to meanwhile; `BackendUnavailable` where one does not answer.
    """
    address = Address(target_url)
    try:
        with closing(_opened(file)) as source, address.connect(row_factory=dict_row) as target:
            PostgresSaver(target).setup()  # type: ignore[arg-type] # rows are dicts, by the line above
            before = _version(source)
            source.execute("BEGIN")  # one snapshot
            carried = _carry(source, address, tell)
            source.execute("COMMIT")
            if _version(source) != before:
                raise MoveRefused(
                    f"{file} was written to meanwhile. Stop the programs that run its graphs, and run the command "
                    "again; threads that went on have to be deleted from the target first (`delete_thread`)."
                )
            return carried
    except sqlite3.Error as error:
        raise BackendUnavailable(f"{file} cannot be read as a checkpoint database: {error}.") from error
    except psycopg.Error as error:
        raise address.explain(error) from error


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _version(source: sqlite3.Connection) -> int:
    source.execute("SELECT 1 FROM checkpoints LIMIT 1").fetchall()
    return int(source.execute("PRAGMA data_version").fetchone()[0])


def _carry(source: sqlite3.Connection, address: Address, tell: Told) -> Carried:
    threads = [row[0] for row in source.execute(_THREADS)]
    copied, left = 0, {}
    with address.connect() as target:
        target.execute("SET statement_timeout = 0")
        for number, thread in enumerate(threads):
            tell(number, len(threads))
            try:
                copied += _copied(source, target, thread)
            except (Unmovable, psycopg.DataError, psycopg.errors.UniqueViolation, UnicodeError) as error:
                left[thread] = " ".join(str(error).split())
        tell(len(threads), len(threads))
    if left:
        raise MoveRefused(_told(left, len(threads)))
    checkpoints, writes = (source.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("checkpoints", "writes"))  # noqa: S608 - names of ours
    return Carried(threads=copied, already=len(threads) - copied, checkpoints=checkpoints, writes=writes)


def _told(left: dict[str, str], threads: int) -> str:
    named = "; ".join(f"{thread!r}: {why}" for thread, why in list(left.items())[:_NAMED])
    more = f"; and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return (
        f"{len(left)} of {threads} threads were not copied: {named}{more}. All others are there, and the desk has not "
        "moved. Mend these and run the command again, or leave them behind: run it without --checkpoints."
    )


def _copied(source: sqlite3.Connection, target: Connection, thread: str) -> bool:
    """Copy one thread; False where it had been copied before. Raises `Unmovable` where other rows are in its place."""
    with target.transaction():
        found = _held(target, thread)
        digests: Digests = {}
        for table, rows in _batches(_rows(source, thread)):
            digests.update((_key(table, row), _digest(row)) for row in rows)
            if not found:
                _insert(target, table, thread, rows)
        if found and found != digests:
            raise Unmovable("the target holds other rows of this thread; delete it on one side")
        if not found and _held(target, thread) != digests:
            raise Unmovable("the target gave back something else than it was given; nothing of it was kept")
        return not found


def _batches(rows: Iterator[Row]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Gather the rows of each table, up to a few hundred or some megabytes together."""
    gathered: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    count = size = 0
    for table, row in rows:
        gathered[table].append(row)
        count, size = count + 1, size + sum(len(value) for value in row if isinstance(value, bytes))
        if count >= _ROWS or size >= _BYTES:
            yield from gathered.items()
            gathered.clear()
            count = size = 0
    yield from gathered.items()


def _rows(source: sqlite3.Connection, thread: str) -> Iterator[Row]:
    """Yield the rows of a thread as the tables of PostgreSQL have them; a value shared by checkpoints comes once."""
    yield from (("checkpoint_writes", row) for row in _writes(source, thread))
    checkpoints = source.execute(
        "SELECT checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata FROM checkpoints "
        "WHERE thread_id = ? ORDER BY checkpoint_ns, checkpoint_id",
        (thread,),
    )
    for namespace, steps in groupby(checkpoints, key=lambda row: row[0]):
        versions = Versions()
        stored: set[tuple[str, str]] = set()
        for _, checkpoint_id, parent, kind, blob, metadata in steps:
            parts = split(kind or "json", _bytes(blob), versions)
            for place in parts.blobs.keys() - stored:
                stored.add(place)
                yield "checkpoint_blobs", (namespace, *place, *parts.blobs[place])
            yield "checkpoints", (namespace, checkpoint_id, parent, parts.checkpoint, _metadata(metadata))


def _writes(source: sqlite3.Connection, thread: str) -> Iterator[tuple[Any, ...]]:
    known = {row[1] for row in source.execute("PRAGMA table_info(writes)")}
    path = "task_path" if "task_path" in known else "''"  # a file of before langgraph-checkpoint-sqlite 3.1
    sql = f"SELECT checkpoint_ns, checkpoint_id, task_id, idx, {path}, channel, type, value FROM writes WHERE thread_id = ?"  # noqa: S608, E501 - a name of ours
    for *row, value in source.execute(sql, (thread,)):
        yield (*row, _bytes(value))


def _metadata(stored: Any) -> Any:
    try:
        return json.loads(stored) if stored else {}
    except ValueError as error:
        raise Unmovable(f"metadata is not JSON: {error}") from error


def _bytes(stored: Any) -> bytes:
    return stored.encode() if isinstance(stored, str) else bytes(stored or b"")


def _insert(target: Connection, table: str, thread: str, rows: list[tuple[Any, ...]]) -> None:
    columns = ("thread_id", *_COLUMNS[table])
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608 - names of ours
    with target.cursor() as cursor:
        cursor.executemany(sql, [(thread, *(Jsonb(v) if isinstance(v, dict) else v for v in row)) for row in rows])


def _held(target: Connection, thread: str) -> Digests:
    """Return what the target holds of a thread, read a few rows at a time."""
    found: Digests = {}
    for table, columns in _COLUMNS.items():
        with target.cursor(name="signoff_carried") as cursor:
            cursor.itersize = 100
            cursor.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE thread_id = %s", (thread,))  # noqa: S608 - names of ours
            found.update((_key(table, row), _digest(row)) for row in cursor)
    return found


def _key(table: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return table, *row[: _KEYS[table]]


def _digest(row: tuple[Any, ...]) -> bytes:
    digest = blake2b(digest_size=16)
    for value in row:
        part = value if isinstance(value, bytes) else json.dumps(_plain(value), sort_keys=True).encode()
        digest.update(b"%d:" % len(part) + part)
    return digest.digest()


def _plain(value: Any) -> Any:
    """Return JSON as JSONB tells it: it keeps numbers by their value, so 1e16 comes back as a whole number."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
