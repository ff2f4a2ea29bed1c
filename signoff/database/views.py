"""The views that people have saved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from signoff.database import pulse
from signoff.database.tables import views

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """A view as its owner saved it; ``query`` is the text of an address (see `signoff.links`)."""

    id: str
    name: str
    owner: str
    shared: bool
    query: str


class ViewStore:
    """The table of views."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def visible_to(self, name: str) -> tuple[SavedView, ...]:
        """Return the views of one person and the shared ones, in the order in which they were saved."""
        mine = sa.or_(views.c.owner == name, views.c.shared)
        query = sa.select(views).where(mine).order_by(views.c.position, views.c.created_at, views.c.id)
        with self._reading() as connection:
            return tuple(_view(row) for row in connection.execute(query))

    def get(self, view_id: str) -> SavedView | None:
        """Return one view, whosever it is."""
        with self._reading() as connection:
            row = connection.execute(sa.select(views).where(views.c.id == view_id)).first()
        return _view(row) if row else None

    def add(self, view: SavedView) -> None:
        """Write a view down, behind all others."""
        last = sa.select(sa.func.coalesce(sa.func.max(views.c.position), 0) + 1).scalar_subquery()
        with self._writing() as connection:
            row = {**vars(view), "created_at": datetime.now(UTC), "position": last}
            connection.execute(sa.insert(views).values(**row))
            pulse.beat(connection)

    def change(self, view_id: str, **values: Any) -> None:
        """Set name, sharing or query of a view."""
        with self._writing() as connection:
            connection.execute(sa.update(views).where(views.c.id == view_id).values(**values))
            pulse.beat(connection)

    def remove(self, view_id: str) -> None:
        """Delete a view."""
        with self._writing() as connection:
            connection.execute(sa.delete(views).where(views.c.id == view_id))
            pulse.beat(connection)


def _view(row: Any) -> SavedView:
    return SavedView(id=row.id, name=row.name, owner=row.owner, shared=row.shared, query=row.query)
