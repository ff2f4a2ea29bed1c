"""One reading for many who ask: a mark that says how things stand, read the less often the more ask for it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

_OFTEN, _WITHIN, _GAP = 8, 0.5, 0.25  # so many who ask in so many seconds are many; seconds between two readings then


class Glance:
    """What ``read`` says, at most a quarter of a second old.

    Who asks gets a reading of their own, unless many asked of late: pages that are drawn at about the same time
    then show the desk at the same mark, and share what they read of it (`signoff.ui.shared`).
    """

    def __init__(self, read: Callable[[], str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._lock = threading.Lock()
        self._asked: deque[float] = deque(maxlen=_OFTEN)
        self._newest, self._read_at = "", 0.0

    def read(self, *, fresh: bool = False) -> str:
        """Return the mark; with ``fresh`` as it is now."""
        if not fresh and self._newest and self._lock.locked():
            return self._newest  # somebody reads it this moment
        with self._lock:
            now = self._clock()
            many = len(self._asked) == _OFTEN and now - self._asked[0] < _WITHIN
            self._asked.append(now)
            if fresh or not many or now - self._read_at >= _GAP:
                self._newest, self._read_at = self._read(), now
            return self._newest
