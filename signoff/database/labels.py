"""The labels of open reviews: tags, and the people and groups whom graphs have named. Kept by the projection."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

import sqlalchemy as sa

from signoff.database.among import among
from signoff.database.tables import labels
from signoff.reviews import Review

_FEW = 2_000  # reviews that are looked up one by one sooner than an index of all is read


class Label(StrEnum):
    """The kinds of labels."""

    ASSIGNEE = "assignee"
    GROUP = "group"
    TAG = "tag"


def labels_of(review: Review) -> set[tuple[Label, str]]:
    """Return the labels of a review."""
    named = {Label.ASSIGNEE: review.assignees, Label.GROUP: review.groups, Label.TAG: review.tags}
    return {(kind, value) for kind, values in named.items() for value in values}


def carrying(kind: Label, value: str | None = None) -> sa.Select[int]:
    """Return the ``seq`` of the open reviews with this label, or with any of its kind."""
    query = sa.select(labels.c.review).where(labels.c.kind == kind.value)
    return query if value is None else query.where(labels.c.value == value)


def few(connection: sa.Connection, kind: Label, value: str) -> bool:
    """Tell whether so few open reviews have this label that it is best to begin with them."""
    first = carrying(kind, value).limit(_FEW + 1).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(first)).scalar_one() <= _FEW


_STORED = sa.select(labels).where(among(labels.c.review, "numbers"))


def keep(connection: sa.Connection, wanted: Mapping[int, set[tuple[Label, str]]], known: Collection[int]) -> None:
    """Make the table hold exactly the labels of the ``wanted`` reviews, by ``seq``, and none of others ``known``."""
    listed = {(kind.value, value, review) for review, some in wanted.items() for kind, value in some}
    stored = {(row.kind, row.value, row.review) for row in connection.execute(_STORED, {"numbers": known})}
    for kind, value, review in stored - listed:
        one = sa.and_(labels.c.kind == kind, labels.c.value == value, labels.c.review == review)
        connection.execute(sa.delete(labels).where(one))
    if new := sorted(listed - stored):
        connection.execute(sa.insert(labels), [{"kind": k, "value": v, "review": r} for k, v, r in new])


def forget(connection: sa.Connection) -> None:
    """Empty the table."""
    connection.execute(sa.delete(labels))
