"""All that a desk knows of one review, read in one moment: what a page shows of it, and when that has changed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from signoff.database import tables
from signoff.database.claims import Claim, ClaimEvent, ClaimStore
from signoff.database.code_seen import CodeSeenStore
from signoff.database.comments import Comment, CommentStore
from signoff.database.decisions import DecisionStore
from signoff.database.overrides import Override, OverrideStore
from signoff.database.reviews import ReviewStore
from signoff.database.scans import ScanStore
from signoff.database.snoozes import Snooze, SnoozeStore
from signoff.database.timers import Timer, TimerStore
from signoff.decisions import Decision
from signoff.reviews import Review


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """A review with all that was recorded about it.

    ``open`` are the open reviews of its thread, oldest first; ``decisions`` those on its thread, newest first;
    ``claims`` what was done with claims on it, newest first; ``comments`` are oldest first; ``graph`` is what somebody
    said its thread's is; ``code_seen`` the fingerprint of its node's code when it was first seen to wait, and when.
    """

    review: Review
    open: tuple[Review, ...]
    decisions: tuple[Decision, ...]
    claim: Claim | None
    claims: tuple[ClaimEvent, ...]
    comments: tuple[Comment, ...]
    overrides: tuple[Override, ...]
    timer: Timer | None
    snooze: Snooze | None
    graph: str | None
    code_seen: tuple[str, datetime] | None

    @property
    def own(self) -> tuple[Decision, ...]:
        """Return the decisions on the review itself, newest first."""
        return tuple(one for one in self.decisions if one.review_id == self.review.id)


class _Stores(Protocol):
    reviews: ReviewStore
    decisions: DecisionStore
    claims: ClaimStore
    comments: CommentStore
    overrides: OverrideStore
    timers: TimerStore
    snoozes: SnoozeStore
    scans: ScanStore
    code_seen: CodeSeenStore

    def reading(self) -> AbstractContextManager[sa.Connection]: ...

    def at_once(self) -> AbstractContextManager[None]: ...


def _any(table: sa.Table, name: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c[name] == sa.bindparam(name)).label(table.name)


_OF_REVIEWS = (
    tables.claims,
    tables.claim_events,
    tables.comments,
    tables.overrides,
    tables.timers,
    tables.snoozes,
    tables.code_seen,
)
_OF_THREADS = (tables.decisions, tables.chosen_graphs)
_HAS = sa.select(
    *(_any(table, "review_id") for table in _OF_REVIEWS), *(_any(table, "thread_id") for table in _OF_THREADS)
)


class DossierStore:
    """The tables in which something about a review is recorded, read together: those that have anything of it.

    Most reviews are in few of them, and one statement that finds out in which costs less than one for each.
    """

    def __init__(self, stores: _Stores) -> None:
        self._stores = stores

    def of(self, review_id: str) -> Dossier | None:
        """Return all about one review, open or closed; None where there is none of that id."""
        of = self._stores
        with of.at_once():
            review = of.reviews.get(review_id)
            if review is None:
                return None
            thread = review.thread_id
            with of.reading() as connection:
                has = connection.execute(_HAS, {"review_id": review_id, "thread_id": thread}).one()
            return Dossier(
                review=review,
                open=of.reviews.open_on(thread),
                decisions=of.decisions.of_thread(thread) if has.decisions else (),
                claim=of.claims.of(review_id) if has.claims else None,
                claims=of.claims.history(review_id) if has.claim_events else (),
                comments=of.comments.of_review(review_id) if has.comments else (),
                overrides=of.overrides.of(review_id) if has.overrides else (),
                timer=of.timers.of(review_id) if has.timers else None,
                snooze=of.snoozes.of(review_id) if has.snoozes else None,
                graph=of.scans.chosen_graphs([thread]).get(thread) if has.chosen_graphs else None,
                code_seen=of.code_seen.find(review_id) if has.code_seen else None,
            )
