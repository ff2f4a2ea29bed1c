"""A worker of `reliability.py`: the graph, and one process that serves clicks in one of three ways until it is killed.

    python reliability_worker.py WAY DB

``DB`` is the file or the PostgreSQL URL of the checkpoints. A click is a line of JSON on standard input, ``{"number",
"thread", "question", "answer"}``; the reply is ``[number, word]`` on standard output: ``sent``, ``late`` when somebody
was first, ``again`` when a database did not answer.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

QUESTIONS = ("amount", "account")
AT_ONCE = 16


class State(TypedDict, total=False):
    thread: str
    amount: dict[str, str]
    account: dict[str, str]


def note(**event: Any) -> None:
    """Write down what a node does, beside the checkpoints, in one write."""
    line = json.dumps({**event, "pid": os.getpid(), "at": time.monotonic()})
    with Path("events.jsonl").open("a", buffering=1 << 16) as log:
        log.write(f"{line}\n")


def ask(state: State) -> State:
    answers: Any = {question: interrupt(question) for question in QUESTIONS}
    time.sleep(0.05)
    note(event="pays", thread=state["thread"])
    time.sleep(0.05)
    return answers


def close(state: State) -> State:
    note(event="closes", thread=state["thread"])
    return {}


payments = StateGraph(State)
payments.add_node("ask", ask)
payments.add_node("close", close)
payments.add_edge(START, "ask")
payments.add_edge("ask", "close")


def bare_graph(db: str) -> Any:
    return payments.compile(checkpointer=saver_of(db))


def saver_of(db: str) -> Any:
    """Return LangGraph's own saver; on PostgreSQL with a pool that finds the server again after a restart."""
    if "://" not in db:
        return SqliteSaver(sqlite3.connect(db, timeout=60, check_same_thread=False))
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import ConnectionPool

    wanted = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool = ConnectionPool(db, kwargs=wanted, max_size=AT_ONCE, check=ConnectionPool.check_connection, open=True)
    return PostgresSaver(pool)


def config_of(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


Click = Callable[[dict[str, Any], Callable[[str], None]], None]


def click_on_signoff(db: str) -> Click:
    from signoff.decisions import Reviewer
    from signoff.errors import AlreadyDecided, BackendUnavailable, ReviewClosed, ReviewNotFound
    from signoff.reviews import review_id
    from signoff.service import Service
    from signoff.settings import Settings

    service = Service(Settings(db=db, graph=(f"payments={__file__}:payments",)))
    service.start()

    def click(given: dict[str, Any], reply: Callable[[str], None]) -> None:
        review, by = review_id(given["thread"], given["question"]), given["answer"]["by"]
        try:
            service.desk.decide(review, given["answer"], reviewer=Reviewer(name=by))
            reply("sent")
        except AlreadyDecided as late:
            reply("sent" if late.reviewer == by else "late")
        except ReviewClosed:
            reply("late")
        except ReviewNotFound:
            service.desk.scanner.look([given["thread"]])
            click(given, reply)
        except BackendUnavailable:
            reply("again")

    return click


def click_on_bare_langgraph(db: str, *, reply_first: bool) -> Click:
    graph = bare_graph(db)

    def click(given: dict[str, Any], reply: Callable[[str], None]) -> None:
        if reply_first:
            reply("sent")
        resume: Any = Command(resume={given["question"]: given["answer"]})
        graph.invoke(resume, config_of(given["thread"]), durability="sync")
        if not reply_first:
            reply("sent")

    return click


WAYS: dict[str, Callable[[str], Click]] = {
    "signoff": click_on_signoff,
    "once": lambda db: click_on_bare_langgraph(db, reply_first=True),
    "retried": lambda db: click_on_bare_langgraph(db, reply_first=False),
}


def work(way: str, db: str) -> None:
    """Serve clicks from standard input until killed."""
    click, lock = WAYS[way](db), threading.Lock()

    def say(number: int, word: str) -> None:
        with lock:
            print(json.dumps([number, word]), flush=True)

    def serve(given: dict[str, Any]) -> None:
        try:
            click(given, lambda word: say(given["number"], word))
        except Exception as error:  # noqa: BLE001 - a database that is away; the click is made again
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            say(given["number"], "again")

    say(0, "ready")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for line in sys.stdin:
            pool.submit(serve, json.loads(line))


if __name__ == "__main__":
    work(*sys.argv[1:])
