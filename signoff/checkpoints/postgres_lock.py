"""One run of a thread at a time, on any number of machines, by advisory locks of the server.

Two locks, both held by a session and gone with it. The **turn** is taken for the whole run, on a connection of its own.
The **pen** is taken by the saver on the very connection through which it writes (`postgres_saver`), so nobody writes to
a thread who does not hold its pen. If the turn's connection dies in the middle of a run, another worker may take the
turn; before it looks at the thread it waits until the pen is free, and a saver that gets the pen asks whether its own
turn still stands. So the old run either finishes first, or its writes fail; it is never mixed with the new one.

A run whose connections broke, as when the server is started anew, takes both locks again and goes on if nobody wrote to
the thread meanwhile: what its nodes have done need not be done again.

A transaction pooler hands one session to many: there such locks protect nothing, and a run is refused.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import psycopg

from signoff.checkpoints.postgres_connection import Address, Connection, is_pooled
from signoff.errors import BackendUnavailable

_log = logging.getLogger(__name__)

PATIENT = (
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', "
    "'idle_session_timeout', 'transaction_timeout')"
)
"""Makes a session wait for a lock as long as it takes, whatever the role's own settings are."""

QUICK_TO_NOTICE = (
    "SELECT set_config(name, value, false) FROM (VALUES ('tcp_keepalives_idle', '5'), "
    "('tcp_keepalives_interval', '3'), ('tcp_keepalives_count', '3')) AS wanted(name, value)"
)
"""Makes the server notice in about 15 seconds that the machine of a session is gone, and drop its locks."""

_HELD = """
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND classid = %s::bigint::oid AND objid = %s::bigint::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def lock_key(kind: str, thread_id: str) -> int:
    """Return the number of a thread's ``turn`` or ``pen``: 64 bits with a sign, the same on every machine."""
    digest = hashlib.sha256(f"signoff:{kind}:{thread_id}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class Turn:
    """The turn of one thread, on a connection of its own. For one run at a time."""

    def __init__(self, address: Address, thread_id: str) -> None:
        self.thread_id, self._address = thread_id, address
        self._key = lock_key("turn", thread_id)
        self._connection: Connection | None = None

    def take(self) -> None:
        """Wait for the turn, and then for an older run to put its pen down. Raises `BackendUnavailable`."""
        pen = lock_key("pen", self.thread_id)
        with self._connected() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (self._key,))
            connection.execute("SELECT pg_advisory_lock(%s)", (pen,))  # an older run may still be writing
            connection.execute("SELECT pg_advisory_unlock(%s)", (pen,))

    def retake(self) -> None:
        """Take the turn again if it was lost with its connection. Raises `BackendUnavailable` where somebody has it."""
        if self.stands():
            return
        self.release()
        with self._connected() as connection:
            [(taken,)] = connection.execute("SELECT pg_try_advisory_lock(%s)", (self._key,)).fetchall()
            if not taken:
                raise BackendUnavailable(f"Another run has taken over thread {self.thread_id!r}.")

    def stands(self) -> bool:
        """Tell whether the turn is still held."""
        try:
            if self._connection is not None:
                self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return self._connection is not None

    def release(self) -> None:
        """Give the turn back, if it was not lost."""
        if self._connection is None:
            return
        try:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", (self._key,))
        except psycopg.Error:
            _log.warning(
                "The lock of thread %s was lost while it was held; see signoff.checkpoints.postgres_lock",
                self.thread_id,
            )
        finally:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Hold a new connection, which is kept if nothing is raised."""
        connection = self._address.connect()
        try:
            self._prepare(connection)
            yield connection
        except BaseException as error:
            connection.close()
            if isinstance(error, psycopg.Error):
                raise self._address.explain(error) from error
            raise
        self._connection = connection

    def _prepare(self, connection: Connection) -> None:
        if is_pooled(connection):
            raise BackendUnavailable(through_pooler(self._address.name))
        connection.execute(PATIENT)
        connection.execute(QUICK_TO_NOTICE)


class ThreadLocks:
    """The locks of one database's threads."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._current: ContextVar[Turn | None] = ContextVar("turn", default=None)

    @property
    def current(self) -> Turn | None:
        """Return the turn that whoever calls this holds: in the thread that took it, or in a task begun from there."""
        return self._current.get()

    @contextmanager
    def turn(self, thread_id: str) -> Iterator[None]:
        """Hold the thread's turn. Raises `BackendUnavailable` when the server is gone, or behind a pooler."""
        turn = Turn(self._address, thread_id)
        turn.take()
        before = self._current.set(turn)
        try:
            yield
        finally:
            self._current.reset(before)
            turn.release()

    def holders(self, thread_id: str) -> tuple[str, tuple[int, int]]:
        """Return the query, with its parameters, that has a row when somebody holds the turn."""
        key = lock_key("turn", thread_id) & 0xFFFF_FFFF_FFFF_FFFF
        return _HELD, (key >> 32, key & 0xFFFF_FFFF)


def through_pooler(name: str) -> str:
    """Say that runs need the server itself."""
    return (
        f"{name} is a connection pooler. Reading works through it, but a run locks its thread for a whole session, "
        "which a pooler may give to somebody else. Give the address of the server itself for applying answers."
    )
