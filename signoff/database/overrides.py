"""What people set by hand on a review: it counts before what graph and settings say, and outlives the projection."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from signoff.database import audit, pulse
from signoff.database.among import among
from signoff.database.tables import overrides
from signoff.reviews import Json, Priority

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, kw_only=True)
class Override:
    """One field that somebody set: ``priority`` (its word), ``due_at`` (ISO 8601 or None) or ``tags`` (a list)."""

    field: str
    value: Json
    set_by: str
    set_at: datetime


_SET = sa.select(overrides).where(among(overrides.c.review_id, "review_ids"))


def by_hand(connection: sa.Connection, review_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the fields of `Review` that were set by hand, by review id."""
    found: dict[str, dict[str, Any]] = {}
    for row in connection.execute(_SET, {"review_ids": list(review_ids)}):
        found.setdefault(row.review_id, {})[row.field] = _READ[row.field](row.value)
    return found


_READ: dict[str, Callable[[Any], Any]] = {
    "priority": Priority,
    "due_at": lambda text: datetime.fromisoformat(text) if text else None,
    "tags": tuple,
}


class OverrideStore:
    """The table of what was set by hand. The projection shows it when the thread is looked at again."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def set(self, review_id: str, field: str, value: Json, *, by: str) -> None:
        """Set a field of a review; on record in the audit trail."""
        row = {"review_id": review_id, "field": field, "value": value, "set_by": by, "set_at": datetime.now(UTC)}
        said = {"review_id": review_id, "field": field, "by": by}
        with self._writing() as connection:
            connection.execute(sa.delete(overrides).where(*_one(review_id, field)))
            connection.execute(sa.insert(overrides).values(**row))
            audit.append(connection, "set by hand", "", said | {"value": value})
            pulse.beat(connection)

    def forget(self, review_id: str, field: str, *, by: str) -> None:
        """Let graph and settings speak again; on record in the audit trail."""
        with self._writing() as connection:
            if connection.execute(sa.delete(overrides).where(*_one(review_id, field))).rowcount:
                audit.append(connection, "reset", "", {"review_id": review_id, "field": field, "by": by})
                pulse.beat(connection)

    def of(self, review_id: str) -> tuple[Override, ...]:
        """Return what was set on a review."""
        query = sa.select(overrides).where(overrides.c.review_id == review_id).order_by(overrides.c.field)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return tuple(Override(field=r.field, value=r.value, set_by=r.set_by, set_at=r.set_at) for r in rows)


def _one(review_id: str, field: str) -> tuple[sa.ColumnElement[bool], ...]:
    return overrides.c.review_id == review_id, overrides.c.field == field
