"""How an engine is one of its desk's: alone, behind a file lock, or among others, each with a lock of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout

from signoff.database import Database
from signoff.database.executors import Executor
from signoff.database.locks import SessionLock
from signoff.errors import BackendUnavailable

_log = logging.getLogger(__name__)


@contextmanager
def alone_on(database: Database) -> Iterator[bool]:
    """Keep every engine from starting on this SQLite desk; yields False where one is alive."""
    lock = FileLock(str(database.engine_lock), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


class Membership(Protocol):
    """What tells all others that this engine lives."""

    def join(self) -> bool:
        """Become a member, on the list; False where there is room for one only. Raises `BackendUnavailable`."""

    def keep(self) -> None:
        """Become a member again, if the database was away. Raises `BackendUnavailable` while it is."""

    def leave(self) -> None:
        """Let the others know that this one is gone."""


class Alone:
    """The one engine of a SQLite desk. The lock falls with the process that holds it."""

    def __init__(self, database: Database, executor: Executor) -> None:
        self._database, self._executor = database, executor
        self._lock = FileLock(str(database.engine_lock), thread_local=False)

    def join(self) -> bool:
        """Take the file lock, unless another process has it."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        self._database.executors.enlist(self._executor)
        return True

    def keep(self) -> None:
        """Do nothing: a file lock is not lost."""

    def leave(self) -> None:
        """Let another process be the engine."""
        self._lock.release()


class Shared:
    """One of any number of engines on PostgreSQL: a session advisory lock, named after the executor."""

    def __init__(self, database: Database, executor: Executor) -> None:
        self._database = database
        self._lock = SessionLock(database.engine, f"executor {executor.id}")
        self._executor = replace(executor, lock=self._lock.key)

    def join(self) -> bool:
        """Take the lock, then its place on the list. The lock is this executor's own: nobody else takes it."""
        try:
            taken = self._lock.acquire()
        except sa.exc.DBAPIError as error:
            raise BackendUnavailable(
                f"Signoff's own database did not answer: {error.orig}. It is tried again."
            ) from error
        self._database.executors.enlist(self._executor)
        return taken

    def keep(self) -> None:
        """Take the lock again when its connection was lost, for instance because the server was started anew."""
        if self._lock.held():
            return
        self.join()  # False: the server has not noticed that the old connection is gone, and shows us as alive
        _log.warning("The connection that tells that this engine lives was lost, and is made anew.")

    def leave(self) -> None:
        """Give the lock back and strike this process off the list."""
        self._lock.release()
        try:
            self._database.executors.strike_off_dead()
        except BackendUnavailable as error:
            _log.warning("This engine stays on the list until another one strikes it off: %s", error)
