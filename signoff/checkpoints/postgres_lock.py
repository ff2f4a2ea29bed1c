"""One run of a thread at a time, on any number of machines, by advisory locks of the server.

Two locks, both held by a session and gone with it. The **turn** is taken for the whole run, on a connection of its own.
The **pen** is taken by the saver on the very connection through which it writes (`postgres_saver`), so nobody writes to
a thread who does not hold its pen. If the turn's connection dies in the middle of a run, another worker may take the
turn; before it looks at the thread it waits until the pen is free, and a saver that gets the pen asks whether its own
turn still stands. So the old run either finishes first, or its writes fail; it is never mixed with the new one.

A transaction pooler hands one session to many: there such locks protect nothing, and a run is refused.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

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


class ThreadLocks:
    """The locks that this process holds, by thread."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._guard = threading.Lock()
        self._held: dict[str, Connection] = {}

    @contextmanager
    def turn(self, thread_id: str) -> Iterator[None]:
        """Hold the thread's turn. Raises `BackendUnavailable` when the server is gone, or behind a pooler."""
        connection = self._address.connect()
        try:
            self._take(connection, thread_id)
            with self._guard:
                self._held[thread_id] = connection
            yield
        finally:
            with self._guard:
                if self._held.get(thread_id) is connection:
                    del self._held[thread_id]
            self._release(connection, thread_id)

    def stands(self, thread_id: str) -> bool:
        """Tell whether the turn that this process took is still held; True where it took none."""
        with self._guard:
            connection = self._held.get(thread_id)
        if connection is None:
            return True
        try:
            connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def holders(self, thread_id: str) -> tuple[str, tuple[int, int]]:
        """Return the query, with its parameters, that has a row when somebody holds the turn."""
        key = lock_key("turn", thread_id) & 0xFFFF_FFFF_FFFF_FFFF
        return _HELD, (key >> 32, key & 0xFFFF_FFFF)

    def _take(self, connection: Connection, thread_id: str) -> None:
        if is_pooled(connection):
            raise BackendUnavailable(through_pooler(self._address.name))
        pen = lock_key("pen", thread_id)
        try:
            connection.execute(PATIENT)
            connection.execute(QUICK_TO_NOTICE)
            connection.execute("SELECT pg_advisory_lock(%s)", (lock_key("turn", thread_id),))
            connection.execute("SELECT pg_advisory_lock(%s)", (pen,))  # an older run may still be writing
            connection.execute("SELECT pg_advisory_unlock(%s)", (pen,))
        except psycopg.Error as error:
            raise self._address.explain(error) from error

    def _release(self, connection: Connection, thread_id: str) -> None:
        try:
            connection.execute("SELECT pg_advisory_unlock(%s)", (lock_key("turn", thread_id),))
        except psycopg.Error:
            _log.warning(
                "The lock of thread %s was lost while it was held; see signoff.checkpoints.postgres_lock", thread_id
            )
        finally:
            connection.close()


def through_pooler(name: str) -> str:
    """Say that runs need the server itself."""
    return (
        f"{name} is a connection pooler. Reading works through it, but a run locks its thread for a whole session, "
        "which a pooler may give to somebody else. Give the address of the server itself for applying answers."
    )
