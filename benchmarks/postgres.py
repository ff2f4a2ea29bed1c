"""What it costs to keep the queue of a large PostgreSQL checkpoint database up to date, as ratios.

    python benchmarks/postgres.py [--threads 5000] [--paused 0.05] [--runs 5] [--listed 1000]

Compared with `PostgresSaver.list(None)`, LangGraph's own way to find threads, of which 50 and ``--listed`` checkpoints
are read and the rest is extrapolated on the line through both, and with the raw SQL that finds the open interrupts and
decodes nothing. Two threads are really run; their rows are copied by the server under new thread, checkpoint and
interrupt ids. The server is the one of the tests (a wheel, or SIGNOFF_TEST_POSTGRES). Milliseconds are of the clock:
most of the work is the server's.
"""

from __future__ import annotations

import argparse
import runpy
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import big_database
import psycopg
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.types import Command

from signoff.checkpoints import postgres_index
from signoff.checkpoints.postgres import PostgresCheckpoints
from signoff.database import Database
from signoff.graphs import load_graphs, read_sources
from signoff.reviews import Query
from signoff.scanner import Scanner

OPEN = """
    SELECT w.thread_id, w.type, w.blob FROM checkpoint_writes AS w
    WHERE w.channel = '__interrupt__' AND w.checkpoint_ns = ''
      AND w.checkpoint_id = (SELECT n.checkpoint_id FROM checkpoints AS n
                             WHERE n.thread_id = w.thread_id AND n.checkpoint_ns = '' ORDER BY 1 DESC LIMIT 1)
      AND NOT EXISTS (SELECT 1 FROM checkpoint_writes AS o WHERE o.thread_id = w.thread_id AND o.checkpoint_ns = ''
          AND o.checkpoint_id = w.checkpoint_id AND o.task_id = w.task_id
          AND o.channel NOT IN ('__error__', '__error_source_node__', '__interrupt__', '__resume__'))"""
PAGE = f"{OPEN} ORDER BY w.checkpoint_id DESC, w.thread_id LIMIT 50"
_NAME = "'txn-' || lpad(n::text, 7, '0')"
_ID = "left({id}, 19) || '8' || substr(md5(n::text), 1, 3) || '-' || substr(md5(n::text), 4, 12)"
_COPY = (
    "INSERT INTO checkpoints SELECT {name}, checkpoint_ns, {own}, {parent}, type,"
    " jsonb_set(checkpoint, '{{id}}', to_jsonb({own})), metadata FROM checkpoints, {numbers} WHERE thread_id = '{one}'",
    "INSERT INTO checkpoint_blobs SELECT {name}, checkpoint_ns, channel, version, type, blob"
    " FROM checkpoint_blobs, {numbers} WHERE thread_id = '{one}'",
    "INSERT INTO checkpoint_writes"
    " (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob, task_path)"
    " SELECT {name}, checkpoint_ns, {own}, task_id, idx, channel, type, {blob}, task_path"
    " FROM checkpoint_writes, {numbers} WHERE thread_id = '{one}'",
)
_REMADE = (  # an interrupt's id is 32 characters inside the stored object
    "CASE WHEN channel = '__interrupt__' THEN overlay(blob PLACING convert_to(md5(n::text), 'UTF8') FROM"
    " position(convert_to('{asked}', 'UTF8') IN blob)) ELSE blob END"
)


class Bench:
    """One big checkpoint database, and a desk that has scanned it."""

    def __init__(self, url: str, folder: Path, threads: int, paused: float) -> None:
        self.url, self.folder, self.new = url, folder, count()
        self.connection = psycopg.connect(url, autocommit=True, prepare_threshold=None)
        with PostgresSaver.from_conn_string(url) as saver:
            saver.setup()
            self._copy(big_database.build(saver), threads, paused)
        self.graphs = load_graphs(read_sources(None, ()))

    def _copy(self, agent: Any, threads: int, paused: float) -> None:
        waiting = int(threads * paused)
        for one, low, high in (("waits", 1, waiting), ("ends", waiting + 1, threads)):
            config = big_database.pause(agent, one)
            [question] = agent.get_state(config).interrupts
            if one == "ends":
                agent.invoke(Command(resume={question.id: {"approved": True}}), config)
            own, parent = (_ID.format(id=name) for name in ("checkpoint_id", "parent_checkpoint_id"))
            names = {"name": _NAME, "own": own, "parent": parent, "one": one, "blob": _REMADE.format(asked=question.id)}
            for statement in _COPY:
                self.connection.execute(statement.format(**names, numbers=f"generate_series({low}, {high}) AS n"))
        self.connection.execute("VACUUM ANALYZE")

    def raw(self, sql: str) -> Callable[[], object]:
        return lambda: self.connection.execute(sql).fetchall()

    def list_some(self, listed: int) -> None:
        with PostgresSaver.from_conn_string(self.url) as saver:
            for _ in saver.list(None, limit=listed):
                pass

    def scanner(self) -> Scanner:
        desk = Database(f"sqlite:///{self.folder / f'desk-{next(self.new)}.db'}")
        return Scanner(PostgresCheckpoints(self.url), desk, self.graphs)

    def pause_one(self) -> str:
        thread = f"new-{next(self.new)}"
        with PostgresSaver.from_conn_string(self.url) as saver:
            big_database.pause(big_database.build(saver), thread)
        return thread

    def scans(self, scanner: Scanner, runs: int) -> float:
        """Return the median of a scan after one pause, the full look that a process begins with left out."""
        self.pause_one()
        scanner.scan()
        return median(runs, lambda: self.pause_one() and scanner.scan)

    def until_seen(self, scanner: Scanner, runs: int) -> float:
        """Return the median from the end of the run that paused to the review in the desk's queue, woken by NOTIFY."""
        woken = threading.Event()
        scanner._checkpoints.listen(woken.set)  # type: ignore[attr-defined]
        woken.wait(10)
        taken = []
        for _ in range(runs):
            woken.clear()
            thread = self.pause_one()
            started = time.perf_counter()
            while not scanner._database.reviews.page(Query(thread_id=thread)).total:
                woken.wait(0.25)
                woken.clear()
                scanner.scan()
            taken.append((time.perf_counter() - started) * 1000)
        return statistics.median(taken)


def median(runs: int, prepare: Callable[[], Callable[[], object]]) -> float:
    """Return the median milliseconds of what ``prepare`` returns."""
    taken = []
    for _ in range(runs):
        work = prepare()
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def measure(bench: Bench, runs: int, listed: int) -> tuple[dict[str, float], int]:
    [(checkpoints,)] = bench.connection.execute("SELECT count(*) FROM checkpoints").fetchall()
    few, more = (median(runs, lambda limit=limit: lambda: bench.list_some(limit)) for limit in (50, listed))
    stock = bench.scanner()
    found = {
        "saver.list(None), extrapolated": few + (more - few) * (checkpoints - 50) / (listed - 50),
        "the raw SQL: what is open": median(runs, lambda: bench.raw(OPEN)),
        "the raw SQL: newest 50": median(runs, lambda: bench.raw(PAGE)),
        "first scan": median(1, lambda: stock.scan),
        "scan after a pause, stock": bench.scans(stock, runs),
        "scan with nothing new": median(runs, lambda: stock.scan),
        "one page of 50": median(runs, lambda: lambda: stock._database.reviews.page(Query(limit=50))),
    }
    found["building the index"] = median(1, lambda: lambda: postgres_index.make_index(bench.url))
    found["scan after a pause, index"] = bench.scans(stock, runs)
    postgres_index.drop_index(bench.url)
    postgres_index.make_live(bench.url)
    found["scan after a pause, live"] = bench.scans(stock, runs)
    found["from pause to queue, live"] = bench.until_seen(stock, runs)
    stock._checkpoints.close()
    return found, checkpoints


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=5_000)
    parser.add_argument("--paused", type=float, default=0.05, help="the share of threads that wait")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--listed", type=int, default=1_000, help="how many checkpoints saver.list() reads")
    args = parser.parse_args()
    running = runpy.run_path(str(Path(__file__).parents[1] / "tests" / "postgres.py"))["running"]
    with tempfile.TemporaryDirectory() as name, running() as server, server.database() as url:
        bench = Bench(url, Path(name), args.threads, args.paused)
        with closing(bench.connection):
            measured, checkpoints = measure(bench, args.runs, args.listed)
    listing, raw = measured["saver.list(None), extrapolated"], measured["the raw SQL: what is open"]
    print(f"{args.threads:,} threads, {checkpoints:,} checkpoints, {args.paused:.0%} waiting, {args.runs} runs")
    print(f"  {'':<32}{'ms':>10}{'of list':>12}{'of raw SQL':>12}")
    for label, taken in measured.items():
        print(f"  {label:<32}{taken:>10,.1f}{taken / listing:>12.5f}{taken / raw:>12.3f}")


if __name__ == "__main__":
    main()
