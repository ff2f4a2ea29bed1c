"""Views of the queue: some that everybody has, and those that people save for themselves or share."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from signoff.database.views import SavedView
from signoff.desk import Desk
from signoff.errors import NotAllowed, SignoffError
from signoff.links import PLAIN, from_text, query_text
from signoff.reviews import ME, NONE, TROUBLE, Due, Query, Sort

_LONGEST = 60  # characters of a name


class ViewNotFound(SignoffError):
    """No view has this id, or it is somebody else's and not shared."""

    def __init__(self, view_id: str) -> None:
        self.view_id = view_id
        super().__init__(f"There is no view {view_id!r} for you: it was deleted, or its owner keeps it private.")


class ViewNameInvalid(SignoffError):
    """A view needs a name of 1 to 60 characters."""

    def __init__(self) -> None:
        super().__init__(f"A view needs a name of at most {_LONGEST} characters.")


@dataclass(frozen=True, kw_only=True)
class View:
    """A named query; ``owner`` is None for the views that everybody has."""

    id: str
    name: str
    query: Query
    owner: str | None = None
    shared: bool = True


BUILT_IN = (
    View(id="all", name="All open", query=PLAIN),
    View(id="mine", name="Mine", query=replace(PLAIN, assignee=ME)),
    View(id="unassigned", name="Unassigned", query=replace(PLAIN, assignee=NONE)),
    View(id="due-today", name="Due today", query=replace(PLAIN, due=Due.TODAY, sort=Sort.DUE)),
    View(id="trouble", name="In trouble", query=replace(PLAIN, states=TROUBLE)),
    View(id="snoozed", name="Snoozed", query=replace(PLAIN, snoozed=True)),
)


def visible(desk: Desk, viewer: str) -> tuple[View, ...]:
    """Return the views everybody has, then the viewer's own and the shared ones in the order of saving."""
    return BUILT_IN + tuple(_view(saved) for saved in desk.database.views.visible_to(viewer))


def find(desk: Desk, view_id: str, viewer: str) -> View:
    """Return one view. Raises `ViewNotFound`."""
    for view in visible(desk, viewer):
        if view.id == view_id:
            return view
    raise ViewNotFound(view_id)


def counts(desk: Desk, views: Sequence[View], viewer: str, *, today: datetime) -> dict[str, int]:
    """Return how many open reviews each view shows its viewer, by id, counted in one pass."""
    asked = [view.query.seen_by(viewer, today=today) for view in views]
    return dict(zip((view.id for view in views), desk.database.reviews.totals(asked), strict=True))


def save(desk: Desk, name: str, query: Query, *, owner: str, shared: bool = False) -> View:
    """Save a query under a name; its page is left out. Raises `ViewNameInvalid`."""
    text = query_text(query)
    saved = SavedView(id=uuid.uuid4().hex[:12], name=_name(name), owner=owner, shared=shared, query=text)
    desk.database.views.add(saved)
    return _view(saved)


def rename(desk: Desk, view_id: str, name: str, *, viewer: str) -> None:
    """Give a view another name. Raises `ViewNotFound`, `NotAllowed`, `ViewNameInvalid`."""
    _own(desk, view_id, viewer)
    desk.database.views.change(view_id, name=_name(name))


def share(desk: Desk, view_id: str, shared: bool, *, viewer: str) -> None:
    """Show a view to everybody, or to its owner alone. Raises `ViewNotFound`, `NotAllowed`."""
    _own(desk, view_id, viewer)
    desk.database.views.change(view_id, shared=shared)


def update(desk: Desk, view_id: str, query: Query, *, viewer: str) -> None:
    """Make a view show another query. Raises `ViewNotFound`, `NotAllowed`."""
    _own(desk, view_id, viewer)
    desk.database.views.change(view_id, query=query_text(query))


def delete(desk: Desk, view_id: str, *, viewer: str) -> None:
    """Delete a view. Raises `ViewNotFound`, `NotAllowed`."""
    _own(desk, view_id, viewer)
    desk.database.views.remove(view_id)


def _own(desk: Desk, view_id: str, viewer: str) -> None:
    view = find(desk, view_id, viewer)
    if view.owner != viewer:
        whose = f"belongs to {view.owner}" if view.owner else "belongs to everybody"
        raise NotAllowed(f"The view {view.name!r} {whose}. Save it under another name to change it.")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= _LONGEST:
        raise ViewNameInvalid
    return name


def _view(saved: SavedView) -> View:
    query = replace(from_text(saved.query), offset=0)
    return View(id=saved.id, name=saved.name, query=query, owner=saved.owner, shared=saved.shared)
