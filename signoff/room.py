"""Whether a process has room for work that nobody has clicked for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_BUSY = 1  # drawings; with more there is no room
_SHARE = 0.5  # of a core, on average for about a second; with more there is none either
_SECOND = 1.0
_LOOKS = 10  # a second, at most


class Room:
    """Callable that tells whether there is room: for what is clicked there always is.

    Python runs one thread at a time, so a core is what a process has; half of it stays for clicks, which come when they
    please: with a busier one each waits behind others. What other threads of the process work counts, too: nodes of
    graphs, where the engine is inside. To be asked ten times a second, by one thread. ``drawings`` says how many
    drawings the process is at, ``spent`` the seconds of processor time it has used, ``now`` when that is.
    """

    def __init__(
        self,
        drawings: Callable[[], int],
        spent: Callable[[], float] = time.process_time,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._drawings, self._spent, self._now = drawings, spent, now
        self._looks = deque([(now(), spent())])  # when, and how much was spent by then

    def __call__(self) -> bool:
        """Tell whether there is room at this moment."""
        now, spent = self._now(), self._spent()
        if now - self._looks[-1][0] >= _SECOND:
            self._looks.clear()  # nobody asked: of what was then, nothing is known
        if not self._looks or now - self._looks[-1][0] >= _SECOND / _LOOKS:
            self._looks.append((now, spent))
        while len(self._looks) > 1 and now - self._looks[1][0] >= _SECOND:
            self._looks.popleft()
        since, before = self._looks[0]
        return self._drawings() <= _BUSY and spent - before <= _SHARE * (now - since)
