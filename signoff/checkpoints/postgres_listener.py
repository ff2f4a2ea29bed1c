"""Waking the scanner when the server says that a thread paused (`signoff index --live`)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg

from signoff.checkpoints.postgres_connection import Address
from signoff.checkpoints.postgres_index import CHANNEL
from signoff.errors import BackendUnavailable

_log = logging.getLogger(__name__)
_LOOK_UP_SECONDS = 1.0  # until a stop is noticed
_AGAIN_SECONDS = 5.0


class Listener:
    """A thread with a connection of its own; it connects again when the server restarts, and wakes then, too."""

    def __init__(self, address: Address, wake: Callable[[], None]) -> None:
        self._address, self._wake = address, wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signoff-listen", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; takes up to a second."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (psycopg.Error, BackendUnavailable) as error:
                _log.info("Not listening for a while: %s", self._address.explain(error))
                self._stopping.wait(_AGAIN_SECONDS)

    def _listen(self) -> None:
        with self._address.connect() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._wake()  # something may have paused while nobody listened
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=_LOOK_UP_SECONDS, stop_after=1):
                    self._wake()
