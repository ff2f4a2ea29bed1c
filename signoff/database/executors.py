"""Which processes run an engine on this desk, with which graphs, and which of them are alive.

On PostgreSQL each holds a session advisory lock as long as it lives; on SQLite there is one, behind a file lock.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from filelock import FileLock, Timeout

from signoff.database.tables import executors

Transaction = Callable[[], AbstractContextManager[sa.Connection]]
_LOCKS = sa.table("pg_locks", *map(sa.column, ("locktype", "database", "classid", "objid", "objsubid", "granted")))
_DATABASES = sa.table("pg_database", sa.column("oid", sa.BigInteger), sa.column("datname"))
_HERE = sa.select(_DATABASES.c.oid).where(_DATABASES.c.datname == sa.func.current_database())
_HELD = (
    sa.select(
        sa.cast(_LOCKS.c.classid, sa.BigInteger)
        .bitwise_lshift(sa.literal_column("32"))
        .bitwise_or(sa.cast(_LOCKS.c.objid, sa.BigInteger))
    )
    .where(_LOCKS.c.locktype == "advisory", _LOCKS.c.objsubid == 1, _LOCKS.c.granted)
    .where(_LOCKS.c.database == _HERE.scalar_subquery())
)
"""The keys of the advisory locks that sessions hold in this database, as a key of 64 bits is shown (PostgreSQL 18)."""


@dataclass(frozen=True, kw_only=True)
class Executor:
    """A process that runs an engine: ``graphs`` are those whose decisions it takes, ``lock`` the key of its lock."""

    id: str
    host: str
    pid: int
    graphs: tuple[str, ...]
    concurrency: int
    started_at: datetime
    lock: int = 0


def this_process(id: str, *, graphs: Iterable[str], concurrency: int, lock: int = 0) -> Executor:
    """Return this process as an executor."""
    return Executor(
        id=id,
        host=socket.gethostname(),
        pid=os.getpid(),
        graphs=tuple(graphs),
        concurrency=concurrency,
        started_at=datetime.now(UTC),
        lock=lock,
    )


def new_id() -> str:
    """Return an id that no other process has, and that says where this one is."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


class ExecutorStore:
    """The processes that run engines. ``engine_lock`` is the lock file of a SQLite desk, None on PostgreSQL."""

    def __init__(self, reading: Transaction, writing: Transaction, *, engine_lock: str | None) -> None:
        self._reading, self._writing, self._engine_lock = reading, writing, engine_lock

    def enlist(self, executor: Executor) -> None:
        """Write down that a process is about to take decisions. On SQLite it takes the place of those before it."""
        with self._writing() as connection:
            known = executors.c.id == executor.id
            connection.execute(sa.delete(executors).where(known if self._engine_lock is None else sa.true()))
            connection.execute(sa.insert(executors).values(**{**vars(executor), "graphs": list(executor.graphs)}))

    def strike_off_dead(self) -> None:
        """Strike dead processes off the list: one that takes its lock again writes itself down after it has it."""
        if self._engine_lock is not None:
            return
        with self._writing() as connection:
            connection.execute(sa.delete(executors).where(executors.c.lock.not_in(_HELD)))

    def one_lives(self) -> bool:
        """Tell whether any process runs an engine, on the list or not yet. Raises `BackendUnavailable`."""
        return bool(self.living()) if self._engine_lock is None else _is_held(self._engine_lock)

    def living(self) -> tuple[Executor, ...]:
        """Return those that live now, oldest first; a process that was stopped does. Raises `BackendUnavailable`."""
        if self._engine_lock is not None:
            if not _is_held(self._engine_lock):
                return ()
            wanted: sa.ColumnElement[bool] = sa.true()
        else:
            wanted = executors.c.lock.in_(_HELD)
        query = sa.select(executors).where(wanted).order_by(executors.c.started_at, executors.c.id)
        with self._reading() as connection:
            rows = connection.execute(query).mappings()
            return tuple(Executor(**{**row, "graphs": tuple(row["graphs"])}) for row in rows)


def _is_held(lock_file: str) -> bool:
    lock = FileLock(lock_file, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
