"""The queue as a table: one review per row, several to be ticked, or groups of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import streamlit as st

from signoff.desk import Desk
from signoff.reviews import NONE, Bundle, Kind, Priority, Query, Review, State
from signoff.settings_tables import Sla
from signoff.ui import parts, rows, shared, sources, time
from signoff.ui.session import duration, keyed, masked, roughly, running

SELECTED = "review"
"""Key of the session state that holds the id of the review a reviewer has open."""

_TABLE = "queue_table"
_GROUPS = "queue_groups"
_MANY = "queue_many"
_LATE, _WARN = "‼", "⚠"
_COLORS = {_LATE: "red", _WARN: "orange"}
_MARKS = {Priority.URGENT: "⇈ urgent", Priority.HIGH: "↑ high", Priority.NORMAL: "", Priority.LOW: "↓ low"}
_STATES = {
    State.WAITING: "waiting",
    State.CLAIMED: "claimed",
    State.APPLYING: "… applying",
    State.FAILED: "× failed",
    State.STUCK: "! stuck",
    State.STALLED: "~ stalled",
    State.CLOSED: "closed",
}
_OPTIONAL = ("Time", "Priority", "With", "Source")
_COLUMNS = {
    "Request": st.column_config.TextColumn(width=245),
    "Waits at": st.column_config.TextColumn(width=105, help="The node that asked; … a node that runs now."),
    "Time": st.column_config.TextColumn(width=115),
    "Priority": st.column_config.TextColumn(width=70),
    "With": st.column_config.TextColumn(width=90, help="Who holds it; → whom the graph has named."),
    "Graph": st.column_config.TextColumn(width=110),
    "Source": st.column_config.TextColumn(width=85, help="⚠ it does not answer: shown as last seen."),
}


def show(reviews: Sequence[Review], selected: str | None) -> None:
    """Draw one page of the queue with the selected review marked; a click anywhere in a row selects it."""
    told = told_of(reviews)
    ids = [review.id for review in reviews]
    rows.table(_TABLE, told.table, ids, selected, _select, columns=told.columns, alt="Open reviews")


def show_many(reviews: Sequence[Review], ticked: Collection[str], tick: Callable[[list[str]], None]) -> None:
    """Draw one page of the queue with a box in each row; ``tick`` is told the ids of this page that are ticked.

    Other rows, or another order, are another table: a tick that was on its way meant rows that are gone, and counts
    for none.
    """
    ids = [review.id for review in reviews]
    key = f"{_MANY}-{keyed(ids)}"
    places = [place for place, review_id in enumerate(ids) if review_id in ticked]
    st.session_state[key] = {"selection": {"rows": places, "columns": [], "cells": []}}
    told = told_of(reviews)
    st.dataframe(
        told.table,
        key=key,
        on_select=lambda: tick([ids[row] for row in st.session_state[key]["selection"]["rows"]]),
        selection_mode="multi-row",
        hide_index=True,
        height=min(38 + 35 * len(reviews), 38 + 35 * 16),
        column_config=told.columns,
        alt="Open reviews, to be ticked",
    )


def show_groups(bundles: Sequence[Bundle], go: Callable[[Query], None]) -> None:
    """Draw groups of reviews; a click on one goes to what it counts."""
    sla = running().settings.sla
    told: list[dict[str, Any]] = [
        {"Group": _group(one), "Reviews": one.count, "Oldest": [_age(one.oldest, sla)]} for one in bundles
    ]
    columns = {
        "Group": st.column_config.TextColumn(width=420),
        "Reviews": st.column_config.NumberColumn(width=80),
        "Oldest": _ages(row["Oldest"][0] for row in told),
    }
    queries = [one.narrower for one in bundles]
    rows.table(_GROUPS, _columns(told), queries, None, go, columns=columns, alt="Groups of open reviews")


def _group(one: Bundle) -> str:
    return masked(one.label) or ("no error" if one.narrower.error == NONE else "unknown")


def state_words(review: Review) -> str:
    """Return a review's state for people; a breakpoint says so."""
    waiting = review.kind is Kind.BREAKPOINT and review.state is State.WAITING
    return "‖ breakpoint" if waiting else _STATES[review.state]


def _select(review_id: str) -> None:
    st.session_state[SELECTED] = review_id
    parts.redraw(among=parts.CHOOSING)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the table says: its ``rows`` as texts, the ages in a list of one, and the same for the browser."""

    rows: list[dict[str, Any]]
    table: pa.Table = field(compare=False)
    columns: dict[str, Any] = field(compare=False)


def told_of(reviews: Sequence[Review]) -> Told:
    """Return what the table says of these reviews; equal as long as it says the same."""
    return shared.rows(_told, tuple(reviews))


def _told(desk: Desk, reviews: tuple[Review, ...], name: str) -> Told:
    told = _rows(desk, reviews, name)
    return Told(rows=told, table=_columns(told), columns=_described(told))


def _rows(desk: Desk, reviews: tuple[Review, ...], name: str) -> list[dict[str, Any]]:
    applying = [review.id for review in reviews if review.state is State.APPLYING]
    running_at = desk.database.decisions.under_way(applying) if applying else {}
    quiet = sources.quiet()
    return [_row(review, running_at, name) | {"Source": sources.marked(review.source, quiet)} for review in reviews]


def _columns(told: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows for the browser; a column in which no row says anything is left out.

    A pandas Styler took half of what drawing the queue costs (streamlit 1.67), so ages are labels with a color.
    """
    names = [name for name in (told or [{}])[0] if name not in _OPTIONAL or any(row[name] for row in told)]
    return pa.table({name: [row[name] for row in told] for name in names})


def _described(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {**_COLUMNS, "Age": _ages(row["Age"][0] for row in told)}


def _ages(told: Iterable[str]) -> Any:
    said = list(dict.fromkeys(told))
    return st.column_config.MultiselectColumn(
        width=72,
        help=_explained(running().settings.sla),
        options=said,
        color=[_COLORS.get(age[:1], "gray") for age in said],
    )


def _row(review: Review, running_at: Mapping[str, str], name: str) -> dict[str, Any]:
    title = masked(review.title)
    plain_wait = review.state in (State.WAITING, State.CLAIMED) and review.kind is Kind.INTERRUPT
    node = running_at.get(review.id)
    return {
        "Request": title if plain_wait else f"{state_words(review)} · {title}",
        "Waits at": f"… {node}" if node else review.node or "",
        "Age": [_age(review.paused_at, running().settings.sla)],
        "Time": time.words(review),
        "Priority": _MARKS[review.priority],
        "With": _with(review, name),
        "Graph": sources.own(review.graph) if review.graph else "unknown",
    }


def _age(since: datetime, sla: Sla) -> str:
    span = datetime.now(UTC) - since
    mark = _LATE if span >= sla.late_after else _WARN if span >= sla.warn_after else ""
    return f"{mark} {roughly(span)}".strip()


def _with(review: Review, name: str) -> str:
    if review.assignee:
        return "you" if review.assignee == name else review.assignee
    named = review.assignees or review.groups
    return f"→ {', '.join(named)}" if named else ""


def _explained(sla: Sla) -> str:
    return f"{_WARN} waits for {duration(sla.warn_after)}, {_LATE} for {duration(sla.late_after)} or longer."
