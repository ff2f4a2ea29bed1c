"""What has happened on the desk since a moment ago: reviews that are new, decisions that were made or have ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sa

from signoff.database import pulse
from signoff.database.tables import audit, decisions, reviews
from signoff.decisions import Outcome
from signoff.reviews import State

MOST = 50
"""So many of each kind are told, the newest."""
_MOST = sa.bindparam("most", type_=sa.Integer)
_PLACE = sa.select(
    sa.select(sa.func.max(reviews.c.seq)).scalar_subquery().label("review"),
    sa.select(sa.func.max(audit.c.seq)).scalar_subquery().label("entry"),
)
_NEW = (
    sa.select(reviews.c.id, reviews.c.title)
    .where(reviews.c.seq > sa.bindparam("review"), reviews.c.state != State.CLOSED.value)
    .order_by(reviews.c.seq.desc())
    .limit(_MOST)
)
_DECIDED = (
    sa.select(decisions.c.review_id, decisions.c.title, decisions.c.reviewer, decisions.c.outcome)
    .join(audit, audit.c.decision_id == decisions.c.id)
    .where(audit.c.seq > sa.bindparam("entry"), audit.c.event.in_(("recorded", "settled")))
    .group_by(decisions.c.seq)
    .order_by(sa.func.max(audit.c.seq).desc())
    .limit(_MOST)
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far was read: the newest review and the newest entry of the trail."""

    review: int
    entry: int


@dataclass(frozen=True, kw_only=True)
class Happened:
    """What became of one review: ``outcome`` and ``reviewer`` are None while nobody has decided it."""

    review_id: str
    title: str
    outcome: Outcome | None = None
    reviewer: str | None = None


@dataclass(frozen=True, kw_only=True)
class News:
    """What happened up to a ``version`` of the desk, one thing per review; what happens next is behind ``place``.

    What is new comes first, then what was decided, each in its order; ``more`` says that it is not all.
    """

    version: int
    place: Place
    happened: tuple[Happened, ...]
    more: bool


class NewsStore:
    """Reads the newest ends of two tables, in one snapshot."""

    def __init__(self, reading: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        self._reading = reading

    def since(self, place: Place | None) -> News:
        """Return what happened since; since None, nothing has. Raises `BackendUnavailable`."""
        with self._reading() as connection:
            newest, version = connection.execute(_PLACE).one(), pulse.read(connection)
            new, decided = _happened(connection, place) if place else ([], [])
        return News(
            version=version,
            place=Place(review=newest.review or 0, entry=newest.entry or 0),
            happened=_last_of_each([*new[:MOST][::-1], *decided[:MOST][::-1]]),
            more=max(len(new), len(decided)) > MOST,
        )


def _last_of_each(happened: Iterable[Happened]) -> tuple[Happened, ...]:
    last: dict[str, Happened] = {}
    for one in happened:
        last.pop(one.review_id, None)
        last[one.review_id] = one
    return tuple(last.values())


def _happened(connection: sa.Connection, place: Place) -> tuple[list[Happened], list[Happened]]:
    asked = {"review": place.review, "entry": place.entry, "most": MOST + 1}
    new = [Happened(review_id=row.id, title=row.title) for row in connection.execute(_NEW, asked)]
    decided = [
        Happened(review_id=row.review_id, title=row.title, outcome=Outcome(row.outcome), reviewer=row.reviewer)
        for row in connection.execute(_DECIDED, asked)
    ]
    return new, decided
