"""What it costs to tell what changed between two states, beside writing both of them as JSON.

    python benchmarks/differences.py [--runs 5]

States of about 50 kB and 1 MB: a conversation with ids, a table of rows, a long text; each edited in a few places, and
each against one that has nothing in common with it. Exits 1 when a goal is missed: 50 ms for 50 kB, 1 s for 1 MB.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from signoff.differences import differences
from signoff.words import pieces

GOALS = {50_000: 50.0, 1_000_000: 1_000.0}
"""Milliseconds by bytes of a state."""


def words(rng: random.Random, n: int) -> str:
    return " ".join(f"word{rng.randint(0, 3000)}" for _ in range(n))


def conversation(rng: random.Random, size: int) -> Any:
    return [{"id": f"m{n}", "type": "ai", "content": words(rng, 40), "tool_calls": []} for n in range(size // 420)]


def rows(rng: random.Random, size: int) -> Any:
    return [[rng.random(), rng.randint(0, 9), words(rng, 2)] for _ in range(size // 48)]


def text(rng: random.Random, size: int) -> Any:
    return "\n".join(words(rng, 12) for _ in range(size // 108))


def edited(value: Any) -> Any:
    """Return the value with something taken out, something put in and something changed."""
    if isinstance(value, str):
        return value[:1000] + value[1100 : len(value) // 2] + "\nnew words\n" + value[len(value) // 2 :]
    value = copy.deepcopy(value)
    value[len(value) // 2] = copy.deepcopy(value[0])
    del value[1]
    return value


def compared(before: Any, after: Any) -> None:
    """Do what a page does: find the differences, and the words of the texts among them."""
    for one in differences(before, after)[:100]:
        if isinstance(one.before, str) and isinstance(one.after, str):
            pieces(one.before, one.after)


def milliseconds(work: Callable[[], object], runs: int) -> float:
    """Return the least time of ``runs`` calls."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


def main() -> int:
    """Print the table; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    missed = 0
    print("state                       kB       ms   / json.dumps of both")
    for make in (conversation, rows, text):
        for size, goal in GOALS.items():
            before = {"it": make(random.Random(1), size)}
            cases = {"edited": {"it": edited(before["it"])}, "other": {"it": make(random.Random(2), size)}}
            for name, after in cases.items():
                written = milliseconds(lambda b=before, a=after: (json.dumps(b), json.dumps(a)), runs)
                took = milliseconds(lambda b=before, a=after: compared(b, a), runs)
                missed += took > goal
                kb = len(json.dumps(before)) / 1000
                print(f"{make.__name__ + ', ' + name:22} {kb:8.0f} {took:8.1f} {took / written:8.1f}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
