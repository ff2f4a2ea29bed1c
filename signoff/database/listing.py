"""The queue, read: pages with totals, the review that comes next, groups, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from signoff.database import paging
from signoff.database.finding import RANKS, behind, conditions, ordering
from signoff.database.paging import LISTED
from signoff.database.search import IS_OPEN
from signoff.database.tables import labels, reviews
from signoff.reviews import NONE, Bundle, Choices, Grouping, Kind, Page, Query, Review, State

Transaction = Callable[[], AbstractContextManager[sa.Connection]]

_NAMES = [column.name for column in LISTED]
_BY_RANK = {rank: priority for priority, rank in RANKS.items()}
_GROUPED = {
    Grouping.GRAPH: (reviews.c.graph,),
    Grouping.NODE: (reviews.c.graph, reviews.c.node),
    Grouping.ERROR: (reviews.c.reason,),
}
_MOST = 200  # groups, and values to choose from


class Listing:
    """The table of reviews, read by queries."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def page(self, query: Query) -> Page:
        """Return one page in the order asked for, and how many match in all; both are of one moment."""
        with self._reading() as connection:
            rows, total = paging.page(connection, query)
        return Page(reviews=tuple(read_review(row) for row in rows), total=total)

    def lists(self, query: Query, review_id: str) -> bool:
        """Tell whether a review is on any page of a query."""
        with self._reading() as connection:
            wanted = conditions(query, connection.dialect.name)
            found = connection.execute(sa.select(reviews.c.id).where(reviews.c.id == review_id, *wanted)).first()
        return found is not None

    def following(self, query: Query, review_id: str | None) -> Review | None:
        """Return the review that comes after another in the order asked for, whether or not the other still matches.

        Behind the last one the list begins anew; None when nothing else matches.
        """
        with self._reading() as connection:
            current = connection.execute(sa.select(reviews).where(reviews.c.id == (review_id or ""))).first()
            listing = sa.select(*LISTED).where(*conditions(query, connection.dialect.name))
            others = listing.where(reviews.c.id != (review_id or "")).order_by(*ordering(query.sort)).limit(1)
            later = [others.where(behind(query.sort, current))] if current else []
            found = (connection.execute(one).first() for one in [*later, others])
            row = next((row for row in found if row), None)
        return read_review(row) if row else None

    def bundles(self, query: Query) -> tuple[Bundle, ...]:
        """Return the groups of what matches, by ``query.by``, the largest first, at most 200."""
        by = query.by or Grouping.GRAPH
        number, first = sa.func.count().label("number"), sa.func.min(reviews.c.paused_at).label("first")
        columns = _GROUPED[by]
        with self._reading() as connection:
            grouped = sa.select(*columns, number, first).where(*conditions(query, connection.dialect.name))
            rows = connection.execute(grouped.group_by(*columns).order_by(number.desc(), *columns).limit(_MOST)).all()
        return tuple(_bundle(replace(query, by=None, offset=0), by, row) for row in rows)

    def totals(self, queries: Sequence[Query]) -> list[int]:
        """Return how many open reviews match each query, read in one pass."""
        if not queries:
            return []
        with self._reading() as connection:
            name = connection.dialect.name
            counted = [sa.func.count().filter(sa.and_(*conditions(query, name))) for query in queries]
            return list(connection.execute(sa.select(*counted).select_from(reviews).where(IS_OPEN)).one())

    def choices(self) -> Choices:
        """Return what the open reviews can be filtered by."""
        same = (reviews.c.graph, reviews.c.node, reviews.c.dialect, reviews.c.source, reviews.c.assignee)
        number = sa.func.count().label("number")
        kinds = sa.select(labels.c.kind, labels.c.value, number).group_by(labels.c.kind, labels.c.value)
        with self._reading() as connection:
            rows = connection.execute(sa.select(*same, number).where(IS_OPEN).group_by(*same)).all()
            named = connection.execute(kinds).all()
        holders = [(row.assignee, row.number) for row in rows if row.assignee]
        return Choices(
            graphs=_tally((row.graph, row.number) for row in rows),
            nodes=_tally((row.node, row.number) for row in rows),
            dialects=_tally((row.dialect, row.number) for row in rows),
            assignees=_tally([*holders, *((row.value, row.number) for row in named if row.kind == "assignee")]),
            groups=_tally((row.value, row.number) for row in named if row.kind == "group"),
            tags=_tally((row.value, row.number) for row in named if row.kind == "tag"),
            sources=_tally((row.source, row.number) for row in rows if row.source),
        )


def read_review(row: Any) -> Review:
    """Return a row that begins with the columns of `LISTED` as a review."""
    fields = dict(zip(_NAMES, row, strict=False))
    fields |= {"kind": Kind(row.kind), "state": State(row.state), "priority": _BY_RANK[row.priority]}
    return Review(**fields | {name: tuple(fields[name]) for name in ("assignees", "groups", "tags")})


def _bundle(query: Query, by: Grouping, row: Any) -> Bundle:
    if by is Grouping.ERROR:
        narrower = replace(query, error=row.reason or None)
        return Bundle(label=row.reason, count=row.number, oldest=row.first, narrower=narrower)
    narrower = replace(query, graph=NONE if row.graph is None else row.graph)
    if by is Grouping.GRAPH:
        return Bundle(label=row.graph or "", count=row.number, oldest=row.first, narrower=narrower)
    label = " / ".join(filter(None, (row.graph, row.node)))
    narrower = replace(narrower, node=NONE if row.node is None else row.node)
    return Bundle(label=label, count=row.number, oldest=row.first, narrower=narrower)


def _tally(counted: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    """Return the sums of each value, the largest first, at most 200."""
    sums: dict[Any, int] = {}
    for value, number in counted:
        sums[value] = sums.get(value, 0) + number
    return dict(sorted(sums.items(), key=lambda one: (-one[1], str(one[0])))[:_MOST])
