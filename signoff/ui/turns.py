"""How much is being drawn at once, and drawing pages one after another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_pages = threading.BoundedSemaphore(2)  # whole pages that are drawn at a time in this process
_LONGEST_WAIT = 5.0  # seconds for a turn: nothing that hangs keeps others from being drawn
_drawings: dict[int, int] = {}  # by thread, how many drawings it is in


def under_way() -> int:
    """Return how many drawings this process is at, or has waiting: of pages, and of parts of them."""
    return len(_drawings)


@contextmanager
def drawing() -> Iterator[None]:
    """Count what is done within as a drawing, see `under_way`; within another one it counts as that."""
    mine = threading.get_ident()
    _drawings[mine] = _drawings.get(mine, 0) + 1
    try:
        yield
    finally:
        _drawings[mine] -= 1
        if not _drawings[mine]:
            del _drawings[mine]


@contextmanager
def turn() -> Iterator[None]:
    """Draw a page when it is its turn.

    All threads that draw share one interpreter and a few connections: of pages that are drawn together each is as late
    as the last. What is clicked does not wait; what nobody has clicked is asked for the later the more is under way,
    see `signoff.room`.
    """
    with drawing():
        mine = _pages.acquire(timeout=_LONGEST_WAIT)
        try:
            yield
        finally:
            if mine:
                _pages.release()
