"""A large SQLite checkpoint database, in rows exactly as LangGraph writes them.

One thread is really run to its pause and another to its end; their rows are then copied under new thread and checkpoint
ids. Interrupt ids repeat between the copies (they are made of task ids), so the copies serve to list, not to resume.
"""

from __future__ import annotations

import operator
import random
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

STEPS = ("intake", "validate", "enrich", "score", "screen", "route")
ANSWER = {
    "type": "object",
    "properties": {"approved": {"type": "boolean"}, "reason": {"type": "string"}},
    "required": ["approved"],
}
Rows = list[tuple[Any, ...]]


class State(TypedDict, total=False):
    amount: float
    customer: str
    log: Annotated[list[str], operator.add]
    approved: bool


def review(state: State) -> dict[str, Any]:
    facts = {"customer": state["customer"], "amount": state["amount"]}
    asked = {"question": f"Approve transaction of ${state['amount']:,.0f}?", "transaction_details": facts}
    return {"approved": interrupt(asked, response_schema=ANSWER)["approved"], "log": ["review"]}


def build(saver: SqliteSaver) -> Any:
    """Return the graph: six steps that log, a question, a last step; ten checkpoints in all."""
    graph = StateGraph(State)
    names = [START, *STEPS, "review", "post", END]
    for name in STEPS:
        graph.add_node(name, lambda _, name=name: {"log": [f"{name} done {'x' * 200}"]})
    graph.add_node("review", review)
    graph.add_node("post", lambda _: {"log": ["post"]})
    for before, after in pairwise(names):
        graph.add_edge(before, after)
    return graph.compile(checkpointer=saver)


def pause(graph: Any, thread_id: str) -> dict[str, Any]:
    """Run a new thread to its question; return its config."""
    config = {"configurable": {"thread_id": thread_id}}
    graph.invoke({"amount": 50_000.0, "customer": "ACME", "log": []}, config)
    return config


def write(path: Path, *, threads: int, paused: float = 0.05, seed: int = 7) -> None:
    """Write a database of so many threads, a share of them paused."""
    templates = _templates()
    dice = random.Random(seed)
    with closing(sqlite3.connect(path, check_same_thread=False)) as db:
        SqliteSaver(db).setup()
        db.execute("PRAGMA synchronous=OFF")
        for number in range(threads):
            _copy(db, f"txn-{number:07d}", *templates[dice.random() < paused], dice)
            if number % 2_000 == 0:
                db.commit()
        db.commit()


def _templates() -> dict[bool, tuple[Rows, Rows]]:
    """Return (checkpoints, writes) of one thread that ended, under False, and of one that waits, under True."""
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as db:
        graph = build(SqliteSaver(db))
        config = pause(graph, "template")
        waiting = _rows(db)
        [question] = graph.get_state(config).interrupts
        graph.invoke(Command(resume={question.id: {"approved": True}}), config)
        return {True: waiting, False: _rows(db)}


def _rows(db: sqlite3.Connection) -> tuple[Rows, Rows]:
    tables = ("SELECT * FROM checkpoints ORDER BY rowid", "SELECT * FROM writes ORDER BY rowid")
    checkpoints, writes = (db.execute(table).fetchall() for table in tables)
    return checkpoints, writes


def _copy(db: sqlite3.Connection, thread: str, checkpoints: Rows, writes: Rows, dice: random.Random) -> None:
    ids = {row[2]: str(uuid6(clock_seq=dice.randrange(1 << 14))) for row in checkpoints}
    renamed = [
        (thread, ns, ids[old], ids.get(parent), kind, blob.replace(old.encode(), ids[old].encode()), metadata)
        for _, ns, old, parent, kind, blob, metadata in checkpoints
    ]
    db.executemany("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)", renamed)
    marks = ", ".join("?" * len(writes[0]))
    db.executemany(f"INSERT INTO writes VALUES ({marks})", [(thread, w[1], ids[w[2]], *w[3:]) for w in writes])
