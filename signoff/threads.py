"""The words of the index of threads: every thread of a checkpoint database, whether or not it waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from signoff.durations import read_duration


class ThreadState(StrEnum):
    """Where a thread stands."""

    WAITING = "waiting"
    FAILED = "failed"
    RUNNING = "running"
    NOT_RUN = "not run"
    FINISHED = "finished"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True)
class Thread:
    """One thread as lists show it, at its newest checkpoint, which was written at ``updated_at``.

    ``next`` names the nodes that would run now. ``search`` is the text by which the thread is found: its id, graph,
    and the plain values of its metadata as ``name=value``, one a line; empty where a thread was read from the index.
    """

    thread_id: str
    graph: str | None
    state: ThreadState
    checkpoint_id: str
    step: int
    updated_at: datetime
    business_key: str | None = None
    next: tuple[str, ...] = ()
    search: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class ThreadQuery:
    """What to list, the latest written first. Empty and None mean any; ``offset`` and ``limit`` count threads.

    Each word of ``search`` has to be somewhere in the thread's id, graph, business key or metadata, whatever its case;
    ``key`` is a name and its exact value there.
    """

    search: str = ""
    state: ThreadState | None = None
    graph: str | None = None
    source: str | None = None
    since: datetime | None = None
    key: tuple[str, str] | None = None
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class ThreadPage:
    """One page of threads; ``total`` counts all that match."""

    threads: tuple[Thread, ...]
    total: int


def of_params(params: Mapping[str, str], *, limit: int = 50, offset: int = 0) -> ThreadQuery:
    """Return the query that some parameters name; what is no good is left out."""
    states = {state.value: state for state in ThreadState}
    return ThreadQuery(
        search=params.get("q", ""),
        state=states.get(params.get("state", "")),
        graph=params.get("graph") or None,
        source=params.get("source") or None,
        since=read_since(params.get("since", "")),
        key=read_key(params.get("key", "")),
        limit=limit,
        offset=offset,
    )


def read_since(text: str) -> datetime | None:
    """Return a time written in ISO 8601, or as a span before now such as ``7d``; None for what is neither."""
    try:
        if span := read_duration(text):
            return datetime.now(UTC) - span
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_key(text: str) -> tuple[str, str] | None:
    """Return ``NAME=VALUE`` as a pair, None for what is none."""
    name, equals, value = text.partition("=")
    return (name, value) if name and equals else None
