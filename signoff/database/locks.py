"""Locks between processes that share a desk on PostgreSQL: advisory, held by a session, gone with its connection."""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa

from signoff.database.postgres import advisory_key

_KEEPALIVE = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}  # seconds, seconds, -


class SessionLock:
    """A lock that one process holds as long as its connection lives; a stopped process keeps it, a dead one does not.

    The connection is its own and goes through no transaction pooler. The server notices within half a minute that the
    machine at its other end is gone. For one thread at a time.
    """

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine, self.key = engine, advisory_key(name)
        self._connection: sa.Connection | None = None

    def acquire(self) -> bool:
        """Take the lock, if nobody has it. Raises `sqlalchemy.exc.DBAPIError` when the server does not answer."""
        self.release()
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # a connection that comes back to the pool would bring the lock with it
        try:
            for name, value in _KEEPALIVE.items():
                connection.exec_driver_sql(f"SET {name} = {value}")
            taken = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(self.key))).scalar_one())
        except BaseException:
            connection.close()
            raise
        if taken:
            self._connection = connection
        else:
            connection.close()
        return taken

    def held(self) -> bool:
        """Tell whether the connection that holds the lock still lives."""
        if self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except sa.exc.DBAPIError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the lock back, with its connection."""
        if self._connection is not None:
            with suppress(sa.exc.DBAPIError):
                self._connection.close()
            self._connection = None
