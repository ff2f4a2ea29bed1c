"""From a `Query` to SQL. Every filter is one line in ``_FILTERS``; every order has an index with all filtered columns.

So a page and its total are read from one index, in order, whatever the filters are: SQLite is kept (with a unary plus)
from choosing an index for a filter and sorting the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from signoff.database.labels import Label, carrying, few
from signoff.database.search import IS_OPEN, containing, containing_unindexed
from signoff.database.tables import UtcDateTime, correlations, reviews
from signoff.reviews import ME, NONE, OPEN, Due, Priority, Query, Sort, State
from signoff.scalars import mark

Condition = sa.ColumnElement[bool]

RANKS = {priority: rank for rank, priority in enumerate(Priority)}
_ORDERS: dict[Sort, tuple[tuple[str, bool], ...]] = {  # column, descending
    Sort.OLDEST: (("paused_at", False), ("id", False)),
    Sort.NEWEST: (("paused_at", True), ("id", True)),
    Sort.DUE: (("due_at", False), ("paused_at", False), ("id", False)),
    Sort.PRIORITY: (("priority", True), ("paused_at", False), ("id", False)),
    Sort.TITLE: (("title", False), ("id", False)),
}
_LISTS = {Label.ASSIGNEE: "assignees", Label.GROUP: "groups", Label.TAG: "tags"}


def conditions(query: Query, dialect: str, rare: Collection[Label] = ()) -> tuple[Condition, ...]:
    """Return what a review has to fulfil; ``dialect`` is SQLAlchemy's name of the database.

    With the kinds of labels that are rare (`rare_labels`), SQLite begins with the reviews that have them and sorts. The
    same for all pages and orders of a query, so that statements made of it can be kept. What is true now is asked by a
    parameter that is worked out when a statement runs.
    """
    zone = query.today.tzinfo if query.today else None  # what begins at one moment may end at two: clocks change
    alike = replace(query, sort=Sort.OLDEST, after=None, by=None, limit=0, offset=0)
    return _conditions(alike, dialect, zone, frozenset(rare))


def rare_labels(connection: sa.Connection, query: Query) -> list[Label]:
    """Return the kinds of labels that a query of open reviews asks for and that few have."""
    asked = {Label.TAG: query.tag, Label.GROUP: query.group} if State.CLOSED not in query.states else {}
    return [kind for kind, value in asked.items() if value and few(connection, kind, value)]


@lru_cache(maxsize=512)
def _conditions(query: Query, dialect: str, _zone: tzinfo | None, rare: Collection[Label]) -> tuple[Condition, ...]:
    columns = _Columns(dialect, rare)
    asked = {name: getattr(query, name) for name in _FILTERS}
    filters = (_FILTERS[name](columns, value, query) for name, value in asked.items() if value not in (None, ""))
    return (_states(query, columns), *filters)


def ordering(sort: Sort, *, backwards: bool = False) -> list[sa.ColumnElement[Any]]:
    """Return the columns to order by, or those of the same order from its end; what is never due comes last."""
    return [_directed(name, descending is not backwards) for name, descending in _ORDERS[sort]]


def _directed(name: str, descending: bool) -> sa.ColumnElement[Any]:
    column = reviews.c[name].desc() if descending else reviews.c[name].asc()
    if name != "due_at":
        return column
    return column.nulls_first() if descending else column.nulls_last()


def behind(sort: Sort, row: Any) -> Condition:
    """Return the condition to come after a row in an order."""
    found: list[Condition] = []
    equal: list[Condition] = []
    for name, descending in _ORDERS[sort]:
        column, value = reviews.c[name], getattr(row, name)
        if value is not None:
            beyond = column < value if descending else sa.or_(column > value, column.is_(None))
            found.append(sa.and_(*equal, beyond))
        equal.append(column.is_not_distinct_from(value))
    return sa.or_(*found)


_BETWEEN = ", "  # names in a list of them


class _Columns:
    """The filtered columns such that SQLite takes the index of the order, not one of theirs."""

    def __init__(self, dialect: str, rare: Collection[Label]) -> None:
        self.database, self.rare = dialect, rare

    def __getattr__(self, name: str) -> sa.ColumnElement[Any]:
        sign = "+" if self.database == "sqlite" else ""
        return sa.literal_column(f"{sign}reviews.{name}", reviews.c[name].type)


def _states(query: Query, c: _Columns) -> Condition:
    if State.CLOSED in query.states:
        return reviews.c.state.in_([state.value for state in query.states])
    if set(query.states) == set(OPEN):
        return IS_OPEN
    return sa.and_(IS_OPEN, c.state.in_([state.value for state in query.states]))


def _named(name: str) -> Callable[[_Columns, str, Query], Condition]:
    return lambda c, value, _: _column_is(getattr(c, name), value)


def _column_is(column: sa.ColumnElement[Any], value: str) -> Condition:
    return column.is_(None) if value == NONE else column == value


def _labelled(kind: Label) -> Callable[[_Columns, str, Query], Condition]:
    def condition(c: _Columns, value: str, query: Query) -> Condition:
        if kind in c.rare:
            return reviews.c.seq.in_(carrying(kind, value))
        if c.database == "sqlite" and value != _BETWEEN:  # the lists are in the index, and read faster than a table
            return sa.func.instr(_written(c, kind), json.dumps(value)) > 0
        if State.CLOSED in query.states:  # labels are those of open reviews
            return _written(c, kind).contains(json.dumps(value), autoescape=True)
        return c.seq.in_(carrying(kind, value))

    return condition


def _written(c: _Columns, kind: Label) -> sa.ColumnElement[str]:
    """Return a list of names as it is stored."""
    return sa.cast(getattr(c, _LISTS[kind]), sa.Text)


def _assignee(c: _Columns, value: str, query: Query) -> Condition:
    if value == NONE:
        return sa.and_(c.assignee.is_(None), _written(c, Label.ASSIGNEE) == "[]")
    person = query.viewer if value == ME else value
    named = _labelled(Label.ASSIGNEE)(c, person, query)
    return sa.or_(c.assignee == person, sa.and_(c.assignee.is_(None), named))


def _due(c: _Columns, value: Due, query: Query) -> Condition:
    if value is Due.NEVER:
        return c.due_at.is_(None)
    days = {Due.TODAY: 1, Due.WEEK: 7}.get(value)
    if days is None:
        return c.due_at < _when(lambda: _now(query))
    return c.due_at < _when(lambda: _today(query) + timedelta(days=days))


def _key(c: _Columns, value: str, _: Query) -> Condition:
    name, sign, text = value.partition("=")
    if not sign:
        return c.business_key == value
    marked = sa.select(correlations.c.review).where(correlations.c.mark == mark(name, text))
    return sa.or_(c.business_key == value, c.seq.in_(marked))


def _search(c: _Columns, value: str, query: Query) -> Condition:
    if State.CLOSED in query.states:
        return containing_unindexed(value)
    return containing(value, c.seq, c.database)


def _snoozed(c: _Columns, value: bool, query: Query) -> Condition:
    later = c.follow_up_at > _when(lambda: _now(query))
    return later if value else sa.or_(c.follow_up_at.is_(None), sa.not_(later))


def _now(query: Query) -> datetime:
    return query.now or datetime.now(UTC)


def _today(query: Query) -> datetime:
    return query.today or datetime.combine(_now(query), time(), UTC)


def _when(moment: Callable[[], datetime]) -> sa.BindParameter[datetime]:
    """Return a parameter that is worked out anew whenever a statement with it runs."""
    return sa.bindparam(None, callable_=moment, type_=UtcDateTime(), unique=True)


_FILTERS: dict[str, Callable[[_Columns, Any, Query], Condition]] = {
    "source": lambda c, value, _: c.source == value,
    "graph": _named("graph"),
    "node": _named("node"),
    "thread_id": lambda _, value, __: reviews.c.thread_id == value,
    "dialect": lambda c, value, _: c.dialect == value,
    "priority": lambda c, value, _: c.priority == RANKS[value],
    "assignee": _assignee,
    "group": _labelled(Label.GROUP),
    "tag": _labelled(Label.TAG),
    "due": _due,
    "older": lambda c, value, query: c.paused_at <= _when(lambda: _now(query) - value),
    "key": _key,
    "error": lambda c, value, _: c.reason == ("" if value == NONE else value),
    "search": _search,
    "snoozed": _snoozed,
}
