"""Hearing of changes instead of asking for them: on PostgreSQL each counted change is a NOTIFY to all dashboards."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from signoff.database.pulse import CHANNEL

_AGAIN_SECONDS = 1.0
_LISTEN_SECONDS = 0.5  # the longest that `close` waits
_TRUST_SECONDS = 5.0  # after which it is asked all the same: a connection can be dead and not know it
_log = logging.getLogger(__name__)


class Listener:
    """The desk's counter, read again only when it has moved. Until a connection listens, and without one: each time.

    ``read`` asks the database. Begins with the first `version`, so that a process without tabs needs no connection.
    """

    def __init__(self, engine: sa.Engine, read: Callable[[], int]) -> None:
        self._engine, self._read = engine, read
        self._known: int | None = None
        self._read_at = 0.0
        self._listening, self._moved, self._closing = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="signoff-listen", daemon=True)
        self._guard = threading.Lock()

    @property
    def listening(self) -> bool:
        """Return whether changes are told at this moment."""
        return self._listening.is_set()

    def version(self) -> int:
        """Return the counter. Raises `BackendUnavailable`."""
        with self._guard:
            if self._thread.ident is None and not self._closing.is_set():
                self._thread.start()
            fresh = self.listening and time.monotonic() - self._read_at < _TRUST_SECONDS
            if self._known is None or not fresh or self._moved.is_set():
                self._moved.clear()  # first: what moves while we read is read again
                self._known = None
                self._known = self._read()
                self._read_at = time.monotonic()
            return self._known

    def doubt(self) -> None:
        """Have the next `version` ask the database: this process has changed something, and may hear of it later."""
        self._moved.set()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - the driver's own errors come here unwrapped
                _log.info("Changes are not told for now, and asked for: %s", type(error).__name__)
            self._listening.clear()
            self._closing.wait(_AGAIN_SECONDS)

    def _listen(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver: Any = connection.connection.driver_connection
            connection.detach()  # no other user of the pool is to get a connection that listens
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            self._moved.set()
            self._listening.set()
            while not self._closing.is_set():
                for _ in driver.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                    self._moved.set()
