"""The parts of the insights page: the range, the figures, the charts, the tables, and their export."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from signoff import insights
from signoff.insights import MEANING, Insights
from signoff.sheets import to_csv
from signoff.ui import session

DAY: Final = "24 hours"
DAYS: Final = {"7 days": 7, "30 days": 30}
CUSTOM: Final = "Custom"
CAUTION: Final = (
    "Every one of these decisions approved exactly what was proposed, so the gate **may** not be needed. That is a "
    "reason to ask, not a proof: the next case can differ, and whoever always says yes may have stopped looking."
)

_TABS = {"Graph": "by graph", "Node": "by node", "Tool": "by tool", "Reviewer": "by reviewer"}
_YEARS = 5
_LEGEND = alt.Legend(orient="top", offset=0, symbolOpacity=1)
_COLORS = ["#7f93c9", "#e0813d"]
"""Arrivals and decisions; told apart in light and dark, and by those who see few colors."""


def choose_range(now: datetime) -> tuple[datetime, datetime]:
    """Draw the choice of a range, kept in the URL; return its start, at a full hour or at local midnight, and end."""
    chosen = st.segmented_control(
        "Range", [DAY, *DAYS, CUSTOM], default="7 days", required=True, key="insights_range", bind="query-params"
    )
    local = now.astimezone(session.zone())
    if chosen == DAY:
        return (now - timedelta(hours=24)).replace(minute=0, second=0, microsecond=0), now
    if chosen != CUSTOM:
        return _midnight(local.date() - timedelta(days=DAYS.get(chosen, 7))), now
    today = local.date()
    days = st.date_input(
        "Days",
        value=(today - timedelta(days=6), today),
        min_value=today - timedelta(days=365 * _YEARS),
        max_value=today,
        key="insights_days",
        bind="query-params",
        width=230,
    )
    first, last = (days[0], days[-1]) if isinstance(days, tuple) and days else (today, today)
    return _midnight(first), min(_midnight(last + timedelta(days=1)), now)


def choose_graph(names: Sequence[str]) -> str | None:
    """Draw the choice of a graph, kept in the URL; return its name, None for all."""
    graph: str | None = st.selectbox(
        "Graph", names, index=None, placeholder="All graphs", key="insights_graph", bind="query-params", width=230
    )
    return graph


def export(found: Insights) -> None:
    """Draw the buttons that hand out each table as CSV, and everything as JSON."""
    with st.popover("Export", icon=":material/download:"):
        for name, table in found.tables.items():
            _download(f"{name.capitalize()} (CSV)", to_csv(insights.rows(table)), f"{name.replace(' ', '-')}.csv")
        _download("Everything (JSON)", json.dumps(insights.export(found), indent=2), "insights.json")


def metrics(found: Insights) -> None:
    """Draw the figures; each says in its help what it counts."""
    figures = found.figures
    median, p90, p99 = _spans(figures.ages)
    time_median, time_p90, _ = _spans(figures.waits)
    kept = "—" if found.kept is None else f"{found.kept:.0%}"
    with st.grid(4, min_column_width=150):
        st.metric("Waiting now", f"{figures.waiting:,}", border=True, help=MEANING["waiting"])
        st.metric("Their age, median", median, border=True, help=MEANING["age"])
        st.metric("Their age, p90", p90, border=True, help=MEANING["age"])
        st.metric("Their age, p99", p99, border=True, help=MEANING["age"])
        st.metric("Decisions", f"{found.decisions:,}", border=True, help=MEANING["decisions"])
        st.metric("Median time to decide", time_median, border=True, help=MEANING["time"])
        st.metric("90 % decide within", time_p90, border=True, help=MEANING["time"])
        st.metric("Due date kept", kept, border=True, help=_due(found))


def charts(found: Insights) -> None:
    """Draw arrivals against decisions, and how long decisions took."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader(f"Arrivals and decisions per {found.unit}", anchor=False, help=MEANING["flow"])
        st.altair_chart(_flow(found), height=290, alt=f"Arrivals and decisions per {found.unit}")
    with right:
        st.subheader("Time to decision", anchor=False, help=MEANING["time"])
        if found.decisions:
            st.altair_chart(_spread(found.tables["time to decision"]), height=290, alt="Decisions by time to decision")
        else:
            st.info("No decision in this range yet. Times and rates appear with the first one.")


def tables(found: Insights) -> None:
    """Draw how answers divide, by graph, node, tool and reviewer."""
    st.subheader("What was said", anchor=False, help=MEANING["rates"])
    for tab, name in zip(st.tabs(list(_TABS)), _TABS.values(), strict=True):
        with tab:
            if name == "by tool":
                st.caption(MEANING["tools"])
            _table(found.tables[name], name, "No tool call was decided in this range.")


def gates(found: Insights) -> None:
    """Draw what was always approved unchanged."""
    st.subheader("Always approved unchanged", anchor=False, help=MEANING["gates"])
    listed = found.tables["always approved"]
    if not listed.empty:
        st.caption(CAUTION)
    _table(
        listed, "always approved", f"Nothing was decided {insights.LEAST} times or more and always approved unchanged."
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), session.zone()).astimezone(UTC)


def _spans(seconds: Sequence[float]) -> list[str]:
    return [session.duration(timedelta(seconds=one)) for one in seconds] or ["—"] * 3


def _due(found: Insights) -> str:
    overdue = found.figures.overdue
    return f"{MEANING['sla']} {found.in_time:,} in time, {found.late:,} late, {overdue:,} overdue and waiting."


def _download(label: str, data: str, name: str) -> None:
    st.download_button(label, data, f"signoff-{name}", on_click="ignore", type="tertiary", icon=":material/download:")


def _table(table: pd.DataFrame, name: str, nothing: str) -> None:
    if table.empty:
        st.caption(nothing)
        return
    at = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", timezone=session.zone().key)
    shares = [column for column in table if str(column).endswith(" share")]
    config: dict[Any, Any] = {column: st.column_config.NumberColumn(format="percent") for column in shares}
    st.dataframe(
        table, hide_index=True, column_config={**config, "First": at, "Last": at}, key=f"table {name}", alt=name
    )


def _flow(found: Insights) -> Any:
    """Return arrivals as an area and decisions as a line, in steps; the last is drawn as wide as the others."""
    flow = found.tables["flow"]
    last, width = flow.tail(1), {f"{found.unit}s": 1}
    ends = last.assign(From=last["From"] + pd.DateOffset(**width))  # type: ignore[arg-type]
    days: Any = {"interval": found.unit, "step": len(flow) // 8 + 1}
    ticks = 8 if found.unit == "hour" else days  # Vega 6.2 cannot draw steps of hours
    axis = alt.Axis(format="%H:%M" if found.unit == "hour" else "%-d %b", tickCount=ticks, labelOverlap=True)
    long = pd.concat([flow, ends]).melt("From", var_name="What", value_name="Count")
    steps = alt.Chart(long).encode(
        x=alt.X("From:T", title=None, axis=axis),
        y=alt.Y("Count:Q", title=None, stack=None, axis=alt.Axis(tickMinStep=1, format=",d")),
        color=alt.Color("What:N", title=None, scale=alt.Scale(range=_COLORS), legend=_LEGEND),
        tooltip=[alt.Tooltip("From:T", format="%-d %b %Y, %H:%M"), "What:N", "Count:Q"],
    )
    arrivals = steps.transform_filter(alt.datum.What == "Arrivals").mark_area(interpolate="step-after", opacity=0.35)
    decisions = steps.transform_filter(alt.datum.What == "Decisions").mark_line(
        interpolate="step-after", strokeWidth=2.5
    )
    return arrivals + decisions


def _spread(table: pd.DataFrame) -> Any:
    return (
        alt.Chart(table)
        .mark_bar(color=_COLORS[1])
        .encode(
            x=alt.X("Decisions:Q", title=None, axis=alt.Axis(tickMinStep=1, format=",d")),
            y=alt.Y("Time:N", title=None, sort=None),
            tooltip=["Time:N", "Decisions:Q"],
        )
    )
