"""What a desk tells in one piece: all about an open review, and how the desk itself is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signoff.checkpoints import Head
from signoff.decisions import Decision
from signoff.projection import Waiting
from signoff.reviews import Json, Review


@dataclass(frozen=True, kw_only=True)
class Brief:
    """Everything a reviewer is shown of one open review.

    ``waiting`` holds payload, schema and card; ``state`` the thread's values; ``siblings`` the other open reviews of
    the thread; ``graphs`` the names to choose from when it is not certain which graph the thread belongs to;
    ``code_changed_since`` when its node was first seen to wait, if its code is not what it was then.
    """

    review: Review
    waiting: Waiting
    head: Head
    state: dict[str, Json]
    siblings: tuple[Review, ...]
    graphs: tuple[str, ...]
    decisions: tuple[Decision, ...]
    code_changed_since: datetime | None = None

    @property
    def digest(self) -> str:
        """Return the fingerprint to hand back with the decision as ``seen``."""
        return self.waiting.digest


@dataclass(frozen=True, kw_only=True)
class Health:
    """What an administrator wants to know: what did not load, what cannot be read, what is on its way."""

    checkpoints: str
    desk: str
    graphs: tuple[str, ...]
    broken: dict[str, str]
    broken_forms: dict[str, str]
    unreadable: dict[str, str]
    limits: tuple[str, ...]
    undecided: tuple[Decision, ...]
