"""From a thread's head, and what it waits for, to its row in the index of threads. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from signoff.checkpoints import Head
from signoff.dialects.metadata import read_business_key
from signoff.projection import Waiting, is_unrun
from signoff.reviews import Json, Kind
from signoff.threads import Thread, ThreadState

_LONGEST = 200  # characters of one value
_MOST = 30  # values
_OWN = frozenset(("source", "step", "parents", "writes", "thread_id", "checkpoint_ns", "checkpoint_id", "run_id"))
_TROUBLE = (Kind.FAILED, Kind.STUCK)


def indexed(head: Head, graph: str | None, waiting: Sequence[Waiting], *, source: str = "") -> Thread:
    """Return a thread as lists show it; ``waiting`` is what it waits for."""
    keys = (one.review.business_key for one in waiting)
    business_key = next(filter(None, keys), None) or read_business_key(head.metadata)
    named = {"business_key": business_key} if business_key else {}
    pairs = dict(_pairs(head.metadata)) | named
    return Thread(
        thread_id=head.thread_id,
        graph=graph,
        state=_state(head, waiting),
        checkpoint_id=head.checkpoint_id,
        step=head.step,
        updated_at=head.created_at,
        business_key=business_key,
        next=tuple(dict.fromkeys(head.next)),
        search="\n".join([head.thread_id, graph or "", *(f"{name}={value}" for name, value in pairs.items()), ""]),
        source=source,
    )


def _state(head: Head, waiting: Sequence[Waiting]) -> ThreadState:
    if any(one.review.kind in _TROUBLE for one in waiting):
        return ThreadState.FAILED
    if waiting:
        return ThreadState.WAITING
    if not head.idle:
        return ThreadState.NOT_RUN if is_unrun(head) else ThreadState.RUNNING
    return ThreadState.UNREADABLE if head.problem else ThreadState.FINISHED


def _pairs(metadata: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield the plain values of a thread's metadata that are not LangGraph's own, each on one line."""
    if metadata.keys() <= _OWN:
        return
    given = [name for name in metadata if name not in _OWN and not name.startswith(("langgraph_", "__"))]
    for name in given[:_MOST]:
        value = metadata[name]
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield one_line(name), one_line(str(value)[:_LONGEST])


def one_line(text: str) -> str:
    """Return text as the index keeps it: a line break would end it."""
    return " ".join(text.splitlines())
