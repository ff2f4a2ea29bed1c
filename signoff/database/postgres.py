"""A desk in PostgreSQL: the schema ``signoff`` of any database, by psycopg 3.

Write transactions exclude each other by one advisory lock, as they do on SQLite: what a store has read stays true until
it commits, the audit trail has one end, and counters only move forward. Nothing can deadlock or fail to serialise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

SCHEMA = "signoff"
"""Holds our tables, Alembic's version and DBOS's tables: what `pg_dump --schema=signoff` saves belongs together."""

_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_CONNECTION = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_SESSION = f"""
    SET search_path TO {SCHEMA};
    SET TIME ZONE 'UTC';
    SET lock_timeout = '60s';
    SET statement_timeout = '120s';
    SET idle_in_transaction_session_timeout = '60s'
"""  # a process that was stopped in the middle of writing does not stop all others for ever
_WRITING = "write"
_POOL = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}


def is_postgres(url: str) -> bool:
    """Tell whether a URL names a PostgreSQL database."""
    return url.partition("://")[0] in _SCHEMES


def driver_url(url: str) -> sa.URL:
    """Return SQLAlchemy's URL for ``postgresql://…``. Raises `sqlalchemy.exc.ArgumentError`."""
    return sa.make_url(url).set(drivername="postgresql+psycopg")


def advisory_key(name: str) -> int:
    """Return the key of PostgreSQL's advisory lock of this name: 64 bits, the same in every process."""
    return int.from_bytes(hashlib.sha256(f"signoff:{name}".encode()).digest()[:8], "big", signed=True)


def open_engine(url: str) -> sa.Engine:
    """Return an engine whose sessions look into our schema. Raises `sqlalchemy.exc.ArgumentError` for a wrong URL."""
    address = driver_url(url)
    wanted = {name: value for name, value in _CONNECTION.items() if name not in address.query}
    engine = sa.create_engine(address, connect_args=wanted, **_POOL)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        _without_nul(connection)
        autocommit, connection.autocommit = connection.autocommit, True
        connection.execute(_SESSION)
        connection.autocommit = autocommit

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({advisory_key(_WRITING)})")

    return engine


@contextmanager
def alone(engine: sa.Engine, name: str, *, wait: bool) -> Iterator[bool]:
    """Hold a session's advisory lock on a connection of its own; yield whether it could be had.

    It ends with its process or its connection. With ``wait`` it is waited for: a minute, then
    `sqlalchemy.exc.OperationalError` is raised.
    """
    key = advisory_key(name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if wait:
            connection.execute(sa.select(sa.func.pg_advisory_lock(key)))
        elif not connection.execute(sa.select(sa.func.pg_try_advisory_lock(key))).scalar():
            yield False
            return
        try:
            yield True
        finally:
            _unlock(connection, key)


def _unlock(connection: sa.Connection, key: int) -> None:
    """Give the lock back; a connection on which that fails is thrown away, and the lock with it."""
    try:
        connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
    except sa.exc.DBAPIError:
        connection.invalidate()


def _without_nul(connection: Any) -> None:
    """Write the one character that PostgreSQL cannot store, NUL, as its picture ``␀``, wherever a text is sent."""
    from psycopg.types.string import StrDumper  # noqa: PLC0415 - only with the extra `postgres`

    class Pictured(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\x00", "\u2400"))

    connection.adapters.register_dumper(str, Pictured)
