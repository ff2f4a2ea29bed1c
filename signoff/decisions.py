"""The words of the record: who decided what, on which checkpoint, and what became of it. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signoff.errors import AlreadyDecided
from signoff.reviews import ABSENT, Absent, Json, Kind


class Outcome(StrEnum):
    """What became of a decision; it starts as ``recorded`` and ends in one of the last four."""

    RECORDED = "recorded"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the decision."""
        return self not in (Outcome.RECORDED, Outcome.APPLYING)


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """Who decides: a name, and where it was taken from (``local`` is only what somebody typed at start)."""

    name: str
    source: str = "local"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A recorded answer. ``answer`` is what the reviewer gave, ``resume`` what the graph receives. Times are UTC.

    ``proposed`` is what the form held before anything was edited; ``wrote`` is what the nodes wrote (see
    `signoff.written.copied`), None until the decision is settled and where nothing ran.
    """

    id: str
    review_id: str
    thread_id: str
    checkpoint_id: str
    kind: Kind
    attempt: int
    title: str
    reviewer: Reviewer
    answer: Json
    resume: Json
    shown: Json
    digest: str
    outcome: Outcome
    recorded_at: datetime
    interrupt_id: str | None = None
    graph: str | None = None
    node: str | None = None
    dialect: str = ""
    comment: str = ""
    error: str | None = None
    settled_at: datetime | None = None
    checkpoint_before: str | None = None
    checkpoint_after: str | None = None
    proposed: Json | Absent = ABSENT
    wrote: Json = None

    @property
    def forks(self) -> bool:
        """Whether it makes a new thread out of an earlier checkpoint."""
        return self.kind is Kind.TRAVEL and bool(self.resume["action"] == "fork")

    @property
    def home(self) -> str:
        """Return the thread that it writes to: its own, or the one that it makes."""
        return str(self.resume["to"]) if self.forks else self.thread_id

    @property
    def reopens(self) -> bool:
        """Whether the question, if open, may be answered again: the answer had no effect, or a node failed anew."""
        without_effect = self.outcome in (Outcome.REFUSED, Outcome.FAILED, Outcome.SUPERSEDED)
        return without_effect or (self.outcome is Outcome.APPLIED and self.kind is Kind.FAILED)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What happened while a decision was applied: a node ``started``, ``finished``, ``paused`` or ``failed``."""

    node: str
    event: str
    at: datetime


def already_decided(winner: Decision) -> AlreadyDecided:
    """Return the error that tells everybody else whose answer was recorded first."""
    return AlreadyDecided(
        winner.review_id,
        reviewer=winner.reviewer.name,
        recorded_at=f"{winner.recorded_at:%Y-%m-%d %H:%M} UTC",
        outcome=winner.outcome,
        answer=winner.answer,
    )
