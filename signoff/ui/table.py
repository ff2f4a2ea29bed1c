"""The queue as a table. Streamlit keeps a selected row by its position; what counts here is the review's id."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from signoff.desk import Desk
from signoff.reviews import Bundle, Kind, Priority, Query, Review, State
from signoff.settings_tables import Sla
from signoff.ui import shared, sources, time
from signoff.ui.session import duration, masked, running

SELECTED = "review"
"""Key of the session state that holds the id of the review a reviewer has open."""

_TABLE = "queue_table"
_GROUPS = "queue_groups"
_MANY = "queue_many"
_LATE, _WARN = "‼", "⚠"
_COLORS = {_LATE: "red", _WARN: "orange"}
_TINTS = {_LATE: "background-color: rgba(220, 60, 60, 0.16)", _WARN: "background-color: rgba(235, 160, 30, 0.16)"}
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
    "Request": st.column_config.TextColumn(width=207),
    "Waits at": st.column_config.TextColumn(width=105, help="The node that asked; … a node that runs now."),
    "Time": st.column_config.TextColumn(width=110),
    "Priority": st.column_config.TextColumn(width=75),
    "With": st.column_config.TextColumn(width=85, help="Who holds it; → whom the graph has named."),
    "Graph": st.column_config.TextColumn(width=110),
    "Source": st.column_config.TextColumn(width=85, help="⚠ it does not answer: shown as last seen."),
}


def show(reviews: Sequence[Review], selected: str | None) -> None:
    """Draw one page of the queue with the selected review marked; a click anywhere in a row selects it."""
    ids = [review.id for review in reviews]
    place = [ids.index(selected)] if selected in ids else []
    st.session_state[_TABLE] = {"selection": {"rows": place, "columns": [], "cells": []}}
    rows = rows_of(reviews)
    st.dataframe(
        _columns(rows),
        key=_TABLE,
        on_select=lambda: _select(ids),
        selection_mode=["single-row", "single-cell"],
        hide_index=True,
        height=min(38 + 35 * len(reviews), 38 + 35 * 16),
        column_config={**_COLUMNS, "Age": _ages(rows)},
        alt="Open reviews",
    )


def show_many(reviews: Sequence[Review], ticked: Collection[str], tick: Callable[[list[str]], None]) -> None:
    """Draw one page of the queue with a box in each row; ``tick`` is told the ids of this page that are ticked."""
    ids = [review.id for review in reviews]
    places = [place for place, review_id in enumerate(ids) if review_id in ticked]
    st.session_state[_MANY] = {"selection": {"rows": places, "columns": [], "cells": []}}
    rows = rows_of(reviews)
    st.dataframe(
        _columns(rows),
        key=_MANY,
        on_select=lambda: tick([ids[row] for row in st.session_state[_MANY]["selection"]["rows"] if row < len(ids)]),
        selection_mode="multi-row",
        hide_index=True,
        height=min(38 + 35 * len(reviews), 38 + 35 * 16),
        column_config={**_COLUMNS, "Age": _ages(rows)},
        alt="Open reviews, to be ticked",
    )


def show_groups(bundles: Sequence[Bundle], go: Callable[[Query], None]) -> None:
    """Draw groups of reviews; a click on one goes to what it counts."""
    rows = [
        {"Group": masked(one.label) or "—", "Reviews": one.count, "Oldest": _age(one.oldest, running().settings.sla)}
        for one in bundles
    ]
    st.session_state[_GROUPS] = {"selection": {"rows": [], "columns": [], "cells": []}}
    st.dataframe(
        pd.DataFrame(rows).style.map(_tint, subset=["Oldest"]),
        key=_GROUPS,
        on_select=lambda: _open_group(bundles, go),
        selection_mode=["single-row", "single-cell"],
        hide_index=True,
        height=min(38 + 35 * len(rows), 38 + 35 * 16),
        column_config={
            "Group": st.column_config.TextColumn(width=420),
            "Reviews": st.column_config.NumberColumn(width=80),
            "Oldest": st.column_config.TextColumn(width=90),
        },
        alt="Groups of open reviews",
    )


def state_words(review: Review) -> str:
    """Return a review's state for people; a breakpoint says so."""
    waiting = review.kind is Kind.BREAKPOINT and review.state is State.WAITING
    return "‖ breakpoint" if waiting else _STATES[review.state]


def _select(ids: list[str]) -> None:
    """Turn a click on a marker or on a cell into the selected review."""
    if (row := _clicked(_TABLE)) is not None and row < len(ids):
        st.session_state[SELECTED] = ids[row]


def _open_group(bundles: Sequence[Bundle], go: Callable[[Query], None]) -> None:
    if (row := _clicked(_GROUPS)) is not None and row < len(bundles):
        go(bundles[row].narrower)


def _clicked(key: str) -> int | None:
    chosen = st.session_state[key]["selection"]
    rows = [cell[0] for cell in chosen["cells"]] or chosen["rows"]
    return int(rows[0]) if rows else None


def rows_of(reviews: Sequence[Review]) -> list[dict[str, Any]]:
    """Return the rows of the table as texts, the ages in a list of one."""
    return shared.rows(_rows, tuple(reviews))


def _rows(desk: Desk, reviews: tuple[Review, ...], name: str) -> list[dict[str, Any]]:
    applying = [review.id for review in reviews if review.state is State.APPLYING]
    running_at = desk.database.decisions.under_way(applying) if applying else {}
    quiet = sources.quiet()
    return [_row(review, running_at, name) | {"Source": sources.marked(review.source, quiet)} for review in reviews]


def _columns(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows for the browser; a column in which no row says anything is left out.

    A pandas Styler took half of what drawing the queue costs (streamlit 1.67), so ages are labels with a color.
    """
    names = [name for name in rows[0] if name not in _OPTIONAL or any(row[name] for row in rows)]
    return pa.table({name: [row[name] for row in rows] for name in names})


def _ages(rows: Sequence[Mapping[str, Any]]) -> Any:
    said = list(dict.fromkeys(row["Age"][0] for row in rows))
    return st.column_config.MultiselectColumn(
        width=80,
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
    return f"{mark} {_short(span)}".strip()


def _with(review: Review, name: str) -> str:
    if review.assignee:
        return "you" if review.assignee == name else review.assignee
    named = review.assignees or review.groups
    return f"→ {', '.join(named)}" if named else ""


def _short(span: timedelta) -> str:
    """Return a span of time in its largest unit."""
    return " ".join(duration(span).split()[:2])


def _tint(age: object) -> str:
    return _TINTS.get(str(age)[:1], "")


def _explained(sla: Sla) -> str:
    return f"{_WARN} waits for {duration(sla.warn_after)}, {_LATE} for {duration(sla.late_after)} or longer."
