"""The one event loop on which graphs are looked at and run.

LangGraph's own server has one loop, and graphs are written for it: a model's HTTP client or a lock made at import works
on the first loop that used it and fails on every other (``Event loop is closed``, seen with httpx 0.28).
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


def run_on_graph_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine to its end and return what it returns; what it raises, passes.

    Blocks the calling thread, which must not be the loop's own. Coroutines of several threads take turns.
    """
    return asyncio.run_coroutine_threadsafe(coroutine, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=_turn, args=(loop,), name="signoff-graphs", daemon=True).start()
    return loop


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    while True:
        try:
            loop.run_forever()
        except SystemExit:  # asyncio hands it to whoever awaits the node, but also stops the loop under all the others
            _log.warning("A graph called sys.exit(); its run fails, the others go on.")


os.register_at_fork(after_in_child=_loop.cache_clear)  # threads do not survive a fork
