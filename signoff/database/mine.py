"""How much waits for one reviewer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import sqlalchemy as sa

from signoff.database import snoozes
from signoff.database.tables import reviews
from signoff.reviews import OPEN, State

_TO_ANSWER = [state.value for state in OPEN if state is not State.APPLYING]


class MineStore:
    """The part of the queue that one person has to do with."""

    def __init__(self, reading: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        self._reading = reading

    def count(self, name: str) -> int:
        """Return how many reviews wait for an answer that ``name`` has claimed, or that nobody has; none put off."""
        whose = sa.or_(reviews.c.assignee.is_(None), reviews.c.assignee == name)
        here = sa.not_(snoozes.snoozed(datetime.now(UTC)))
        query = sa.select(sa.func.count()).select_from(reviews).where(reviews.c.state.in_(_TO_ANSWER), whose, here)
        with self._reading() as connection:
            return connection.execute(query).scalar_one()
