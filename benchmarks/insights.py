"""What the figures of the Insights page cost on a large desk, against a raw `SELECT count(*)` of the same rows.

    python benchmarks/insights.py [--decisions 100000] [--open 20000]

Writes a desk in which as many reviews were decided, over 90 days, by 12 people on 6 graphs, each decision with the
answer and payload it would hold and with one tool call; then reads the page's figures for three ranges.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from signoff import insights
from signoff.database import Database
from signoff.database.tables import decisions, reviews, verdicts
from signoff.verdicts import Verdict

DAYS = 90
TOOLS = ("send_email", "issue_refund", "delete_file", "search_orders")
WEIGHTS = (70, 12, 12, 5, 1)


def write(database: Database, *, decided: int, open_: int, now: datetime, seed: int = 7) -> None:
    """Fill the tables, decided reviews first."""
    dice = random.Random(seed)
    rows = [list(_case(dice, number, number < decided, now)) for number in range(decided + open_)]
    with database.writing() as connection:
        for place, table in enumerate((reviews, decisions)):
            connection.execute(sa.insert(table), [row[place] for row in rows if place < len(row)])
        connection.execute(sa.insert(verdicts), [one for row in rows if len(row) > 2 for one in row[2]])


def _case(dice: random.Random, number: int, decided: bool, now: datetime) -> Iterator[Any]:
    """Yield a review, and where it was decided its decision and what that said."""
    tool = dice.choice(TOOLS)
    graph, node = f"graph-{dice.randrange(6)}", f"review_{dice.randrange(4)}"
    waited = min(dice.lognormvariate(7.5, 1.6), 14 * 86_400)
    paused = now - timedelta(seconds=dice.uniform(0, DAYS * 86_400) if decided else dice.expovariate(1 / 90_000))
    due = paused + timedelta(hours=8) if dice.random() < 0.5 else None
    at = min(paused + timedelta(seconds=waited), now)
    same = {"graph": graph, "node": node}
    named = {
        "thread_id": f"t-{number}",
        "checkpoint_id": f"c-{number}",
        "kind": "interrupt",
        "title": f"Review {tool}?",
    }
    yield (
        named
        | same
        | {
            **{"id": f"{number:016x}", "state": "closed" if decided else "waiting", "dialect": "hitl", "priority": 1},
            **{
                "due_at": due,
                "paused_at": paused,
                "tags": [],
                "search": "words " * 40,
                "closed_at": at if decided else None,
            },
        }
    )
    if not decided:
        return
    reviewer, verdict = f"Reviewer {dice.randrange(12)}", dice.choices(list(Verdict), WEIGHTS)[0]
    answer = {"decisions": [{"type": verdict.value}]}
    yield (
        named
        | same
        | {
            **{"id": f"{number:032x}", "review_id": f"{number:016x}", "question": f"interrupt:{number}", "attempt": 1},
            **{"dialect": "hitl", "reviewer": reviewer, "reviewer_source": "local", "answer": answer, "resume": answer},
            **{"shown": {"payload": {"text": "x" * 500}, "schema": None}, "digest": "0" * 64, "comment": ""},
            **{"outcome": "applied", "recorded_at": at, "settled_at": at},
        }
    )
    whole = {"decision_id": f"{number:032x}", "place": 0, "calls": 1, "tool": None, "verdict": verdict.value}
    whole |= same | {"reviewer": reviewer, "recorded_at": at, "due_at": due, "waited": (at - paused).total_seconds()}
    yield [whole, whole | {"place": 1, "tool": tool}]


def milliseconds(work: Callable[[], object], runs: int = 5) -> float:
    """Return the median time of a call."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def raw_count(database: Database, start: datetime) -> None:
    """Count the same rows with nothing around it: the decisions of the range, the open reviews."""
    with database.reading() as connection:
        for query in (
            sa.select(sa.func.count()).select_from(decisions).where(decisions.c.recorded_at >= start),
            sa.select(sa.func.count()).select_from(verdicts).where(verdicts.c.recorded_at >= start),
            sa.select(sa.func.count()).select_from(reviews).where(reviews.c.paused_at >= start),
            sa.select(sa.func.count()).select_from(reviews).where(reviews.c.state == "waiting"),
        ):
            connection.execute(query).scalar_one()


def loading(database: Database, start: datetime) -> None:
    """Load the decisions of the range, as a page without figures of its own would have to."""
    with database.reading() as connection:
        connection.execute(sa.select(decisions).where(decisions.c.recorded_at >= start)).mappings().all()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--open", type=int, default=20_000)
    given = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'desk.db'}")
        write(database, decided=given.decisions, open_=given.open, now=now)
        desk: Any = SimpleNamespace(database=database)
        print("| range | figures, ms | one graph, ms | raw counts, ms | ratio | loading the decisions, ms |")
        print("|---|---:|---:|---:|---:|---:|")
        for days in (1, 7, 30, DAYS):
            start = now - timedelta(days=days)
            span = {"start": start, "end": now, "now": now, "zone": ZoneInfo("Europe/Berlin")}
            whole = milliseconds(lambda span=span: insights.read(desk, **span))
            one = milliseconds(lambda span=span: insights.read(desk, **span, graph="graph-1"))
            raw = milliseconds(lambda start=start: raw_count(database, start))
            rows = milliseconds(lambda start=start: loading(database, start), runs=1)
            print(f"| {days} d | {whole:.0f} | {one:.0f} | {raw:.1f} | {whole / raw:.0f} | {rows:.0f} |")
        database.close()


if __name__ == "__main__":
    main()
