"""Fill a SQLite checkpoint database with a believable day: ``python graphs/seed.py DATABASE``.

Threads of all example graphs: most of them paused, some for minutes and some for weeks, some finished, and three in
trouble: one whose node raised, one whose node chokes on its answer, one whose process died between two steps.
Everything is run for real by LangGraph; only its clock is turned back.
"""

import argparse
import importlib.util
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any
from unittest.mock import patch

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

HERE = Path(__file__).resolve().parent


def load(name: str) -> ModuleType:
    """Import a file beside this one, wherever this folder is installed."""
    spec = importlib.util.spec_from_file_location(f"signoff_demo_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cases = load("cases")
examples = {graph: load(graph) for graph in cases.PREFIXES}

HOURS, DAYS = 1.0, 24.0
DAY = [
    # graph, threads, answered pauses, age in hours (from, to)
    ("transaction", 9, 0, 0.1, 10 * HOURS),
    ("transaction", 2, 0, 2 * DAYS, 4 * DAYS),
    ("transaction", 4, 1, 2, 30 * HOURS),
    ("risk_review", 5, 0, 0.5, 20 * HOURS),
    ("risk_review", 3, 1, 1, 40 * HOURS),
    ("publishing", 3, 0, 0.2, 2 * DAYS),
    ("publishing", 2, 1, 5, 30 * HOURS),
    ("deletion", 3, 0, 1, 5 * DAYS),
    ("deletion", 1, 1, 20, 30 * HOURS),
    ("intake", 3, 0, 0.1, 9 * HOURS),
    ("intake", 1, 1, 3, 9 * HOURS),
    ("intake", 2, 2, 5, 2 * DAYS),
    ("intake", 1, 3, 8, 20 * HOURS),
    ("purchase_order", 4, 0, 0.3, 30 * HOURS),
    ("purchase_order", 2, 1, 10, 3 * DAYS),
    ("purchase_order", 2, 2, 12, 3 * DAYS),
    ("insurance_claim", 2, 0, 1 * DAYS, 6 * DAYS),
    ("insurance_claim", 1, 1, 16 * DAYS, 18 * DAYS),
    ("insurance_claim", 1, 3, 20 * DAYS, 24 * DAYS),
    ("contract", 3, 0, 0.5, 4 * DAYS),
    ("contract", 1, 1, 2 * DAYS, 5 * DAYS),
    ("tool_agent", 5, 0, 0.05, 5 * HOURS),
    ("tool_agent", 2, 1, 2, 10 * HOURS),
]


class Clock:
    """Stands in for ``time`` and ``datetime`` where langgraph 1.2 dates checkpoints (``ts`` and the uuid6 ``id``)."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def now(self, tz: tzinfo = UTC) -> datetime:
        return self.moment.astimezone(tz)

    def time_ns(self) -> int:
        self.moment += timedelta(milliseconds=40)
        return int(self.moment.timestamp() * 1e9)


@contextmanager
def turned_back_to(start: datetime) -> Iterator[Clock]:
    """Let everything that LangGraph runs in this process meanwhile happen at ``start`` and after."""
    clock = Clock(start)
    with (
        patch("langgraph.pregel._checkpoint.datetime", clock),
        patch("langgraph.checkpoint.base.id.time", clock),
        patch("langgraph.checkpoint.base.id._last_v6_timestamp", None),
    ):
        yield clock


@contextmanager
def ledger_down() -> Iterator[None]:
    """Let the bank's booking service be out of reach meanwhile."""
    refused = ConnectionError("ledger.bank.example: connection timed out after 30 s")
    with patch.object(examples["transaction"], "post_to_ledger", side_effect=refused):
        yield


@dataclass(frozen=True, kw_only=True)
class Thread:
    """One thread about to be run. Without ``tagged`` nothing but its nodes tells which graph it belongs to."""

    id: str
    graph: str
    values: dict[str, Any]
    answers: list[Any]
    started: datetime
    tagged: bool = True

    def run(self, saver: SqliteSaver, clock: Clock | None = None, *, dies_before: str | None = None) -> None:
        """Start the thread, then give its answers, the first after a while; the process may die before a node."""
        graph = examples[self.graph].graph.copy({"checkpointer": saver})
        config = {"configurable": {"thread_id": self.id}}
        config["metadata"] = {"graph_id": self.graph} if self.tagged else {}
        graph.invoke(self.values, config)
        for answer in self.answers:
            state = graph.get_state(config)
            if not state.next:  # small enough to need nobody
                return
            if clock:
                clock.moment += timedelta(minutes=17)
            asked = state.interrupts
            stop = [dies_before] if dies_before else None
            graph.invoke(Command(resume={asked[0].id: answer}) if asked else None, config, interrupt_before=stop)


def plan(rng: Random, now: datetime) -> list[Thread]:
    """Return the day's threads, oldest first."""
    planned = []
    for graph, threads, answered, youngest, oldest in DAY:
        for _ in range(threads):
            started = now - timedelta(hours=rng.uniform(youngest, oldest))
            planned.append(make_up(rng, graph, 10_400 + len(planned), answered, started))
    return sorted(planned, key=lambda thread: thread.started)


def make_up(rng: Random, graph: str, number: int, answered: int, started: datetime) -> Thread:
    """Return a thread of this graph that is to be answered ``answered`` times."""
    values, answers = cases.CaseWriter(rng=rng, now=started, number=number).write(graph)
    return Thread(
        id=f"{cases.PREFIXES[graph]}-{number}",
        graph=graph,
        values=values,
        answers=answers[:answered],
        started=started,
        tagged=number % 5 != 0,
    )


@contextmanager
def open_saver(db_path: str | Path) -> Iterator[SqliteSaver]:
    with closing(sqlite3.connect(db_path, check_same_thread=False, timeout=30)) as connection:
        yield SqliteSaver(connection)


def seed(db_path: str | Path, *, seed: int = 7, now: datetime | None = None) -> None:
    """Fill the database at ``db_path``; the same ``seed`` and ``now`` give the same threads, apart from ids.

    Not to be called while LangGraph runs something else in this process: its clock is turned back meanwhile.
    """
    now = now or datetime.now(UTC)
    rng = Random(seed)
    with open_saver(db_path) as saver:
        for thread in plan(rng, now):
            with turned_back_to(thread.started) as clock:
                thread.run(saver, clock)
        failed = failing(rng, now - timedelta(hours=3))
        with turned_back_to(failed.started) as clock, ledger_down(), suppress(ConnectionError):
            failed.run(saver, clock)
        for thread, dies_before, hours in ((choking(rng, now), None, 5), (dying(rng, now), "open_account", 7)):
            with turned_back_to(now - timedelta(hours=hours)) as clock, suppress(KeyError):
                thread.run(saver, clock, dies_before=dies_before)


def failing(rng: Random, started: datetime) -> Thread:
    """Return an approved payment; run it while the ledger is down."""
    thread = make_up(rng, "transaction", 10_482, 1, started)
    values = thread.values | {"amount": 48_200.0, "customer": "Kestrel Energy"}
    return Thread(id=thread.id, graph=thread.graph, values=values, answers=[{"approved": True}], started=started)


def choking(rng: Random, now: datetime) -> Thread:
    """Return an application whose analyst answered in words that its node does not know."""
    return _application(rng, 10_483, {"verdict": "accept", "notes": "long-standing customer"}, now)


def dying(rng: Random, now: datetime) -> Thread:
    """Return an application that was accepted, to be left by its process before the account is opened."""
    return _application(rng, 10_484, {"approved": True, "notes": "collateral given"}, now)


def _application(rng: Random, number: int, answer: dict[str, Any], now: datetime) -> Thread:
    thread = make_up(rng, "risk_review", number, 0, now)
    values = thread.values | {"risk_score": 0.91}
    return Thread(id=thread.id, graph=thread.graph, values=values, answers=[answer], started=now)


def trickle(db_path: str | Path, *, every: float, stop: threading.Event) -> None:
    """Start a new thread every ``every`` seconds until ``stop`` is set; blocks."""
    rng = Random()
    with open_saver(db_path) as saver:
        while not stop.wait(every):
            graph = rng.choice(list(cases.PREFIXES))
            make_up(rng, graph, rng.randrange(20_000, 1_000_000), 0, datetime.now(UTC)).run(saver)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    seed(given.database, seed=given.seed)


if __name__ == "__main__":
    main()
