"""What the list of threads costs on a large desk, against a raw `SELECT count(*)` of the same rows.

    python benchmarks/threads.py [--threads 100000]

Writes an index of as many threads over 90 days, 6 graphs, of which one in a hundred waits and one in a thousand failed,
each with four values of metadata; then reads pages and totals under several filters.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from signoff.database import Database
from signoff.database.tables import threads
from signoff.database.threads import keep
from signoff.threads import Thread, ThreadQuery, ThreadState

BATCH = 5_000


def write(database: Database, count: int, now: datetime, seed: int = 7) -> None:
    """Fill the index."""
    dice = random.Random(seed)
    for start in range(0, count, BATCH):
        found = [_thread(dice, number, now) for number in range(start, min(start + BATCH, count))]
        with database.writing() as connection:
            keep(connection, [each.thread_id for each in found], found)


def _thread(dice: random.Random, number: int, now: datetime) -> Thread:
    graph, thread_id = f"graph-{dice.randrange(6)}", f"{dice.getrandbits(64):016x}-{number}"
    rare = {0: ThreadState.FAILED, 1: ThreadState.RUNNING} | dict.fromkeys(range(10, 20), ThreadState.WAITING)
    said = {"business_key": f"INV-{number}", "customer": f"c-{dice.randrange(900)}", "region": "eu", "channel": "mail"}
    return Thread(
        thread_id=thread_id,
        graph=graph,
        state=rare.get(dice.randrange(1_000), ThreadState.FINISHED),
        checkpoint_id=f"{number:036x}",
        step=9,
        updated_at=now - timedelta(seconds=dice.uniform(0, 90 * 86_400)),
        business_key=said["business_key"],
        search="\n".join([thread_id, graph, *(f"{name}={value}" for name, value in said.items()), ""]),
    )


def milliseconds(work: Callable[[], object], runs: int = 7) -> float:
    """Return the median time of a call."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=100_000)
    count, now = parser.parse_args().threads, datetime.now(UTC)
    queries = {
        "everything": ThreadQuery(),
        "its last page": ThreadQuery(offset=count - 50),
        "finished": ThreadQuery(state=ThreadState.FINISHED),
        "waiting": ThreadQuery(state=ThreadState.WAITING),
        "one graph": ThreadQuery(graph="graph-1"),
        "one graph, failed, 7 days": ThreadQuery(
            graph="graph-1", state=ThreadState.FAILED, since=now - timedelta(days=7)
        ),
        "by business key": ThreadQuery(key=("business_key", f"INV-{count // 2}")),
        "by other metadata": ThreadQuery(key=("customer", "c-77")),
        "a search": ThreadQuery(search=f"inv-{count // 3}"),
        "a search for nothing": ThreadQuery(search="nowhere"),
    }
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'desk.db'}")
        write(database, count, now)

        def raw() -> None:
            with database.reading() as connection:
                connection.execute(sa.select(sa.func.count()).select_from(threads)).scalar_one()

        base = milliseconds(raw)
        print(f"{count:,} threads; a raw count of all takes {base:.1f} ms\n")
        print("| page of 50 and total | ms | of a raw count |\n|---|---:|---:|")
        for name, query in queries.items():
            taken = milliseconds(lambda query=query: database.threads.page(query))
            print(f"| {name} | {taken:.1f} | {taken / base:.1f} |")
        print(
            f"| the names of all graphs | {(taken := milliseconds(database.threads.graphs)):.1f} | {taken / base:.1f} |"
        )
        database.close()


if __name__ == "__main__":
    main()
