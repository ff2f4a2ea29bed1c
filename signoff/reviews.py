"""The words of the queue: what a review is and which states it passes through. Standard library only."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict with string keys."""


class Absent:
    """The type of `ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent()
"""No value at all, where None would be the JSON value null."""


class Kind(StrEnum):
    """Why a thread waits for a person; ``travel`` is no review: somebody goes back to an earlier checkpoint."""

    INTERRUPT = "interrupt"
    BREAKPOINT = "breakpoint"
    FAILED = "failed"
    STUCK = "stuck"
    STALLED = "stalled"
    TRAVEL = "travel"


class State(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    APPLYING = "applying"
    FAILED = "failed"
    STUCK = "stuck"
    STALLED = "stalled"
    CLOSED = "closed"


class Priority(StrEnum):
    """How urgent the graph says the question is, least urgent first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, kw_only=True)
class Review:
    """One open question on a thread, as the queue lists it. Times are aware and UTC.

    ``assignee`` is who holds it; ``assignees`` and ``groups`` are those whom the graph has named for it. ``reason`` is
    the first line of the error that got the thread into trouble. ``expires_at`` is when something happens by itself,
    ``escalated_at`` when it was too late; until ``follow_up_at`` the review is snoozed. ``source`` names its checkpoint
    database where the desk has several, and is empty where it has one.
    """

    id: str
    thread_id: str
    checkpoint_id: str
    kind: Kind
    state: State
    title: str
    paused_at: datetime
    graph: str | None = None
    node: str | None = None
    interrupt_id: str | None = None
    dialect: str = ""
    priority: Priority = Priority.NORMAL
    due_at: datetime | None = None
    assignee: str | None = None
    business_key: str | None = None
    assignees: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    closed_at: datetime | None = None
    reason: str = ""
    expires_at: datetime | None = None
    escalated_at: datetime | None = None
    follow_up_at: datetime | None = None
    source: str = ""


class Sort(StrEnum):
    """The orders in which a queue can be listed."""

    OLDEST = "oldest"
    NEWEST = "newest"
    DUE = "due"
    PRIORITY = "priority"
    TITLE = "title"


class Due(StrEnum):
    """When reviews are due; each but the last includes the one before it."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    NEVER = "never"


class Grouping(StrEnum):
    """By what a listing can be counted."""

    GRAPH = "graph"
    NODE = "node"
    ERROR = "error"


OPEN = (State.WAITING, State.CLAIMED, State.APPLYING, State.FAILED, State.STUCK, State.STALLED)
"""The states of a review that still needs somebody or something."""
TROUBLE = (State.FAILED, State.STUCK, State.STALLED)
"""The states of a review whose thread went wrong."""

ME: Final = "@me"
"""As an assignee: whoever looks."""
NONE: Final = "@none"
"""As an assignee: nobody; as a graph or node: it is not known which."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """What to list: reviews in any of ``states`` that fulfil every other condition given.

    ``assignee``: who holds the review or, while nobody does, whom the graph has named; a name, `ME` or `NONE`.
    ``graph`` and ``node``: a name or `NONE`. ``key``: a business key, or ``name=value`` for any key that the review
    carries (see `read_keys`). ``older``: waits at least so long. ``error``: why a thread is in trouble, or `NONE`.
    ``search``: words, or phrases in quotes, all of them looked for in title, payload, thread id, node, tags and
    business key, also inside words, without regard to case and accents. ``snoozed`` lists only the reviews
    that are put off until later, or only the others. ``after``: the id of a review, open or closed, behind which the
    list goes on in its order. ``by``: list groups instead. ``viewer``, ``today`` (the beginning
    of the viewer's day) and ``now`` say for whom and when, see `seen_by`.
    """

    states: tuple[State, ...] = OPEN
    source: str | None = None
    graph: str | None = None
    node: str | None = None
    thread_id: str | None = None
    dialect: str | None = None
    priority: Priority | None = None
    assignee: str | None = None
    group: str | None = None
    tag: str | None = None
    due: Due | None = None
    older: timedelta | None = None
    key: str | None = None
    error: str | None = None
    search: str = ""
    snoozed: bool | None = None
    sort: Sort = Sort.OLDEST
    after: str | None = None
    by: Grouping | None = None
    limit: int = 50
    offset: int = 0
    viewer: str = ""
    today: datetime | None = None
    now: datetime | None = None

    def seen_by(self, viewer: str, *, today: datetime, now: datetime | None = None) -> Query:
        """Return the same question as asked by ``viewer``, whose day began at ``today``."""
        return replace(self, viewer=viewer, today=today, now=now)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a listing; ``total`` counts all that match."""

    reviews: tuple[Review, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Reviews that a listing counts together; ``narrower`` is the query that lists them."""

    label: str
    count: int
    oldest: datetime
    narrower: Query


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What open reviews can be filtered by, each value with its count, the most frequent first; None is unknown."""

    graphs: dict[str | None, int]
    nodes: dict[str | None, int]
    dialects: dict[str, int]
    assignees: dict[str, int]
    groups: dict[str, int]
    tags: dict[str, int]
    sources: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The figures above a queue; ``by_state`` holds open states only, ``snoozed`` those of them put off."""

    by_state: dict[State, int]
    oldest: datetime | None
    applied_today: int
    failed_today: int
    snoozed: int = 0

    @property
    def open(self) -> int:
        """Return how many reviews are open in any state."""
        return sum(self.by_state.values())


def review_id(thread_id: str, question: str) -> str:
    """Return the id of the review of one question on one thread: 16 hex digits, the same on every rebuild.

    ``question`` is the interrupt id, or kind and checkpoint id where there is no interrupt.
    """
    return hashlib.sha256(f"{thread_id}\0{question}".encode()).hexdigest()[:16]


def digest(*, interrupt_id: str | None, payload: Json, schema: Json) -> str:
    """Return the fingerprint of what a reviewer was shown: 64 hex digits over canonical JSON."""
    shown = [interrupt_id, payload, schema]
    return hashlib.sha256(json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
