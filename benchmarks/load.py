"""Many reviewers at once: browser sessions with the queue open and live, each deciding something every 30 seconds.

    python benchmarks/load.py [--sessions 20 50 100 200] [--reviews 5000] [--seconds 60] [--defaults]

A session is two WebSockets that speak what a browser speaks: Streamlit's protocol, and the desk's live mark, at which
the page is asked for again. They open a review by a click in the table and answer it with the form's own widgets.
``--defaults`` serves the same desk with Streamlit's default settings instead of ours.
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
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from browser_tab import Figures, Tab
from langgraph.checkpoint.sqlite import SqliteSaver

from signoff.cli.serving import free_port

ROOT = Path(__file__).parents[1]
RAMP = 0.05  # seconds between two sessions that open
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
def serving(folder: Path, port: int, root: Path) -> Any:
    """Serve the folder's desk with the code below ``root``; yields the server's process id."""
    command = [sys.executable, "-m", "signoff.cli", "serve", "--db", "desk.sqlite", "--port", str(port)]
    graph = f"transaction={ROOT / 'graphs' / 'transaction.py'}:graph"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}
    environment = clean | {"PYTHONPATH": str(root), "SIGNOFF_AS": "Ada"}
    with (folder / "server.log").open("a") as log:
        server = subprocess.Popen(
            [*command, "--graph", graph, "--no-browser"], cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        for _ in range(600):
            try:
                urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


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


async def measure(port: int, pid: int, count: int, seconds: float) -> None:
    """Run so many sessions and print one row."""
    figures, dice = Figures(), random.Random(7)
    before, cpu, began, sessions = memory(pid), spent(pid), time.monotonic(), []
    for number in range(count):
        session = Tab(port, figures, random.Random(number))
        sessions.append(asyncio.create_task(session.run(seconds)))
        await asyncio.sleep(RAMP * (0.5 + dice.random()))
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic() - 1))
    grown, used, took = memory(pid) - before, spent(pid) - cpu, time.monotonic() - began
    ended = await asyncio.gather(*sessions, return_exceptions=True)
    broken = [one for one in ended if isinstance(one, BaseException)]
    for error in {repr(one) for one in broken}:
        print(error, file=sys.stderr)
    figures.refused += len(broken)
    print(
        f"| {count} | {told(figures.paint)} | {told(figures.reaction)} | {told(figures.behind)} "
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
    parser.add_argument("--defaults", action="store_true", help="Streamlit's default settings instead of ours")
    parser.add_argument("--folder", type=Path, help="keep the desk here, and take it up again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "desk.sqlite").exists():
            seed(folder, given.reviews)
        root = by_default(folder) if given.defaults else ROOT
        print(
            "| sessions | first paint p50 / p95 ms | reaction p50 / p95 ms | live p50 / p95 ms | redraws | decisions "
            "| refused | MB per session | server CPU | load average |"
        )
        print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
        for count in given.sessions:
            port = free_port("127.0.0.1", 0)
            with serving(folder, port, root) as pid:
                asyncio.run(measure(port, pid, count, given.seconds))


if __name__ == "__main__":
    main()
