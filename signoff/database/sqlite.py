"""A desk in a SQLite file: one writer at a time, by SQLite's own lock; whoever reads is never kept waiting."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout

BUSY_SECONDS = 60
_LOCK_SECONDS = 120


def open_engine(url: str) -> sa.Engine:
    """Return an engine whose transactions begin as they are meant: for reading or, at once, for writing."""
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _take_over_transactions(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # pysqlite would begin late; the recipe of SQLAlchemy's SQLite page
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute(
            "CREATE TEMP TABLE found (seq INTEGER PRIMARY KEY)"
        )  # what a search has found, for its pages

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def alone(engine: sa.Engine, name: str, *, wait: bool) -> Iterator[bool]:
    """Hold a file lock beside the database; yield whether it could be had.

    With ``wait`` it is waited for: two minutes, then `TimeoutError` is raised.
    """
    lock = FileLock(f"{engine.url.database}.{name}.lock", timeout=_LOCK_SECONDS if wait else 0)
    try:
        lock.acquire()
    except Timeout:
        if wait:
            raise
        yield False
        return
    done_at = 0.0  # what fails is not done; taking the lock leaves a time of its own
    try:
        yield True
        done_at = time.time()
    finally:
        with suppress(OSError):  # its folder may be gone
            os.utime(lock.lock_file, (done_at, done_at))
        lock.release()


def idle(engine: sa.Engine, name: str) -> float:
    """Return how many seconds ago somebody on this machine was done under a lock, infinite if nobody ever was.

    A time to come is as far off as one gone by: the clock may have been set back.
    """
    try:
        return abs(time.time() - Path(f"{engine.url.database}.{name}.lock").stat().st_mtime)
    except FileNotFoundError:
        return math.inf
