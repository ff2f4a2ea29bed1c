"""Which keys each open review carries: an index of marks (`signoff.scalars`), kept by the projection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager

import sqlalchemy as sa

from signoff.database.tables import correlations, reviews
from signoff.reviews import State

_WAITING = (State.WAITING.value, State.CLAIMED.value)

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


def keep(connection: sa.Connection, wanted: Mapping[str, frozenset[str]], known: Collection[str]) -> None:
    """Make the index hold exactly the marks of ``wanted`` reviews, and none of the others that are ``known``."""
    mine = correlations.c.review_id.in_([*known])
    stored = {(row.review_id, row.mark) for row in connection.execute(sa.select(correlations).where(mine))}
    listed = {(review_id, mark) for review_id, marks in wanted.items() for mark in marks}
    changed = {review_id for review_id, _ in stored - listed}
    if changed:
        connection.execute(sa.delete(correlations).where(correlations.c.review_id.in_(changed)))
    new = [(id_, mark) for id_, mark in listed if id_ in changed or (id_, mark) not in stored]
    if new:
        connection.execute(sa.insert(correlations), [{"review_id": id_, "mark": mark} for id_, mark in sorted(new)])


def forget(connection: sa.Connection) -> None:
    """Empty the index."""
    connection.execute(sa.delete(correlations))


class CorrelationStore:
    """The index, read."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def carrying(self, marks: Collection[str], *, limit: int) -> list[str]:
        """Return the ids of at most ``limit`` waiting or claimed reviews that carry all marks, oldest first."""
        query = sa.select(reviews.c.id).where(reviews.c.state.in_(_WAITING))
        for mark in marks:
            one = correlations.alias()
            query = query.join(one, sa.and_(one.c.review_id == reviews.c.id, one.c.mark == mark))
        with self._reading() as connection:
            found = connection.execute(query.order_by(reviews.c.paused_at, reviews.c.id).limit(limit))
            return list(found.scalars().all())
