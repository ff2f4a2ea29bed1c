"""Which keys each open review carries: an index of marks (`signoff.scalars`), kept by the projection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager

import sqlalchemy as sa

from signoff.database.tables import correlations, reviews
from signoff.reviews import State

_WAITING = (State.WAITING.value, State.CLAIMED.value)

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


def keep(connection: sa.Connection, wanted: Mapping[int, frozenset[int]], known: Collection[int]) -> None:
    """Make the index hold exactly the marks of ``wanted`` reviews, by ``seq``, and none of the others ``known``."""
    mine = correlations.c.review.in_(known)
    stored = {(row.mark, row.review) for row in connection.execute(sa.select(correlations).where(mine))}
    listed = {(mark, review) for review, marks in wanted.items() for mark in marks}
    changed = {review for _, review in stored - listed}
    if changed:
        connection.execute(sa.delete(correlations).where(correlations.c.review.in_(changed)))
    new = [(mark, review) for mark, review in listed if review in changed or (mark, review) not in stored]
    if new:
        connection.execute(sa.insert(correlations), [{"mark": mark, "review": review} for mark, review in sorted(new)])


def forget(connection: sa.Connection) -> None:
    """Empty the index."""
    connection.execute(sa.delete(correlations))


class CorrelationStore:
    """The index, read."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def carrying(self, marks: Collection[int], *, limit: int) -> list[str]:
        """Return the ids of at most ``limit`` waiting or claimed reviews that carry all marks, oldest first."""
        query = sa.select(reviews.c.id).where(reviews.c.state.in_(_WAITING))
        for mark in marks:
            one = correlations.alias()
            query = query.join(one, sa.and_(one.c.review == reviews.c.seq, one.c.mark == mark))
        with self._reading() as connection:
            found = connection.execute(query.order_by(reviews.c.paused_at, reviews.c.id).limit(limit))
            return list(found.scalars().all())
