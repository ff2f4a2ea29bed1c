"""One page of a query and how many match in all, at a cost that neither its place in the list nor a search drives up.

On PostgreSQL one statement does it. On SQLite the total is known first, so that a page is counted from the nearer end
of the list; where the first page is the only one, it is the total. What a search finds is kept in a temporary table,
unless its first pages are asked for and it is much: then the list is read from its beginning, looking at texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from signoff.database import search
from signoff.database.finding import Condition, behind, conditions, ordering, rare_labels
from signoff.database.tables import reviews
from signoff.errors import ReviewNotFound
from signoff.reviews import OPEN, Query, Sort, State

LISTED = [column for column in reviews.c if column.name not in ("seq", "search")]
_NEAR = 500  # rows from the beginning, where looking at texts is cheaper than keeping what a search finds ...
_MUCH = 2_000  # ... if it finds as many

Rows = Sequence[sa.Row[Any]]
Wanted = tuple[Condition, ...]


def page(connection: sa.Connection, query: Query) -> tuple[Rows, int]:
    """Return the rows of a page, which begin with the columns of `LISTED`, and the number of all that match.

    Raises `ReviewNotFound` for a page behind a review that the table does not have.
    """
    if query.after:
        return _after(connection, query, conditions(query, connection.dialect.name))
    if connection.dialect.name != "sqlite":
        return _at_once(connection, query, conditions(query, connection.dialect.name))
    if State.CLOSED in query.states or not search.terms_of(query.search):
        return _counted(connection, query, conditions(query, "sqlite", rare_labels(connection, query)))
    return _searched(connection, query)


def _after(connection: sa.Connection, query: Query, wanted: Wanted) -> tuple[Rows, int]:
    last = connection.execute(sa.select(reviews).where(reviews.c.id == query.after)).first()
    if last is None:
        raise ReviewNotFound(query.after or "")
    listing = _listing(wanted, query.sort).where(behind(query.sort, last))
    rows = connection.execute(listing, {"size": query.limit, "skipped": query.offset}).all()
    return rows, connection.execute(_number(wanted)).scalar_one()


def _at_once(connection: sa.Connection, query: Query, wanted: Wanted) -> tuple[Rows, int]:
    asked = {"size": query.limit, "skipped": query.offset}
    rows = connection.execute(_listing(wanted, query.sort, totalled=True), asked).all()
    if not rows and query.offset:
        return rows, connection.execute(_number(wanted)).scalar_one()
    return rows, rows[0].total if rows else 0


def _searched(connection: sa.Connection, query: Query) -> tuple[Rows, int]:
    others = replace(query, search="")
    wanted = conditions(others, "sqlite")
    alone = len(wanted) == 1 and set(query.states) == set(OPEN)
    finding, near = search.finding(connection, query.search), alone and query.offset <= _NEAR
    found = search.keep(connection, finding, most=_MUCH if near else None)
    if near and found == _MUCH:
        total = search.count(connection, finding)
        return _rows(connection, query, (*wanted, search.containing_unindexed(query.search)), total), total
    wanted = (*wanted, search.kept(few=found < _MUCH))
    return (_rows(connection, query, wanted, found), found) if alone else _counted(connection, query, wanted)


def _counted(connection: sa.Connection, query: Query, wanted: Wanted) -> tuple[Rows, int]:
    if query.offset:
        total = connection.execute(_number(wanted)).scalar_one()
        return _rows(connection, query, wanted, total), total
    rows = _rows(connection, query, wanted, query.limit)
    few = len(rows) < query.limit
    return rows, len(rows) if few else connection.execute(_number(wanted)).scalar_one()


def _rows(connection: sa.Connection, query: Query, wanted: Wanted, total: int) -> Rows:
    """Return the rows of a page in order, looked for from the nearer end of the ``total``."""
    size = min(query.limit, total - query.offset)
    if size <= 0:
        return []
    later = total - query.offset - size
    backwards = later < query.offset
    asked = {"size": size, "skipped": min(later, query.offset)}
    rows = connection.execute(_listing(wanted, query.sort, backwards=backwards), asked).all()
    return rows[::-1] if backwards else rows


@lru_cache(maxsize=256)
def _listing(wanted: Wanted, sort: Sort, *, backwards: bool = False, totalled: bool = False) -> sa.Select[Any]:
    total = [_number(wanted).correlate(None).scalar_subquery().label("total")] * totalled
    listing = sa.select(*LISTED, *total).where(*wanted).order_by(*ordering(sort, backwards=backwards))
    size, skipped = (sa.bindparam(name, type_=sa.Integer) for name in ("size", "skipped"))
    return listing.limit(size).offset(skipped)


@lru_cache(maxsize=256)
def _number(wanted: Wanted) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(reviews).where(*wanted)
