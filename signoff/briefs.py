"""What a desk tells in one piece: all about an open review, and how the desk itself is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signoff.checkpoints import Head
from signoff.database.dossiers import Dossier
from signoff.decisions import Decision
from signoff.projection import Waiting
from signoff.reviews import Json, Review


@dataclass(frozen=True, kw_only=True)
class Brief:
    """Everything a reviewer is shown of one open review.

    ``dossier`` is what the desk has on record; ``waiting`` holds payload, schema and card; ``state`` the thread's
    values; ``graphs`` the names to choose from when it is not certain which graph the thread belongs to;
    ``code_changed_since`` when its node was first seen to wait, if its code is not what it was then.
    """

    dossier: Dossier
    waiting: Waiting
    head: Head
    state: dict[str, Json]
    graphs: tuple[str, ...]
    code_changed_since: datetime | None = None

    @property
    def review(self) -> Review:
        """Return the review as the queue has it."""
        return self.dossier.review

    @property
    def siblings(self) -> tuple[Review, ...]:
        """Return the other open reviews of its thread, oldest first."""
        return tuple(one for one in self.dossier.open if one.id != self.review.id)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Return the decisions on the review itself, newest first."""
        return self.dossier.own

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
