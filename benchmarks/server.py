"""What a queue over an Agent Server costs: many interrupted threads on a real `langgraph dev`, and a double submit.

    python benchmarks/server.py [--threads 10000]

The first scan reads every row; each page of a thousand is compared with the bare `threads.search` that it is made of
(goal: at most 2 x); both sides ask the same server in turns. The scan after it is what a dashboard repeats: it reads
what moved, and looks into five threads whose nodes are not known yet.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from agent_server import DevServer  # noqa: E402 - tests have the server's environment

from signoff.agent_server import PAGE  # noqa: E402
from signoff.checkpoints.server import ROW  # noqa: E402
from signoff.checkpoints.server_rows import head_of_row  # noqa: E402
from signoff.decisions import Reviewer  # noqa: E402
from signoff.errors import AlreadyDecided  # noqa: E402
from signoff.reviews import Query  # noqa: E402
from signoff.settings import Settings  # noqa: E402
from signoff.wiring import applier, open_desk  # noqa: E402

GRAPH = """
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

class State(TypedDict, total=False):
    amount: int
    answer: str

def review(state):
    return {"answer": interrupt({"question": f"Approve {state['amount']}?", "order": state["amount"]})}

graph = StateGraph(State).add_node(review).add_edge(START, "review").compile()
"""


def seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def pause(url: str, count: int) -> None:
    from langgraph_sdk import get_sync_client

    client = get_sync_client(url=url, api_key=None)

    def one(number: int) -> None:
        thread = client.threads.create(graph_id="pay")["thread_id"]
        client.runs.wait(thread, "pay", input={"amount": number})  # waiting for each keeps the server's queue short

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(count)))
    client.close()


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--threads", type=int, default=10_000)
    count = wanted.parse_args().threads
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pay.py").write_text(GRAPH)
        dev = DevServer(folder, {"pay": "./pay.py:graph"}).start()
        try:
            measure(dev.url, folder, count)
        finally:
            dev.stop()


def measure(url: str, folder: Path, count: int) -> None:
    print(f"paused: {count} threads in {seconds(lambda: pause(url, count)):.0f} s")
    desk = open_desk(Settings(db=url, desk=str(folder / "desk.db"), server={"every": 0}))
    server = desk.checkpoints.server
    bare, ours = [], []
    for turn in range(10):
        given = {"status": "interrupted", "limit": PAGE, "offset": (turn * PAGE) % max(count - PAGE, 1)}
        given |= {"sort_by": "thread_id", "sort_order": "asc"}
        bare.append(seconds(lambda given=given: server._client.threads.search(**given)))
        ours.append(seconds(lambda given=given: [head_of_row(r) for r in server.search(select=ROW, **given)]))
    ratio = statistics.median(ours) / statistics.median(bare)
    there, here = statistics.median(bare) * 1e3, statistics.median(ours) * 1e3
    print(f"page of {PAGE}: bare search {there:.0f} ms, ours {here:.0f} ms, ratio {ratio:.2f}")
    print(f"first scan, into the queue: {seconds(desk.scan):.1f} s")
    again = [seconds(desk.scan) for _ in range(5)]
    print(f"scan with nothing new, five threads looked into: {statistics.median(again) * 1e3:.0f} ms")
    print(f"page of 50 of the queue: {seconds(lambda: desk.queue(Query(limit=50))) * 1e3:.1f} ms")
    submit_twice(desk)
    desk.close()


def submit_twice(desk: Any) -> None:
    [review] = desk.queue(Query(limit=1)).reviews
    taking, told = applier(desk.checkpoints, desk.graphs, desk.database.decisions), []

    def submit(name: str) -> None:
        try:
            decision = desk.decide(review.id, name, reviewer=Reviewer(name=name), raw=True)
            taking.apply(decision)
            told.append(desk.decision(decision.id).outcome.value)
        except AlreadyDecided as late:
            told.append(f"told: {late}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(submit, ["Ada", "Grace"]))
    print("double submit:", *told, sep="\n  ")


if __name__ == "__main__":
    main()
