"""Connections to a PostgreSQL checkpoint database: a pool that can only read, and single ones for locks and runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from signoff.errors import BackendUnavailable, SettingsInvalid

READ_SECONDS = 30
"""How long one statement may take that reads for a page."""

_POOL, _POOL_SECONDS = 8, 10.0
_OLDEST = 13_00_00  # pg_current_snapshot, xid8
_KEEPALIVES = {  # a peer that is gone is noticed in about 15 seconds, not in two hours
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}

Connection = psycopg.Connection[tuple[Any, ...]]


class Address:
    """Where a database is. ``name`` says so without a password, ``conninfo`` is for libpq.

    Raises `SettingsInvalid` when the URL cannot be read.
    """

    def __init__(self, url: str) -> None:
        scheme, _, rest = url.partition("://")
        try:
            given = conninfo_to_dict(f"postgresql://{rest}" if scheme.startswith("postgres") else url)
        except psycopg.Error:  # its text may hold the password
            given = {"host": "@"}
        if "@" in str(given.get("host") or ""):  # part of a password
            raise SettingsInvalid(
                "The PostgreSQL address cannot be read. Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %XX "
                "for characters that mean something in a URL."
            )
        self._password = str(given.get("password") or "")
        self.conninfo = make_conninfo("", **{**_KEEPALIVES, "application_name": "signoff", **given})
        self.name = _name(given)

    def explain(self, error: Exception) -> BackendUnavailable:
        """Return the error in words that say what to do; never with the password."""
        reason = " ".join(str(error).split()).rstrip(".")
        for secret in filter(None, (self._password, quote(self._password, safe=""))):
            reason = reason.replace(secret, "***")
        return BackendUnavailable(_told(self.name, error, reason))

    def connect(self, **more: Any) -> Connection:
        """Open one connection outside the pool. Raises `BackendUnavailable`."""
        try:
            return psycopg.connect(self.conninfo, autocommit=True, prepare_threshold=None, **more)
        except psycopg.Error as error:
            raise self.explain(error) from None


def _name(given: dict[str, Any]) -> str:
    user, host, port = given.get("user"), str(given.get("host") or "localhost"), given.get("port")
    database = given.get("dbname") or user or ""
    place = f"{f'{user}@' if user else ''}{host}{f':{port}' if port else ''}/{database}"
    options = given.get("options")  # a search_path
    return f"postgresql://{place} ({options})" if options else f"postgresql://{place}"


def _told(name: str, error: Exception, reason: str) -> str:
    if isinstance(error, PoolTimeout):
        return (
            f"{name} gave no connection for {_POOL_SECONDS:.0f} s. See that the server has connections left "
            "(max_connections); it is tried again at the next scan."
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return (
            f"{name} refused: {reason}. Reading needs SELECT on checkpoints, checkpoint_blobs and checkpoint_writes; "
            "running graphs needs what their saver needs. docs/postgres.md lists the rights."
        )
    if isinstance(error, psycopg.errors.QueryCanceled):
        return f"{name} was too slow: {reason}. It is read again later; `signoff index --live` makes looking cheap."
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return f"{name} takes no writes: {reason}. Runs need the primary server, not a standby."
    return f"{name} cannot be reached or read: {reason}. Check the address and that the server runs; it is tried again."


class ReadingPool:
    """A few connections whose transactions are read-only, each one snapshot; safe to share between threads.

    All settings are the transaction's own, so that reading works through a transaction pooler and leaves nothing behind
    there. Broken connections, as after a restart of the server, are replaced before they are used.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.pooled = _probe(address)
        self._pool = ConnectionPool(
            address.conninfo,
            kwargs={"prepare_threshold": None},
            min_size=0,
            max_size=_POOL,
            timeout=_POOL_SECONDS,
            num_workers=1,
            check=ConnectionPool.check_connection,
            configure=_only_read,
            reconnect_timeout=_POOL_SECONDS,
            open=True,
        )

    @contextmanager
    def transaction(self, seconds: float = READ_SECONDS) -> Iterator[Connection]:
        """Hold one snapshot for the time of a few statements. Raises `BackendUnavailable`."""
        try:
            with self._pool.connection() as connection:
                connection.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
                yield connection
        except PoolTimeout as error:
            self.address.connect().close()  # says why, where the server does not answer at all
            raise self.address.explain(error) from None
        except psycopg.Error as error:
            raise self.address.explain(error) from error

    def query(self, sql: Any, parameters: Any = None) -> list[Any]:
        """Return the rows of one statement. What PostgreSQL's text cannot hold matches nothing."""
        if not _storable(parameters):
            return []
        with self.transaction() as connection:
            return connection.execute(sql, parameters).fetchall()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def _only_read(connection: Connection) -> None:
    connection.read_only = True
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ


def _probe(address: Address) -> bool:
    """See that LangGraph's tables are there; tell whether a pooler stands between us and the server."""
    with address.connect() as connection:
        if connection.info.server_version < _OLDEST:
            raise BackendUnavailable(f"{address.name} is older than PostgreSQL 13, the oldest that Signoff reads.")
        [row] = connection.execute(
            "SELECT to_regclass('checkpoint_writes'), to_regclass('checkpoint_blobs')"
        ).fetchall()
        if None in row:
            raise BackendUnavailable(
                f"{address.name} holds no LangGraph checkpoints: the tables `checkpoints`, `checkpoint_blobs` and "
                "`checkpoint_writes` are missing. Name the database that your graph's PostgresSaver writes, and call "
                "its setup() once; tables in a schema of their own need ?options=-csearch_path%3DSCHEMA."
            )
        return is_pooled(connection)


def is_pooled(connection: Connection) -> bool:
    """Tell whether a pooler answers in the server's place: such a one gives out process numbers of its own."""
    [row] = connection.execute("SELECT pg_backend_pid()").fetchall()
    return bool(row[0] != connection.info.backend_pid)


def _storable(parameters: Any) -> bool:
    if isinstance(parameters, str):
        return "\0" not in parameters and (parameters.isascii() or _encodes(parameters))
    if isinstance(parameters, dict):
        return all(map(_storable, parameters.values()))
    return all(map(_storable, parameters)) if isinstance(parameters, (list, tuple)) else True


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
