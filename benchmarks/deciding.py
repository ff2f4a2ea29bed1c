"""What a decision through Signoff costs, against a bare `graph.invoke(Command(resume=...))` on the same graph and disk.

    python benchmarks/deciding.py [--runs 30] [--many 200]

Three questions. How much longer is the run of a thread whose node works for 100 ms (goal: a median ratio of at most
1.15)? How much later than the bare call does an empty node end? How many decisions a second does one embedded engine on
SQLite take from the click to the outcome? Both sides take turns, so that a busy disk is busy for both.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from signoff.apply import Applier
from signoff.decisions import Decision, Reviewer
from signoff.engine import wait_for
from signoff.reviews import review_id
from signoff.settings import Settings
from signoff.wiring import open_desk, open_engine

MS = 1000
GOAL = 1.15


class State(TypedDict, total=False):
    work_ms: float
    answer: Any


def review(state: State) -> State:
    answer = interrupt({"question": "Pay?"})
    time.sleep(state["work_ms"] / MS)
    return {"answer": answer}


def post(_state: State) -> State:
    return {}


graph = StateGraph(State)
graph.add_node("review", review)
graph.add_node("post", post)
graph.add_edge(START, "review")
graph.add_edge("review", "post")


class Bench:
    """One checkpoint file that bare LangGraph and Signoff share."""

    def __init__(self, folder: Path) -> None:
        db = folder / "c.sqlite"
        self.bare = graph.compile(checkpointer=SqliteSaver(sqlite3.connect(db, check_same_thread=False)))
        self.numbers = count()
        self.pause(0)
        settings = Settings(db=str(db), graph=(f"pay={__file__}:graph",))
        self.desk = open_desk(settings)
        self.engine = open_engine(self.desk, settings)
        self.applier = Applier(
            checkpoints=self.desk.checkpoints, graphs=self.desk.graphs, journal=self.desk.database.decisions
        )

    def pause(self, work_ms: float) -> tuple[str, str]:
        """Start a thread, up to its question; return the ids of both."""
        thread = f"thread-{next(self.numbers)}"
        config: Any = {"configurable": {"thread_id": thread}}
        paused = self.bare.invoke({"work_ms": work_ms}, config)
        return thread, paused["__interrupt__"][0].id

    def bare_resume(self, work_ms: float) -> Callable[[], object]:
        thread, question = self.pause(work_ms)
        config: Any = {"configurable": {"thread_id": thread}}
        return lambda: self.bare.invoke(Command(resume={question: "yes"}), config)

    def apply(self, work_ms: float) -> Callable[[], object]:
        decision = self.decide(*self.asked(work_ms))
        return lambda: self.applier.apply(decision)

    def click_to_outcome(self, work_ms: float) -> Callable[[], object]:
        asked = self.asked(work_ms)
        time.sleep(random.uniform(0, 0.2))  # people do not click in step with the engine
        return lambda: self.settled(self.decide(*asked))

    def asked(self, work_ms: float) -> tuple[str, str]:
        thread, question = self.pause(work_ms)
        self.desk.scan()
        return thread, question

    def decide(self, thread: str, question: str) -> Decision:
        return self.desk.decide(review_id(thread, question), "yes", reviewer=Reviewer(name="bench"))

    def settled(self, decision: Decision) -> None:
        while not (found := wait_for(self.desk.database, decision.id, seconds=0)) or not found.outcome.final:
            time.sleep(0.001)

    def many(self, number: int) -> float:
        """Return decisions per second, from the first of many clicks to the last outcome."""
        asked = [self.pause(0) for _ in range(number)]
        self.desk.scan()
        started = time.perf_counter()
        with ThreadPoolExecutor(4) as reviewers:
            decisions = list(reviewers.map(lambda one: self.decide(*one), asked))
        while self.desk.database.decisions.undecided():
            time.sleep(0.01)
        return len(decisions) / (time.perf_counter() - started)


def in_turns(runs: int, *prepare: Callable[[], Callable[[], object]]) -> list[list[float]]:
    """Return the milliseconds of each run of what each function prepares."""
    taken: list[list[float]] = [[] for _ in prepare]
    for _ in range(runs):
        for times, make in zip(taken, prepare, strict=True):
            act = make()
            started = time.perf_counter()
            act()
            times.append((time.perf_counter() - started) * MS)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--many", type=int, default=200)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        in_turns(2, lambda: bench.bare_resume(0), lambda: bench.apply(0))  # load what loads late
        print(f"{'median ms of ' + str(args.runs) + ' runs':<28}{'bare':>8}{'Signoff':>9}{'added':>8}{'ratio':>8}")
        for work_ms in (100, 0):
            bare, applied = in_turns(
                args.runs, lambda ms=work_ms: bench.bare_resume(ms), lambda ms=work_ms: bench.apply(ms)
            )
            report(f"run, node of {work_ms} ms", bare, applied)
        with bench.engine:
            bare, clicked = in_turns(args.runs, lambda: bench.bare_resume(0), lambda: bench.click_to_outcome(0))
            report("click to outcome, empty node", bare, clicked)
            rate = bench.many(args.many)
        print(f"{args.many} decisions at once: {rate:.1f} a second")
        bench.desk.close()
    print(f"goal: a ratio of at most {GOAL} for nodes of 100 ms")


def report(label: str, bare: list[float], through: list[float]) -> None:
    before, after = statistics.median(bare), statistics.median(through)
    print(f"{label:<28}{before:>8.1f}{after:>9.1f}{after - before:>8.1f}{after / before:>8.2f}")


if __name__ == "__main__":
    main()
