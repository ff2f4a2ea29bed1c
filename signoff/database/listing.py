"""The queue, read: pages with totals, the review that comes next, groups, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from signoff.database import paging
from signoff.database.finding import RANKS, Condition, behind, conditions, ordering
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
_SAME = (reviews.c.graph, reviews.c.node, reviews.c.dialect, reviews.c.source, reviews.c.assignee)
_NUMBER = sa.func.count().label("number")
_KINDS = sa.select(*_SAME, _NUMBER).where(IS_OPEN).group_by(*_SAME)
_LABELS = sa.select(labels.c.kind, labels.c.value, _NUMBER).group_by(labels.c.kind, labels.c.value)
_HELD = sa.select(reviews.c.seq).where(reviews.c.assignee.is_not(None), IS_OPEN)
_TAKEN = _LABELS.where(labels.c.kind == "assignee", labels.c.review.in_(_HELD))


class Listing:
    """The table of reviews, read by queries."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def page(self, query: Query) -> Page:
        """Return one page in the order asked for, and how many match in all; both of one moment of the table."""
        with self._reading() as connection:
            rows, total = paging.page(connection, query)
        return Page(reviews=tuple(read_review(row) for row in rows), total=total)

    def lists(self, query: Query, review_id: str) -> bool:
        """Tell whether a review is on any page of a query."""
        with self._reading() as connection:
            asked = _listed(conditions(query, connection.dialect.name))
            return connection.execute(asked, {"review_id": review_id}).first() is not None

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
        first = sa.func.min(reviews.c.paused_at).label("first")
        columns = _GROUPED[by]
        with self._reading() as connection:
            grouped = sa.select(*columns, _NUMBER, first).where(*conditions(query, connection.dialect.name))
            rows = connection.execute(grouped.group_by(*columns).order_by(_NUMBER.desc(), *columns).limit(_MOST)).all()
        return tuple(_bundle(replace(query, by=None, offset=0), by, row) for row in rows)

    def totals(self, queries: Sequence[Query]) -> list[int]:
        """Return how many reviews match each query; those that ask for open ones alone are counted in one pass."""
        counted: dict[Query, int] = {}
        with self._reading() as connection:
            for closed in (False, True):
                asked = [query for query in queries if (State.CLOSED in query.states) is closed]
                wanted = tuple(conditions(query, connection.dialect.name) for query in asked)
                found = connection.execute(_totals(wanted, closed)).one() if wanted else ()
                counted |= dict(zip(asked, found, strict=True))
        return [counted[query] for query in queries]

    def choices(self) -> Choices:
        """Return what the open reviews can be filtered by."""
        with self._reading() as connection:
            rows = connection.execute(_KINDS).all()
            named = connection.execute(_LABELS).all()
            taken = connection.execute(_TAKEN).all() if any(row.assignee for row in rows) else ()
        holders = [(row.assignee, row.number) for row in rows if row.assignee]
        meant = [(row.value, row.number) for row in named if row.kind == "assignee"]
        meant += [(row.value, -row.number) for row in taken]  # who holds a review counts, not for whom it was meant
        return Choices(
            graphs=_tally((row.graph, row.number) for row in rows),
            nodes=_tally((row.node, row.number) for row in rows),
            dialects=_tally((row.dialect, row.number) for row in rows),
            assignees=_tally([*holders, *meant]),
            groups=_tally((row.value, row.number) for row in named if row.kind == "group"),
            tags=_tally((row.value, row.number) for row in named if row.kind == "tag"),
            sources=_tally((row.source, row.number) for row in rows if row.source),
        )


@lru_cache(maxsize=64)
def _listed(wanted: tuple[Condition, ...]) -> sa.Select[tuple[str]]:
    return sa.select(reviews.c.id).where(reviews.c.id == sa.bindparam("review_id"), *wanted)


@lru_cache(maxsize=64)
def _totals(wanted: tuple[tuple[Condition, ...], ...], closed: bool) -> sa.Select[*tuple[int, ...]]:
    counted = [sa.func.count().filter(sa.and_(*one)) for one in wanted]
    query = sa.select(*counted).select_from(reviews)
    return query if closed else query.where(IS_OPEN)


def read_review(row: Any) -> Review:
    """Return a row that begins with the columns of `LISTED` as a review."""
    fields = dict(zip(_NAMES, row, strict=False))
    fields |= {"kind": Kind(row.kind), "state": State(row.state), "priority": _BY_RANK[row.priority]}
    return Review(**fields | {name: tuple(fields[name]) for name in ("assignees", "groups", "tags")})


def _bundle(query: Query, by: Grouping, row: Any) -> Bundle:
    if by is Grouping.ERROR:
        narrower = replace(query, error=row.reason or NONE)
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
    found = [one for one in sums.items() if one[1]]
    return dict(sorted(found, key=lambda one: (-one[1], str(one[0])))[:_MOST])
