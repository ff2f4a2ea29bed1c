"""Which keys each open review carries: an index of marks (`signoff.scalars`), kept by the projection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager

import sqlalchemy as sa

from signoff.database.among import among
from signoff.database.inserting import insert_pairs
from signoff.database.tables import correlations, reviews
from signoff.reviews import State

_WAITING = (State.WAITING.value, State.CLAIMED.value)

Transaction = Callable[[], AbstractContextManager[sa.Connection]]

_THESE = among(correlations.c.review, "numbers")
_STORED = sa.select(correlations).where(_THESE)
_DROP = sa.delete(correlations).where(_THESE)


def keep(connection: sa.Connection, wanted: Mapping[int, frozenset[int]], known: Collection[int]) -> None:
    """Make the index hold exactly the marks of ``wanted`` reviews, by ``seq``, and none of the others ``known``."""
    stored: dict[int, set[int]] = {}
    for row in connection.execute(_STORED, {"numbers": known}):
        stored.setdefault(row.review, set()).add(row.mark)
    changed = [review for review in stored.keys() | wanted.keys() if stored.get(review) != wanted.get(review)]
    if old := [review for review in changed if review in stored]:
        connection.execute(_DROP, {"numbers": old})
    insert_pairs(connection, correlations, {each: wanted[each] for each in changed if each in wanted})


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
