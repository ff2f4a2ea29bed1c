"""Finds threads that stand elsewhere than the index says, whatever made them: all are compared, and few are read.

It is asked for where rows may have come back that were gone, as they do when a file is put back from its copy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

Tips = Callable[[], Mapping[str, str]]
"""Returns the newest root checkpoint of each thread, by thread id."""

_CHEAP = 0.02  # seconds, for which it need not rest
_SHARE = 50  # else it takes no more than one fiftieth of the time, however often it is asked for


class Comparison:
    """Compares what is there with what is ``known``, when somebody has asked for it since the last time."""

    def __init__(self, known: Tips, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._known, self._clock = known, clock
        self._asked: Tips | None = None
        self._rested_at = 0.0

    def differing(self, there: Tips | None) -> list[str]:
        """Return the ids of threads that are not what they are known as, sorted: others, new, or gone.

        With ``there`` None only what was asked for before is compared, where it was too early then.
        """
        self._asked = there or self._asked
        started = self._clock()
        if self._asked is None or started < self._rested_at:
            return []
        found, known, self._asked = self._asked(), self._known(), None
        now = self._clock()
        self._rested_at = now + _SHARE * (now - started) if now - started > _CHEAP else now
        return sorted(one for one in found.keys() | known.keys() if found.get(one) != known.get(one))
