"""Two SQLite sources whose threads have the same ids and ask the same questions, and a desk over both."""

import runpy
import shutil
import sqlite3
from pathlib import Path

from langgraph.checkpoint.sqlite import SqliteSaver

from signoff.decisions import Reviewer
from signoff.engine import wait_for
from signoff.reviews import Query
from signoff.settings import read_settings
from signoff.wiring import open_desk, open_engine

ADA = Reviewer(name="Ada")
GRAPH = """
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


class Case(TypedDict, total=False):
    case: str
    answer: str
    house: str


def ask(state):
    return {"answer": interrupt({"title": f"Close {state['case']}?", "case": state["case"]})}


def close(state):
    if state["answer"] == "explode":
        raise RuntimeError("the ledger is down")
    return {"house": HOUSE}


agent = StateGraph(Case).add_sequence([ask, close]).add_edge(START, "ask").compile()
"""
SETTINGS = """
[[sources]]
name = "payments"
db = "payments.sqlite"
graph = ["agent=payments.py:agent"]

[[sources]]
name = "support"
db = "support.sqlite"
graph = ["agent=support.py:agent"]
"""


class Town:
    """A folder with both sources; everything is opened in it as the working folder."""

    def __init__(self, folder: Path, *, threads=("t1", "t2"), settings: str = SETTINGS) -> None:
        self.folder = folder
        self.opened: list = []
        for name in ("payments", "support"):
            (folder / f"{name}.py").write_text(GRAPH.replace("HOUSE", repr(name)))
        self.write(settings)
        for thread in threads:
            self.pause("payments", thread)
        with sqlite3.connect(folder / "payments.sqlite") as connection:  # what a log holds, into the file itself
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(folder / "payments.sqlite", folder / "support.sqlite")

    def write(self, settings: str) -> None:
        (self.folder / "signoff.toml").write_text(settings)

    def pause(self, source: str, thread: str) -> None:
        graph = runpy.run_path(str(self.folder / f"{source}.py"))["agent"]
        with SqliteSaver.from_conn_string(str(self.folder / f"{source}.sqlite")) as saver:
            config = {"configurable": {"thread_id": thread}, "metadata": {"graph_id": "agent"}}
            graph.copy({"checkpointer": saver}).invoke({"case": f"case {thread}"}, config)

    def open(self, **flags):
        settings = read_settings(**flags)
        desk = open_desk(settings)
        engine = open_engine(desk, settings)
        self.opened.append((desk, engine))
        return desk, engine

    def close(self) -> None:
        for desk, engine in self.opened:
            engine.stop()
            desk.close()

    def take_away(self, source: str) -> None:
        """Make a source disappear, with its log."""
        for path in self.folder.glob(f"{source}.sqlite*"):
            path.rename(path.with_name(f"away-{path.name}"))

    def bring_back(self, source: str) -> None:
        for path in self.folder.glob(f"away-{source}.sqlite*"):
            path.rename(path.with_name(path.name.removeprefix("away-")))


def waiting(desk, **wanted):
    """Return what waits, by the id of its thread on the desk."""
    return {review.thread_id: review for review in desk.queue(Query(**wanted)).reviews}


def settled(desk, decision):
    """Wait for the outcome, and for the queue to know what the thread waits for now."""
    found = wait_for(desk.database, decision.id, seconds=60)
    desk.scan()
    return found
