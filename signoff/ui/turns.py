"""Drawing one after another when much is asked for at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_turns = threading.BoundedSemaphore(2)  # of what is drawn at a time in this process
_LONGEST_WAIT = 5.0  # seconds for a turn: nothing that hangs keeps others from being drawn


@contextmanager
def turn() -> Iterator[None]:
    """Draw a page, or what nobody has clicked on, when it is its turn; a click is answered at once.

    Each element that is drawn takes a lock of Streamlit's configuration (1.67, ``populate_hash_if_needed``). Twenty
    threads that draw queue at it, each time until Python switches threads, and all together took three times as long as
    one after another; they queue for connections, too (`benchmarks/load.py`, 50 tabs).
    """
    mine = _turns.acquire(timeout=_LONGEST_WAIT)
    try:
        yield
    finally:
        if mine:
            _turns.release()
