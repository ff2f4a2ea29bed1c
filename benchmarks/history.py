"""What it costs to show a thread's history, as ratios to LangGraph's own way.

    python benchmarks/history.py [--steps 1000] [--runs 5]

A thread whose state is 50 kB runs so many steps. One page of its timeline, and one step in full, are compared with
`list(graph.get_state_history(config))`, which decodes them all. 10,000 steps are 500 MB in the temporary folder.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from signoff.checkpoints.lines import read_lines
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.checkpoints.steps import read_some
from signoff.checkpoints.strand import Find, Strand

CONFIG: Any = {"configurable": {"thread_id": "t"}, "recursion_limit": 10**6}
PAGE = 25


class State(TypedDict, total=False):
    n: int
    rows: list[dict[str, Any]]


def write(path: Path, steps: int) -> None:
    """Run a thread for so many steps."""
    with closing(sqlite3.connect(path, check_same_thread=False)) as db:
        db.execute("PRAGMA synchronous=OFF")
        rows = [{"id": i, "text": "x" * 460} for i in range(100)]
        _graph(SqliteSaver(db), steps).invoke({"n": 0, "rows": rows}, CONFIG)


def _graph(saver: SqliteSaver, steps: int = 1) -> Any:
    graph = StateGraph(State)
    graph.add_node("work", lambda state: {"n": state["n"] + 1})
    graph.add_edge(START, "work")
    graph.add_conditional_edges("work", lambda state: "work" if state["n"] < steps - 2 else END)
    return graph.compile(checkpointer=saver)


def ways(strand: Strand) -> dict[str, Callable[[], Any]]:
    """Return what a page does, by what it is called in the table."""
    newest = strand.rows(limit=1)[0].checkpoint_id
    oldest, *_ = ids = sorted(strand.ancestors(down_to=""))
    return {
        "the first page": lambda: read_lines(strand, limit=PAGE),
        "the last page": lambda: read_lines(strand, limit=PAGE, before=ids[PAGE]),
        "one step in full": lambda: read_some(strand, [newest])[newest],
        "the current branch, down to the first step": lambda: strand.ancestors(down_to=oldest),
        "a filter by node that finds a page": lambda: read_lines(strand, limit=PAGE, find=Find(node="work")),
        "a filter by error that finds nothing": lambda: read_lines(strand, limit=PAGE, find=Find(failed=True)),
    }


def cost(act: Callable[[], Any], runs: int) -> tuple[float, float]:
    """Return the median time in ms and the peak of Python's memory in MB."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    tracemalloc.start()
    act()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return statistics.median(times), peak


def main() -> None:
    """Print one table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--steps", type=int, default=1_000)
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoints.sqlite"
        write(path, given.steps)
        print(f"{given.steps:,} steps, {path.stat().st_size / 2**20:,.0f} MB\n")
        with closing(sqlite3.connect(path, check_same_thread=False)) as db:
            graph = _graph(SqliteSaver(db))
            whole = cost(lambda: list(graph.get_state_history(CONFIG)), min(given.runs, 3))
        reader = SqliteCheckpoints(path)
        print("| | ms | of LangGraph's | MB | of LangGraph's |\n|---|---:|---:|---:|---:|")
        print(f"| `list(graph.get_state_history(config))` | {whole[0]:,.0f} | 1 | {whole[1]:,.1f} | 1 |")
        for name, act in ways(reader.strand("t")).items():
            ms, mb = cost(act, given.runs)
            print(f"| {name} | {ms:,.1f} | {ms / whole[0]:.5f} | {mb:,.1f} | {mb / whole[1]:.5f} |")
        reader.close()


if __name__ == "__main__":
    main()
