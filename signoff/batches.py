"""Works through many items in batches: the next batch is made while the one before it is worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(items: Iterator[T], act: Callable[[Sequence[T], datetime], bool], *, size: int) -> bool:
    """Act on ``size`` items at a time, in their order, and return whether ``act`` ever returned True.

    ``act`` is also told since when its items were made. It is never called twice at once; one call is under way, in a
    thread of its own, while the items of the next are made. The last ones, fewer than ``size``, are acted on by the
    thread that calls. What ``act`` or ``items`` raises is raised when the call under way has ended.
    """
    changed, since = False, datetime.now(UTC)
    under_way: Future[bool] | None = None
    with ThreadPoolExecutor(1) as beside:
        while batch := list(islice(items, size)):
            changed |= under_way.result() if under_way else False
            if len(batch) < size:
                return act(batch, since) or changed
            under_way = beside.submit(act, batch, since)
            since = datetime.now(UTC)
        return (under_way.result() if under_way else False) or changed
