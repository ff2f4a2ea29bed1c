"""Many reviewers at once: browser sessions with the queue open and live, each deciding something every 30 seconds.

    python benchmarks/load.py [--sessions 20 50 100 200] [--reviews 5000] [--seconds 60] [--gap 0.05]
                              [--dashboards 2] [--defaults]

A session is two WebSockets that speak what a browser speaks: Streamlit's protocol, and the desk's live mark, at which
the page is asked for again. They open a review by a click in the table and answer it with the form's own widgets.
``--defaults`` serves the same desk with Streamlit's default settings instead of ours. ``--dashboards`` has so many
processes serve it, the tabs spread over them as a balancer would, and the engine in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import runpy
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

from browser_tab import Figures, Tab
from langgraph.checkpoint.sqlite import SqliteSaver

from signoff.cli.serving import free_port

ROOT = Path(__file__).parents[1]
OURS = ("fileWatcherType", "magicEnabled", "postScriptGC")  # settings that Streamlit 1.67 has otherwise by default


def seed(folder: Path, reviews: int) -> None:
    """Pause so many payments, one after another, for real."""
    graph = runpy.run_path(str(ROOT / "graphs" / "transaction.py"))["graph"]
    with closing(sqlite3.connect(folder / "desk.sqlite", check_same_thread=False)) as db:
        saver = SqliteSaver(db)
        saver.setup()
        db.execute("PRAGMA synchronous=OFF")
        bound = graph.copy({"checkpointer": saver})
        for number in range(reviews):
            paid = {"reference": f"P-{number}", "customer": "ACME", "amount": 48_000.0 + number, "currency": "EUR"}
            config = {"configurable": {"thread_id": f"payment-{number}"}, "metadata": {"graph_id": "transaction"}}
            bound.invoke(paid | {"reason": f"invoice {number}"}, config)


@contextmanager
def serving(folder: Path, root: Path, dashboards: int) -> Iterator[tuple[list[int], list[int]]]:
    """Serve the folder's desk with the code below ``root``; yields the dashboards' ports and all process ids."""
    ports = [free_port("127.0.0.1", 0) for _ in range(max(dashboards, 1))]
    serve = ["serve", "--no-browser", *(["--no-engine"] if dashboards else [])]
    commands = [[*serve, "--port", str(port)] for port in ports] + ([["work"]] if dashboards else [])
    started = [_start(folder, root, command) for command in commands]
    try:
        for port in ports:
            _until_healthy(port)
        yield ports, [process.pid for process in started]
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(timeout=30)


def _start(folder: Path, root: Path, command: list[str]) -> subprocess.Popen[bytes]:
    graph = f"transaction={ROOT / 'graphs' / 'transaction.py'}:graph"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}
    run = [sys.executable, "-m", "signoff.cli", command[0], "--db", "desk.sqlite", "--graph", graph, *command[1:]]
    with (folder / "server.log").open("a") as log:
        environment = clean | {"PYTHONPATH": str(root), "SIGNOFF_AS": "Ada"}
        return subprocess.Popen(run, cwd=folder, env=environment, stdout=log, stderr=log)


def _until_healthy(port: int) -> None:
    for _ in range(600):
        try:
            urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The dashboard does not answer; server.log says why.")


def memory(pid: int) -> float:
    """Return a process's resident memory in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def spent(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def by_default(folder: Path) -> Path:
    """Return a copy of the project that leaves Streamlit's settings alone."""
    copy = folder / "by_default"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*_cache", ".git", "__pycache__", "tests", "docs"))
    config = copy / ".streamlit" / "config.toml"
    config.write_text("".join(line for line in config.open() if not line.startswith(OURS)))
    return copy


@contextmanager
def witness(desk: Path, figures: Figures) -> Iterator[None]:
    """Note in ``figures.happened`` when a decision, or its outcome, is on record, a hundred times a second."""
    done = threading.Event()
    query = """SELECT audit.seq, review_id, event FROM audit JOIN decisions ON decisions.id = decision_id
               WHERE audit.seq > ? AND event IN ('recorded', 'settled')"""

    def look() -> None:
        with closing(sqlite3.connect(f"file:{desk}?mode=ro", uri=True)) as db:
            [last] = db.execute("SELECT coalesce(max(seq), 0) FROM audit").fetchone()
            while not done.wait(0.01):
                for seq, review, event in db.execute(query, (last,)).fetchall():
                    last, figures.happened[review, event] = seq, time.monotonic()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


async def measure(figures: Figures, ports: list[int], pids: list[int], count: int, seconds: float, gap: float) -> None:
    """Run so many sessions, which open ``gap`` seconds apart, and print one row."""
    dice = random.Random(7)
    before, cpu, began, sessions = sum(map(memory, pids)), sum(map(spent, pids)), time.monotonic(), []
    for number in range(count):
        session = Tab(ports[number % len(ports)], figures, random.Random(number))
        sessions.append(asyncio.create_task(session.run(seconds)))
        await asyncio.sleep(gap * (0.5 + dice.random()))
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic() - 1))
    grown, used, took = sum(map(memory, pids)) - before, sum(map(spent, pids)) - cpu, time.monotonic() - began
    ended = await asyncio.gather(*sessions, return_exceptions=True)
    broken = [one for one in ended if isinstance(one, BaseException)]
    for error in {repr(one) for one in broken}:
        print(error, file=sys.stderr)
    figures.refused += len(broken)
    print(
        f"| {count} | {told(figures.paint)} | {told(figures.reaction)} | {told(figures.news)} | {told(figures.behind)} "
        f"| {len(figures.behind)} | {figures.decided} | {figures.refused} | {grown / count:.2f} "
        f"| {100 * used / took:.0f} % | {os.getloadavg()[0]:.1f} |",
        flush=True,
    )


def told(seconds: list[float]) -> str:
    """Return median and 95th percentile in milliseconds."""
    if len(seconds) < 2:
        return "—"
    p95 = statistics.quantiles(seconds, n=20)[18]
    return f"{1000 * statistics.median(seconds):.0f} / {1000 * p95:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, nargs="+", default=[20, 50, 100, 200])
    parser.add_argument("--reviews", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.05, help="seconds between two sessions that open")
    parser.add_argument("--defaults", action="store_true", help="Streamlit's default settings instead of ours")
    parser.add_argument("--dashboards", type=int, default=0, help="processes that serve; the engine then has its own")
    parser.add_argument("--folder", type=Path, help="keep the desk here, and take it up again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "desk.sqlite").exists():
            seed(folder, given.reviews)
        root = by_default(folder) if given.defaults else ROOT
        print(
            "| sessions | first paint p50 / p95 ms | reaction p50 / p95 ms | news p50 / p95 ms | live p50 / p95 ms "
            "| redraws | decisions | refused | MB per session | server CPU | load average |"
        )
        print("|---:" * 11 + "|")
        for count in given.sessions:
            with serving(folder, root, given.dashboards) as (ports, pids):
                figures = Figures()
                with witness(folder / "desk.signoff.db", figures):
                    asyncio.run(measure(figures, ports, pids, count, given.seconds, given.gap))


if __name__ == "__main__":
    main()
