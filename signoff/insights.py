"""Insights: what a desk's figures say, as numbers and tables. One definition for each figure, told in `MEANING`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from signoff.database.insights import WAITS, Figures, Said, Span
from signoff.desk import Desk
from signoff.reviews import Json
from signoff.verdicts import Verdict

LEAST: Final = 20
"""From how many decisions on "always approved unchanged" is said of a gate."""

MEANING: Final = {
    "waiting": "Questions and breakpoints that wait for a person this moment, claimed ones too; whatever the range.",
    "age": "How long what waits now has waited, since it was first seen paused: half of it no longer than the median, "
    "90 % no longer than p90, 99 % no longer than p99.",
    "decisions": "Answers recorded in the range, whatever became of them; an answer given again counts again. "
    "Threads in trouble are not counted.",
    "time": "From the pause to the recorded answer, of all decisions in the range; half took at most the median.",
    "sla": "Of the questions with a due date that were answered in the range, or fell due in it and wait still: the "
    "share answered in time.",
    "flow": "Arrivals: questions and breakpoints first seen paused in that time, decided or not. Decisions: answers "
    "recorded in that time.",
    "rates": "Approved: a yes to exactly what was proposed. Edited: a yes with something changed or added. Rejected: a "
    "no, a decline, a skip. Answered: words, a choice or values where nothing was proposed. Mixed: several tool calls "
    "in one answer, decided differently. Shares are of all decisions in the row.",
    "tools": "Each tool call counts by itself, so an answer to three calls counts three times.",
    "gates": f"A question at a node, or a tool's calls, decided at least {LEAST} times in the range and approved "
    "unchanged every time.",
}

_UNITS = (("hour", timedelta(days=3)), ("day", timedelta(days=100)), ("week", timedelta.max))
_BANDS = ("1 min", "5 min", "15 min", "1 h", "4 h", "1 d", "3 d", "7 d")


@dataclass(frozen=True, kw_only=True)
class Insights:
    """A desk over a span of time; ``tables`` by name, ``unit`` is that of the flow: hour, day or week."""

    span: Span
    unit: str
    figures: Figures
    tables: dict[str, pd.DataFrame]

    @property
    def answers(self) -> list[Said]:
        """Return what was said in whole answers; the rest was said of single tool calls."""
        return [said for said in self.figures.said if said.tool is None]

    @property
    def decisions(self) -> int:
        """Return how many decisions the span holds."""
        return sum(said.count for said in self.answers)

    @property
    def in_time(self) -> int:
        """Return how many answers were given by their due date."""
        return sum(said.kept for said in self.answers)

    @property
    def late(self) -> int:
        """Return how many answers were given after it."""
        return sum(said.late for said in self.answers)

    @property
    def kept(self) -> float | None:
        """Return the share of what was due that was answered in time; None where nothing was due."""
        due = self.in_time + self.late + self.figures.overdue
        return self.in_time / due if due else None


def read(
    desk: Desk, *, start: datetime, end: datetime, now: datetime, zone: ZoneInfo, graph: str | None = None
) -> Insights:
    """Return the insights from ``start`` up to ``end``, by hours or days of ``zone``; of one graph when named."""
    unit = next(unit for unit, longest in _UNITS if end - start <= longest)
    span = Span(start=start, end=end, slots=slots(start, end, unit=unit, zone=zone), graph=graph)
    figures = desk.database.insights.figures(span, now=now)
    answers = [said for said in figures.said if said.tool is None]
    calls = [said for said in figures.said if said.tool is not None]
    tables = {
        "flow": _flow(span, figures, zone),
        "time to decision": _spread(figures),
        "by graph": rates(answers, "graph"),
        "by node": rates(answers, "graph", "node"),
        "by tool": rates(calls, "tool"),
        "by reviewer": rates(answers, "reviewer"),
        "always approved": gates(figures.said, zone, least=LEAST),
    }
    return Insights(span=span, unit=unit, figures=figures, tables=tables)


def graphs(desk: Desk) -> list[str]:
    """Return the graphs to choose from, sorted: those that are loaded, and those of which something is open."""
    return sorted({*desk.graphs.names, *desk.listed_graphs()})


def slots(start: datetime, end: datetime, *, unit: str, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """Cut a span at the full hours, at midnight, or at midnight before Monday, by the clock of ``zone``."""
    local = start.astimezone(zone)
    hour = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    monday = local.date() - timedelta(days=local.weekday())
    edges = [start]
    for step in range(1, 100_000):
        if unit == "hour":
            edge = hour + timedelta(hours=step)
        else:
            day = local.date() + timedelta(days=step) if unit == "day" else monday + timedelta(weeks=step)
            edge = datetime.combine(day, time(), zone).astimezone(UTC)
        if edge >= end:
            break
        edges.append(edge)
    return tuple(zip(edges, [*edges[1:], end], strict=True)) if start < end else ()


def rates(said: Iterable[Said], *names: str) -> pd.DataFrame:
    """Return how often each verdict was given, most decided first, by the fields ``names``; shares are 0 to 1."""
    counts: dict[tuple[str, ...], dict[Verdict, int]] = {}
    for one in said:
        row = counts.setdefault(tuple(getattr(one, name) or "unknown" for name in names), dict.fromkeys(Verdict, 0))
        row[one.verdict] += one.count
    titles = [*map(str.capitalize, names), "Decisions", *(verdict.capitalize() for verdict in Verdict), *_SHARES]
    most_first = sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    listed = [
        (*key, total := sum(row.values()), *row.values(), *(row[verdict] / total for verdict in _SHARES.values()))
        for key, row in most_first
    ]
    return pd.DataFrame(listed, columns=titles)


def gates(said: Iterable[Said], zone: ZoneInfo, *, least: int) -> pd.DataFrame:
    """Return what was decided ``least`` times or more and approved unchanged every time, most decided first.

    Tool calls count by themselves; a whole answer counts where it decided on none.
    """
    groups: dict[tuple[str, str, str], list[Said]] = {}
    for one in said:
        if one.tool is not None or not one.calls:
            groups.setdefault((one.graph or "unknown", one.node or "", one.tool or ""), []).append(one)
    listed = [
        (
            *(*key, sum(one.count for one in group), len({one.reviewer for one in group})),
            *(min(one.first for one in group).astimezone(zone), max(one.last for one in group).astimezone(zone)),
        )
        for key, group in sorted(groups.items(), key=lambda item: (-sum(one.count for one in item[1]), item[0]))
        if all(one.verdict is Verdict.APPROVED for one in group) and sum(one.count for one in group) >= least
    ]
    return pd.DataFrame(listed, columns=["Graph", "Node", "Tool", "Approved unchanged", "Reviewers", "First", "Last"])


def rows(table: pd.DataFrame) -> list[dict[str, Json]]:
    """Return a table as plain rows for an export: times in ISO 8601 with their offset, what is missing as None."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def export(insights: Insights) -> dict[str, Json]:
    """Return everything as JSON; spans of time are in seconds."""
    span, figures = insights.span, insights.figures
    return {
        "from": span.start.isoformat(),
        "to": span.end.isoformat(),
        "graph": span.graph,
        "waiting": figures.waiting,
        "age": _percentiles(figures.ages),
        "decisions": insights.decisions,
        "time_to_decision": _percentiles(figures.waits),
        "sla": {"kept": insights.in_time, "late": insights.late, "overdue": figures.overdue},
        "tables": {name: rows(table) for name, table in insights.tables.items()},
        "meaning": MEANING,
    }


_SHARES: Final = {
    "Approved share": Verdict.APPROVED,
    "Edited share": Verdict.EDITED,
    "Rejected share": Verdict.REJECTED,
}


def _flow(span: Span, figures: Figures, zone: ZoneInfo) -> pd.DataFrame:
    starts = [start.astimezone(zone) for start, _ in span.slots]
    return pd.DataFrame({"From": starts, "Arrivals": figures.arrived, "Decisions": figures.decided})


def _spread(figures: Figures) -> pd.DataFrame:
    longest = [*(f"up to {band}" for band in _BANDS), f"over {_BANDS[-1]}"]
    return pd.DataFrame({"Time": longest, "Decisions": figures.spread}, index=range(len(WAITS) + 1))


def _percentiles(values: tuple[float, ...]) -> dict[str, float | None]:
    return dict(zip(("median", "p90", "p99"), values or (None, None, None), strict=True))


def _plain(value: Any) -> Json:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
