"""Figures about the desk, counted by the database: what was said, how long it took, what waits.

They are about questions and breakpoints; threads in trouble are not counted. What was said of a question is noted once,
with its decision, in rows so narrow that a hundred thousand of them are read in a moment: row 0 of a decision is the
answer as a whole, rows 1… are the tool calls that it decides on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from signoff.database.tables import UtcDateTime, reviews, verdicts
from signoff.decisions import Decision
from signoff.reviews import Kind, State
from signoff.verdicts import Call, Judgement, Verdict

Transaction = Callable[[], AbstractContextManager[sa.Connection]]

PERCENTILES = (50, 90, 99)
WAITS = (60, 300, 900, 3_600, 14_400, 86_400, 259_200, 604_800)
"""Where the distribution of times to a decision is cut, in seconds."""

_KINDS = (Kind.INTERRUPT, Kind.BREAKPOINT)
_WAITING = reviews.c.state.in_([State.WAITING.value, State.CLAIMED.value])


@dataclass(frozen=True, kw_only=True)
class Span:
    """What to count: decisions and pauses from ``start`` up to, not including, ``end``; of one graph when named.

    ``slots`` cuts the span into adjoining pieces, oldest first.
    """

    start: datetime
    end: datetime
    slots: Sequence[tuple[datetime, datetime]] = ()
    graph: str | None = None


@dataclass(frozen=True, kw_only=True)
class Said:
    """How often one verdict was given, and from ``first`` to ``last``.

    ``tool`` is None where whole answers are counted; ``calls`` tells that they decided on tool calls, which are counted
    by themselves, too. Of those with a due date, ``kept`` were in time and ``late`` were not.
    """

    graph: str | None
    node: str | None
    reviewer: str
    tool: str | None
    calls: bool
    verdict: Verdict
    count: int
    kept: int
    late: int
    first: datetime
    last: datetime


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One snapshot of a desk.

    ``ages`` and ``waits`` hold seconds at each of `PERCENTILES`, empty where nothing was measured; ``spread`` counts
    the waits up to each of `WAITS`, then the longer ones. ``arrived`` and ``decided`` count by slot;
    ``overdue`` questions fell due in the span and wait still.
    """

    waiting: int
    ages: tuple[float, ...]
    arrived: tuple[int, ...]
    decided: tuple[int, ...]
    waits: tuple[float, ...]
    spread: tuple[int, ...]
    overdue: int
    said: tuple[Said, ...]


def noting(judgement: Judgement) -> Callable[[sa.Connection, Decision], None]:
    """Return what notes, in the transaction that records a decision, what its answer says."""

    def note(connection: sa.Connection, decision: Decision) -> None:
        if decision.kind not in _KINDS:
            return
        asked = sa.select(reviews.c.paused_at, reviews.c.due_at).where(reviews.c.id == decision.review_id)
        review = connection.execute(asked).first()
        same = {
            "decision_id": decision.id,
            "calls": len(judgement.calls),
            **{name: getattr(decision, name) for name in ("graph", "node", "recorded_at")},
            "reviewer": decision.reviewer.name,
            "due_at": review.due_at if review else None,
            "waited": max((decision.recorded_at - review.paused_at).total_seconds(), 0.0) if review else None,
        }
        said = [Call(tool="", verdict=judgement.verdict), *judgement.calls]
        rows = [
            same | {"place": place, "tool": call.tool if place else None, "verdict": call.verdict.value}
            for place, call in enumerate(said)
        ]
        connection.execute(sa.insert(verdicts), rows)

    return note


class InsightStore:
    """Counts decisions and reviews; nothing is loaded but the counts."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def figures(self, span: Span, *, now: datetime) -> Figures:
        """Return the figures of a span, all from one snapshot where the database keeps one."""
        whole = [verdicts.c.place == 0, *_in(span)]
        with self._reading() as connection:
            waiting, ages = _ages(connection, span, now)
            return Figures(
                waiting=waiting,
                ages=ages,
                arrived=_by_slot(connection, span, reviews.c.paused_at, _of(reviews, span), reviews.c.kind.in_(_KINDS)),
                decided=_by_slot(connection, span, verdicts.c.recorded_at, _of(verdicts, span), verdicts.c.place == 0),
                waits=_waits(connection, whole),
                spread=_spread(connection, whole),
                overdue=_overdue(connection, span, now),
                said=_said(connection, span),
            )


def _of(table: sa.Table, span: Span) -> sa.ColumnElement[bool]:
    return sa.true() if span.graph is None else table.c.graph == span.graph


def _in(span: Span) -> list[sa.ColumnElement[bool]]:
    at = verdicts.c.recorded_at
    return [at >= span.start, at < span.end, _of(verdicts, span)]


def _ranked(
    connection: sa.Connection,
    column: sa.ColumnElement[Any],
    *wanted: sa.ColumnElement[bool],
    order: sa.ColumnElement[Any] | None = None,
) -> tuple[int, list[Any]]:
    """Return how many values there are, and those at `PERCENTILES` by nearest rank: the ceil(p · n / 100)-th."""
    rank = sa.func.row_number().over(order_by=column if order is None else order).label("rank")
    total = sa.func.count().over().label("total")
    ordered = sa.select(column.label("value"), rank, total).where(*wanted).subquery()
    ranks = [(ordered.c.total * percent + 99) // 100 for percent in PERCENTILES]
    rows = connection.execute(sa.select(ordered).where(ordered.c.rank.in_(ranks))).all()
    found = {row.rank: row.value for row in rows}
    count = rows[0].total if rows else 0
    return count, [found[(count * percent + 99) // 100] for percent in PERCENTILES if rows]


def _ages(connection: sa.Connection, span: Span, now: datetime) -> tuple[int, tuple[float, ...]]:
    since = reviews.c.paused_at
    count, times = _ranked(connection, since, _WAITING, _of(reviews, span), order=since.desc())
    return count, tuple(max((now - time).total_seconds(), 0.0) for time in times)


def _waits(connection: sa.Connection, whole: Sequence[sa.ColumnElement[bool]]) -> tuple[float, ...]:
    return tuple(_ranked(connection, verdicts.c.waited, *whole, verdicts.c.waited.is_not(None))[1])


def _spread(connection: sa.Connection, whole: Sequence[sa.ColumnElement[bool]]) -> tuple[int, ...]:
    band = sa.case(*((verdicts.c.waited <= limit, n) for n, limit in enumerate(WAITS)), else_=len(WAITS)).label("band")
    query = sa.select(band, sa.func.count()).where(*whole, verdicts.c.waited.is_not(None)).group_by(band)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return tuple(found.get(n, 0) for n in range(len(WAITS) + 1))


def _by_slot(
    connection: sa.Connection, span: Span, column: sa.ColumnElement[Any], *wanted: sa.ColumnElement[bool]
) -> tuple[int, ...]:
    """Count rows by slot: one range of the index for each, exact in any time zone and across a change of the clocks."""
    if not span.slots:
        return ()
    columns = (sa.column("place", sa.Integer), sa.column("start", UtcDateTime), sa.column("end", UtcDateTime))
    rows = [(place, start, end) for place, (start, end) in enumerate(span.slots)]
    slots = sa.values(*columns, name="slots").data(rows).cte("slots")
    here = (column >= slots.c.start, column < slots.c.end)
    number = sa.select(sa.func.count()).select_from(column.table).where(*here, *wanted).correlate(slots)
    query = sa.select(slots.c.place, number.scalar_subquery()).order_by(slots.c.place)
    return tuple(row[1] for row in connection.execute(query))


def _overdue(connection: sa.Connection, span: Span, now: datetime) -> int:
    due = reviews.c.due_at
    waiting = sa.select(sa.func.count()).select_from(reviews).where(_WAITING, _of(reviews, span))
    return connection.execute(waiting.where(due >= span.start, due < min(span.end, now))).scalar_one()


def _said(connection: sa.Connection, span: Span) -> tuple[Said, ...]:
    """Count everything that was said in one pass."""
    names = ("graph", "node", "reviewer", "tool", "verdict")
    at, due = verdicts.c.recorded_at, verdicts.c.due_at
    calls = sa.case((verdicts.c.calls > 0, 1), else_=0).label("calls")
    same = [*(verdicts.c[name] for name in names), calls]
    query = (
        sa.select(
            *same,
            sa.func.count().label("count"),
            sa.func.sum(sa.case((at <= due, 1), else_=0)).label("kept"),
            sa.func.sum(sa.case((at > due, 1), else_=0)).label("late"),
            sa.func.min(at).label("first"),
            sa.func.max(at).label("last"),
        )
        .where(*_in(span))
        .group_by(*same)
    )
    rows = (dict(row) for row in connection.execute(query).mappings())
    return tuple(Said(**{**row, "verdict": Verdict(row["verdict"]), "calls": bool(row["calls"])}) for row in rows)
