"""When did this field change? The history of one channel of a thread's state, or of one place inside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from signoff.checkpoints import Step, Trace, steps
from signoff.desk import Desk
from signoff.differences import Path
from signoff.errors import ThreadNotFound
from signoff.forms.equality import identical
from signoff.reviews import ABSENT, Absent, Json

_BATCH = 50  # checkpoints in memory at a time, of each only the one channel


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A step at which a channel changed against the step's parent; ``wrote`` names the nodes that wrote it."""

    step: Trace
    wrote: tuple[str, ...]
    before: Json | Absent
    after: Json | Absent


def turns(desk: Desk, thread_id: str, channel: str, path: Path = ()) -> Iterator[Turn]:
    """Yield the steps at which ``path`` inside a channel changed, newest first; read as they are asked for.

    Values are turned into JSON only where the channel was written. A value that a node changed without returning it
    counts from the next time the channel is written. A fork's first step comes when its parent does. Raises
    `ThreadNotFound`.
    """
    waiting: defaultdict[str | None, list[Trace]] = defaultdict(list)
    for trace in _traces(desk, thread_id, channel):
        for child in waiting.pop(trace.checkpoint_id, ()):
            yield from _compared(trace, child, path)
        waiting[trace.parent_id].append(trace)
    for orphans in waiting.values():
        for orphan in orphans:
            yield from _compared(None, orphan, path)


def step_at(desk: Desk, thread_id: str, checkpoint_id: str) -> Step:
    """Return one step of a thread. Raises `ThreadNotFound` when the thread has no such step."""
    if step := steps.step_at(desk.checkpoints, thread_id, checkpoint_id):
        return step
    raise ThreadNotFound(thread_id)


def _traces(desk: Desk, thread_id: str, channel: str) -> Iterator[Trace]:
    batch = desk.checkpoints.traces(thread_id, limit=_BATCH, channel=channel)
    if not batch:
        raise ThreadNotFound(thread_id)
    while batch:
        yield from batch
        batch = desk.checkpoints.traces(thread_id, limit=_BATCH, channel=channel, before=batch[-1].checkpoint_id)


def _compared(parent: Trace | None, child: Trace, path: Path) -> Iterator[Turn]:
    if parent and parent.version == child.version:
        return
    before, after = _at(parent.value if parent else ABSENT, path), _at(child.value, path)
    if not identical(before, after):
        yield Turn(step=child, wrote=parent.wrote if parent else (), before=before, after=after)


def _at(value: Json | Absent, path: Path) -> Json | Absent:
    found: Any = value
    for part in path:
        inside = isinstance(found, dict) and part in found
        reached = isinstance(found, list) and isinstance(part, int) and part < len(found)
        if not (inside or reached):
            return ABSENT
        found = found[part]
    return found
