"""What it costs to find something among many open reviews, as ratios.

    python benchmarks/finding.py [--reviews 100000] [--runs 5]

Compared with the cheapest raw SQL on the same table: `SELECT count(*)` of what is open and fifty rows by primary key.
Every number is a whole page: fifty reviews as values, and the total. One review in six of the table is closed.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signoff.database import Database
from signoff.database.reviews import Projected
from signoff.reviews import (
    ME,
    NONE,
    TROUBLE,
    Due,
    Grouping,
    Kind,
    Priority,
    Query,
    Review,
    Sort,
    State,
    review_id,
)
from signoff.scalars import marks

BATCH = 500
NOW = datetime.now(UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
WORDS = [
    *("approve", "payment", "customer", "invoice", "transfer", "refund", "delivery", "contract", "clause", "review"),
    *(
        "purchase",
        "order",
        "vendor",
        "bank",
        "account",
        "details",
        "risk",
        "sanctions",
        "intake",
        "onboarding",
        "draft",
    ),
    *("article", "legal", "cluster", "deletion", "retention", "Müller", "Straße", "Zürich", "Rückzahlung", "東京支店"),
]


def projected(number: int, dice: random.Random) -> Projected:
    thread = f"txn-{number:07d}"
    graph = dice.choices(["transaction", "risk_review", "contract", "rare"], [70, 20, 9.9, 0.1])[0]
    troubled = dice.random() < 0.01
    review = Review(
        id=review_id(thread, "question"),
        thread_id=thread,
        checkpoint_id=f"{dice.getrandbits(128):032x}",
        interrupt_id=f"{dice.getrandbits(128):032x}",
        kind=Kind.FAILED if troubled else Kind.INTERRUPT,
        state=State.FAILED if troubled else State.WAITING,
        title=f"Approve payment {number} to {dice.choice(WORDS)} {dice.choice(WORDS)}?",
        paused_at=NOW - timedelta(seconds=dice.randrange(30 * 86_400)),
        graph=graph,
        node=f"{graph}_{dice.randrange(3)}",
        dialect=dice.choice(["native", "hitl", "ad-hoc"]),
        priority=dice.choice(list(Priority)),
        due_at=NOW + timedelta(hours=dice.randrange(-48, 480)) if dice.random() < 0.5 else None,
        business_key=f"K-{number}",
        assignees=("Ada",) if dice.random() < 0.2 else (),
        groups=("finance",) if dice.random() < 0.5 else ("legal",),
        tags=("common",) if dice.random() < 0.6 else ("rare",) if dice.random() < 0.002 else (),
        reason=f"TimeoutError: {dice.choice(WORDS)}" if troubled else "",
    )
    payload = " ".join(dice.choice(WORDS) for _ in range(50))
    return Projected(review=review, search=f"{review.title} {thread} {payload}", marks=marks({"order_id": str(number)}))


def fill(database: Database, open_ones: int) -> float:
    """Project a fifth more and close so many; return the seconds it takes to write 10,000 new ones."""
    dice, spent, every = random.Random(7), 0.0, open_ones * 6 // 5
    for start in range(0, every, BATCH):
        batch = [projected(number, dice) for number in range(start, start + BATCH)]
        threads = [one.review.thread_id for one in batch]
        started = time.perf_counter()
        database.reviews.project(threads, batch)
        spent += time.perf_counter() - started
        if start // BATCH % 6 == 5:
            database.reviews.project(threads, ())
    return spent / every * 10_000


def queries(pages: int) -> Iterator[tuple[str, Query]]:
    """Yield the worst cases: everything in every order to its end, what is rare against an order, searches."""
    last = {"offset": (pages - 1) * 50}
    for sort in Sort:
        yield f"all, {sort} first, last page", Query(sort=sort, **last)
        yield f"a rare graph, {sort} first", Query(sort=sort, graph="rare")
        yield f"a rare tag, {sort} first", Query(sort=sort, tag="rare")
    yield "all, first page", Query()
    yield "a common tag, page 1,000", Query(tag="common", sort=Sort.TITLE, offset=50_000)
    yield "nobody's, page 1,000", Query(assignee=NONE, sort=Sort.DUE, offset=50_000)
    yield "mine, by title", Query(assignee=ME, sort=Sort.TITLE)
    yield (
        "overdue, urgent, a group, by title",
        Query(due=Due.OVERDUE, priority=Priority.URGENT, group="finance", sort=Sort.TITLE),
    )
    yield (
        "waiting, older than a day, by due date",
        Query(states=(State.WAITING,), older=timedelta(days=1), sort=Sort.DUE),
    )
    yield "in trouble", Query(states=TROUBLE, sort=Sort.PRIORITY)
    yield "a business key", Query(key="K-4000")
    yield "any key", Query(key="order_id=4000")
    yield "closed ones, newest first", Query(states=(State.CLOSED,), sort=Sort.NEWEST)
    for text in (
        "payment",
        "zahlung",
        "txn-00123",
        "muller 東京支店",
        "approve payment customer",
        "approve payment txn-",
        '"payment customer approve"',
        "no such words",
        "ra",
        "e",
        "支店",
    ):
        yield f"search: {text}", Query(search=text)
        yield f"search: {text}, 800 pages further by due date", Query(search=text, sort=Sort.DUE, offset=pages * 20)


def median(runs: int, act: Callable[[], object]) -> float:
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "desk.db"
        database = Database(f"sqlite:///{path}")
        written = fill(database, args.reviews)
        store = database.reviews
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("PRAGMA cache_size=-65536")
            by_key = "SELECT * FROM reviews ORDER BY seq LIMIT 50"
            count, rows = (
                median(args.runs, lambda sql=sql: raw.execute(sql).fetchall())
                for sql in ("SELECT count(*) FROM reviews WHERE state != 'closed'", by_key)
            )
        total = store.page(Query(limit=1)).total
        measured = {
            label: median(args.runs, lambda query=query: store.page(query.seen_by("Ada", today=TODAY)))
            for label, query in queries(-(-total // 50))
        }
        views = [Query(), Query(assignee=ME), Query(assignee=NONE), Query(due=Due.TODAY), Query(states=TROUBLE)]
        asked = [query.seen_by("Ada", today=TODAY) for query in views]
        measured["the counts of five views"] = median(args.runs, lambda: store.totals(asked))
        measured["the choices of all filters"] = median(args.runs, store.choices)
        measured["groups by node"] = median(args.runs, lambda: store.bundles(Query(by=Grouping.NODE)))
        database.close()
        size = path.stat().st_size / 1e6
    print(f"{total:,} open reviews, {size:,.0f} MB, {args.runs} runs; writing 10,000 new ones takes {written:.1f} s")
    print(f"  {'':<58}{'ms':>8}{'of raw SQL':>12}")
    print(f"  {'raw SQL: count(*) of the open, and 50 rows by primary key':<58}{count + rows:>8.1f}{1:>12.1f}")
    for label, taken in measured.items():
        print(f"  {label:<58}{taken:>8.1f}{taken / (count + rows):>12.1f}")


if __name__ == "__main__":
    main()
