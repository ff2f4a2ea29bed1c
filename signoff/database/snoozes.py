"""Until when people put reviews off, and who did. Rows outlive the queue, which can be rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from signoff.database import audit, pulse
from signoff.database.among import among
from signoff.database.search import IS_OPEN
from signoff.database.tables import reviews, snoozes

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, kw_only=True)
class Snooze:
    """What somebody said last about when to show a review again; ``until`` is None if it was to be shown at once."""

    review_id: str
    until: datetime | None
    by: str
    at: datetime


_SAID = sa.select(snoozes).where(among(snoozes.c.review_id, "review_ids"))


def lay_over(connection: sa.Connection, rows: Mapping[str, dict[str, Any]]) -> None:
    """Write into the ``rows`` of reviews until when they are snoozed; people's word goes over the graph's."""
    now = datetime.now(UTC)
    said = connection.execute(_SAID, {"review_ids": list(rows)}).all()
    for one in said:
        rows[one.review_id]["follow_up_at"] = one.until
    for row in rows.values():
        row["follow_up_at"] = row["follow_up_at"] if row["follow_up_at"] and row["follow_up_at"] > now else None


def snoozed(now: sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return the condition that a review is put off until later."""
    return sa.and_(reviews.c.follow_up_at.is_not(None), reviews.c.follow_up_at > now)


_COUNT = sa.select(sa.func.count()).select_from(reviews).where(snoozed(sa.bindparam("now")), IS_OPEN)


def count(connection: sa.Connection) -> int:
    """Return how many open reviews are put off."""
    return connection.execute(_COUNT, {"now": datetime.now(UTC)}).scalar_one()


def put(connection: sa.Connection, review_id: str, until: datetime | None, *, by: str, at: datetime) -> None:
    """Replace what was said about a review, in the transaction of ``connection``."""
    connection.execute(sa.delete(snoozes).where(snoozes.c.review_id == review_id))
    connection.execute(sa.insert(snoozes).values(review_id=review_id, until=until, by=by, at=at))
    connection.execute(sa.update(reviews).where(reviews.c.id == review_id).values(follow_up_at=until))


class SnoozeStore:
    """The table of snoozes."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def of(self, review_id: str) -> Snooze | None:
        """Return what somebody said last about a review."""
        with self._reading() as connection:
            row = connection.execute(sa.select(snoozes).where(snoozes.c.review_id == review_id)).mappings().first()
        return Snooze(**row) if row else None

    def set(self, review_id: str, until: datetime | None, *, by: str) -> None:
        """Put a review off, or show it again at once with ``until`` None; on record in the audit trail."""
        now = datetime.now(UTC)
        with self._writing() as connection:
            put(connection, review_id, until, by=by, at=now)
            said = {"review_id": review_id, "by": by, "until": until.isoformat() if until else None}
            audit.append(connection, "snoozed" if until else "woken", "", said)
            pulse.beat(connection)

    def end_due(self, now: datetime) -> int:
        """Bring back the reviews whose time has come; return how many. One index probe when there are none."""
        over = reviews.c.follow_up_at <= now
        with self._reading() as connection:
            if connection.execute(sa.select(reviews.c.id).where(over).limit(1)).first() is None:
                return 0
        with self._writing() as connection:
            back = connection.execute(sa.update(reviews).where(over).values(follow_up_at=None)).rowcount
            pulse.beat(connection)
            return back
