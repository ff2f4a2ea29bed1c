"""Decisions per second with 1, 2, 4 workers on one PostgreSQL desk, for a node that works for 100 ms.

    python benchmarks/workers.py [--workers 1 2 4] [--decisions 80] [--concurrency 1] [--work-ms 100] [--json]

Beside it: a bare `graph.invoke(Command(resume=…))` of the same threads in one thread, one after another. All decisions
are on record before the clock starts, so what is measured is the engine: from the moment at which the nodes may go on
until the last outcome is on record. The node waits, as one that calls a model does; what is left is Signoff's own work.
The server is the one of the tests (a wheel, or SIGNOFF_TEST_POSTGRES).
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

HERE = Path(__file__).absolute().parent
MS = 1000


class State(TypedDict, total=False):
    answer: Any


def review(_state: State) -> State:
    answer = interrupt({"question": "Pay?"})
    while not Path("go").exists():
        time.sleep(0.01)
    time.sleep(float(os.environ["WORK_MS"]) / MS)
    return {"answer": answer}


graph = StateGraph(State)
graph.add_node("review", review)
graph.add_edge(START, "review")


def pause(url: str, number: int) -> dict[str, str]:
    """Start threads, each up to its question; return the questions' ids by thread."""
    with PostgresSaver.from_conn_string(url) as saver:
        saver.setup()
        bare = graph.compile(checkpointer=saver)
        found = [(f"t{n}", bare.invoke({}, {"configurable": {"thread_id": f"t{n}"}})) for n in range(number)]
    return {thread: state["__interrupt__"][0].id for thread, state in found}


def one_after_another(url: str, number: int) -> dict[str, float]:
    """Return what the bare loop does a second, and the CPU seconds that a decision takes."""
    asked = pause(url, number)
    Path("go").touch()
    with PostgresSaver.from_conn_string(url) as saver:
        bare = graph.compile(checkpointer=saver)
        started, used = time.monotonic(), time.process_time()
        for thread, question in asked.items():
            bare.invoke(Command(resume={question: "yes"}), {"configurable": {"thread_id": thread}})
        seconds, cpu = time.monotonic() - started, time.process_time() - used
    return {"rate": number / seconds, "cpu_ms": cpu / number * MS}


@contextmanager
def at_work(url: str, workers: int, concurrency: int) -> Iterator[list[int]]:
    """Run workers; yields their process ids when all take decisions."""
    run = [sys.executable, "-m", "signoff.cli", "work", "--db", url, "--graph", f"pay={__file__}:graph"]
    run += ["--concurrency", str(concurrency)]
    said = Path("said.log").open("a")
    processes = [subprocess.Popen(run, stdout=subprocess.PIPE, stderr=said, text=True) for _ in range(workers)]
    try:
        for process in processes:
            if not any(json.loads(line)["event"] == "engine" for line in process.stdout):
                raise SystemExit(Path("said.log").read_text())
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def through_signoff(url: str, number: int, workers: int, concurrency: int) -> dict[str, float]:
    """Return what so many workers do a second together, and the CPU seconds of theirs that a decision takes."""
    from signoff.decisions import Reviewer
    from signoff.reviews import review_id
    from signoff.settings import Settings
    from signoff.wiring import open_desk

    asked = pause(url, number)
    desk = open_desk(Settings(db=url, graph=(f"pay={__file__}:graph",)))
    desk.scan()
    with at_work(url, workers, concurrency) as pids:
        for thread, question in asked.items():
            desk.decide(review_id(thread, question), "yes", reviewer=Reviewer(name="bench"))
        time.sleep(2)  # each has as many in hand as it takes
        Path("go").touch()
        started, used = time.monotonic(), sum(map(cpu_seconds, pids))
        while desk.database.decisions.undecided():
            time.sleep(0.1)
        seconds, cpu = time.monotonic() - started, sum(map(cpu_seconds, pids)) - used
    desk.close()
    return {"rate": number / seconds, "cpu_ms": cpu / number * MS}


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used (Linux)."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--decisions", type=int, default=80)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--work-ms", type=float, default=100.0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    os.environ["WORK_MS"] = str(args.work_ms)
    found: dict[str, dict[str, float]] = {}
    with runpy.run_path(str(HERE.parent / "tests" / "postgres.py"))["running"]() as server:
        for workers in (0, *args.workers):
            with tempfile.TemporaryDirectory() as folder, server.database() as url:
                os.chdir(folder)
                run = (args.decisions, workers, args.concurrency)
                name = f"{workers} workers" if workers else "bare"
                found[name] = through_signoff(url, *run) if workers else one_after_another(url, args.decisions)
                os.chdir("/")
    if args.json:
        print(json.dumps(found))
        return
    bare = found["bare"]["rate"]
    print(f"{'':<14}{'a second':>10}{'of bare':>10}{'CPU ms each':>14}")
    for name, told in found.items():
        print(f"{name:<14}{told['rate']:>10.1f}{told['rate'] / bare:>10.2f}{told['cpu_ms']:>14.1f}")


if __name__ == "__main__":
    main()
