"""What it costs to keep the queue of a large checkpoint database up to date, as ratios.

    python benchmarks/scan.py [--threads 10000] [--paused 0.05] [--runs 5]

Compared with draining `saver.list(None)`, LangGraph's own way to find threads, and with the raw SQL join of both tables
that decodes nothing. 10,000 threads are 98,000 checkpoints and about 330 MB in the temporary folder.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import big_database
from langgraph.checkpoint.sqlite import SqliteSaver

from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.graphs import load_graphs, read_sources
from signoff.reviews import Query
from signoff.scanner import Scanner

PAUSED = """
    SELECT w.thread_id, w.value
    FROM (SELECT thread_id, max(checkpoint_id) AS checkpoint_id FROM checkpoints
          WHERE checkpoint_ns = '' GROUP BY thread_id) AS head
    JOIN writes AS w ON w.thread_id = head.thread_id AND w.checkpoint_ns = '' AND w.checkpoint_id = head.checkpoint_id
    WHERE w.channel = '__interrupt__'"""


class Bench:
    """One big checkpoint database, and a desk that has scanned it."""

    def __init__(self, folder: Path, threads: int, paused: float) -> None:
        self.folder, self.path = folder, folder / "checkpoints.sqlite"
        big_database.write(self.path, threads=threads, paused=paused)
        self.graphs = load_graphs(read_sources(None, ()))
        self.new = count()
        self.desk = self._open_desk()
        self.scanner = Scanner(SqliteCheckpoints(self.path), self.desk, self.graphs)
        self.scanner.scan()
        connection = sqlite3.connect(self.path, check_same_thread=False)
        self.saver = SqliteSaver(connection)
        self.agent = big_database.build(self.saver)

    def list_all(self) -> None:
        for _ in self.saver.list(None):
            pass

    def join(self) -> None:
        with closing(sqlite3.connect(self.path)) as db:
            db.execute(PAUSED).fetchall()

    def first_scan(self) -> Callable[[], object]:
        desk, checkpoints = self._open_desk(), SqliteCheckpoints(self.path)
        return Scanner(checkpoints, desk, self.graphs).scan

    def scan_after(self, pauses: int) -> Callable[[], object]:
        for _ in range(pauses):
            big_database.pause(self.agent, f"new-{next(self.new)}")
        return self.scanner.scan

    def scan_again(self) -> None:
        self.scanner.scan()

    def page(self) -> None:
        self.desk.reviews.page(Query(limit=50))

    def counts(self) -> None:
        self.desk.reviews.counts(today=datetime.now(UTC))

    def search(self) -> None:
        self.desk.reviews.page(Query(search="txn-0000", limit=50))

    def _open_desk(self) -> Database:
        return Database(f"sqlite:///{self.folder / f'desk-{next(self.new)}.db'}")


def median(runs: int, act: Callable[[], object], prepared: bool = False) -> float:
    """Return the median milliseconds of ``act``, or of what it returns when it only prepares."""
    taken = []
    for _ in range(runs):
        work = act() if prepared else act
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=10_000)
    parser.add_argument("--paused", type=float, default=0.05, help="the share of threads that wait")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), args.threads, args.paused)
        (checkpoints,) = bench.saver.conn.execute("SELECT count(*) FROM checkpoints").fetchone()
        size = bench.path.stat().st_size / 1e6
        listing, join = median(args.runs, bench.list_all), median(args.runs, bench.join)
        measured = {
            "saver.list(None), drained": listing,
            "the SQL join alone": join,
            "first scan": median(args.runs, bench.first_scan, prepared=True),
            "scan after one thread paused": median(args.runs, lambda: bench.scan_after(1), prepared=True),
            "scan after 50 threads paused": median(args.runs, lambda: bench.scan_after(50), prepared=True),
            "scan with nothing new": median(args.runs, bench.scan_again),
            "one page of 50": median(args.runs, bench.page),
            "the counts above the queue": median(args.runs, bench.counts),
            "a search": median(args.runs, bench.search),
        }
        waiting = bench.desk.reviews.page(Query(limit=1)).total
    print(
        f"{args.threads:,} threads, {checkpoints:,} checkpoints, {size:,.0f} MB, {waiting:,} waiting, {args.runs} runs"
    )
    print(f"  at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB of memory")
    print(f"  {'':<30}{'ms':>10}{'of list':>12}{'of join':>12}")
    for label, taken in measured.items():
        print(f"  {label:<30}{taken:>10,.1f}{taken / listing:>12.4f}{taken / join:>12.3f}")


if __name__ == "__main__":
    main()
