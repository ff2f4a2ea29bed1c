"""What reviewers were shown, by its fingerprint, so that one whose answer comes too late is told what changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from signoff.database.tables import reviews, shown
from signoff.reviews import Json, State

Transaction = Callable[[], AbstractContextManager[sa.Connection]]
KEPT = timedelta(days=30)
"""How long it is kept after the review was closed."""


class ShownStore:
    """The table of payloads and schemas that somebody has looked at."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def keep(self, review_id: str, digest: str, what: Json) -> None:
        """Remember what a reviewer is shown; costs one look where it is known already."""
        if self.find(review_id, digest) is not None:
            return
        closed = sa.select(reviews.c.id).where(
            reviews.c.state == State.CLOSED.value, reviews.c.closed_at < datetime.now(UTC) - KEPT
        )
        with self._writing() as connection:
            connection.execute(sa.delete(shown).where(shown.c.review_id.in_(closed)))
            if connection.execute(_of(review_id, digest)).first() is None:
                row = {"review_id": review_id, "digest": digest, "what": what, "shown_at": datetime.now(UTC)}
                connection.execute(sa.insert(shown).values(**row))

    def find(self, review_id: str, digest: str) -> Json | None:
        """Return the ``payload`` and ``schema`` that have this digest, None when nobody was shown any such."""
        with self._reading() as connection:
            row = connection.execute(_of(review_id, digest)).first()
        return row.what if row else None


def _of(review_id: str, digest: str) -> sa.Select[tuple[Json]]:
    return sa.select(shown.c.what).where(shown.c.review_id == review_id, shown.c.digest == digest)
