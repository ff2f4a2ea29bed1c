"""Going through a long list a slice at a time: all of it once after each change, however often that comes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

SLICE = 2_000
"""Threads of the index that one scan looks for."""

_BESIDE = 10  # items that cost about what half a slice does


class Slices(Protocol):
    """A sorted list, read from behind an item."""

    def __call__(self, *, after: str, limit: int) -> Sequence[str]:
        """Return the next items."""


class Sweep:
    """One round through the list at a time. A change during a round makes another one follow."""

    def __init__(self, slices: Slices, *, size: int = SLICE) -> None:
        self._slices, self._size = slices, size
        self._after: str | None = None
        self._again = False

    def begin(self) -> None:
        """Ask for a round through the whole list, beginning from now."""
        if self._after is None:
            self._after = ""
        else:
            self._again = True

    def next(self, *, beside: int = 0) -> Sequence[str]:
        """Return the next slice of the round, nothing when no round is under way.

        It is the smaller the more items have to be worked on ``beside`` it.
        """
        if self._after is None:
            return ()
        size = max(1, self._size // (1 + beside // _BESIDE))
        found = self._slices(after=self._after, limit=size)
        if len(found) == size:
            self._after = found[-1]
        else:
            self._after, self._again = "" if self._again else None, False
        return found
