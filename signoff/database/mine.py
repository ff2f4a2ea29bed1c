"""How much waits for one reviewer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import sqlalchemy as sa

from signoff.database import snoozes
from signoff.database.tables import reviews
from signoff.reviews import OPEN, State

_COUNT = (
    sa.select(sa.func.count())
    .select_from(reviews)
    .where(
        reviews.c.state.in_([state.value for state in OPEN if state is not State.APPLYING]),
        sa.or_(reviews.c.assignee.is_(None), reviews.c.assignee == sa.bindparam("name")),
        sa.not_(snoozes.snoozed(sa.bindparam("now"))),
    )
)


class MineStore:
    """The part of the queue that one person has to do with."""

    def __init__(self, reading: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        self._reading = reading

    def count(self, name: str) -> int:
        """Return how many reviews wait for an answer that ``name`` has claimed, or that nobody has; none put off."""
        with self._reading() as connection:
            return connection.execute(_COUNT, {"name": name, "now": datetime.now(UTC)}).scalar_one()
