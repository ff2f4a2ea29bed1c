"""A shop with paused threads, and the command line run on it."""

import json
import os
import runpy
import subprocess
from pathlib import Path

import pytest
from forked import Python
from langgraph.checkpoint.sqlite import SqliteSaver
from typer.testing import CliRunner

from signoff.cli import app

GRAPHS = """
import os
import time
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

print("a graph module that talks on standard output")

APPROVAL = {"type": "object", "required": ["approved"], "properties": {
    "approved": {"type": "boolean"}, "note": {"type": "string", "maxLength": 5}}}


class Order(TypedDict, total=False):
    item: str
    approved: bool
    address: str


def approve(state):
    title = f"Order {state['item']}?"
    answer = interrupt({"title": title, "item": state["item"]}, response_schema=APPROVAL)
    return {"approved": answer["approved"]}


def ask_address(state):
    print("a node that talks on standard output")
    return {"address": interrupt("Where to?")}


def book(state):
    raise RuntimeError("the ledger is down")


def linger(state):
    time.sleep(float(os.environ.get("LINGER", "60")))


def ready(state):
    return {"address": interrupt("Ready?")}


def quote(state):
    return {"approved": interrupt({"rate": os.environ.get("RATE")})}


def of(*nodes):
    return StateGraph(Order).add_sequence(nodes).add_edge(START, nodes[0].__name__).compile()


orders, bookings, errands = of(approve, ask_address), of(approve, book), of(approve, linger)
quotes = StateGraph(Order).add_node(ready).add_node(quote).add_edge(START, "ready").add_edge(START, "quote").compile()
"""


class Shop:
    """A folder with graphs, paused threads and nothing of Signoff's, and the command line run in it."""

    def __init__(self, folder: Path) -> None:
        self.started: list[subprocess.Popen] = []
        self.db, self.file = folder / "shop.sqlite", folder / "shop.py"
        self.file.write_text(GRAPHS)
        named = [f"{name}={self.file}:{name}" for name in ("orders", "bookings", "errands", "quotes")]
        self.graphs = tuple(word for source in named for word in ("--graph", source))

    def pause(self, graph: str, thread: str, item: str = "chair", *, tagged: bool = True) -> None:
        """Run a graph up to its first question; ``tagged`` says in the thread's metadata which graph it is."""
        compiled = runpy.run_path(str(self.file))[graph]
        with SqliteSaver.from_conn_string(str(self.db)) as saver:
            config = {"configurable": {"thread_id": thread}, "metadata": {"graph_id": graph} if tagged else {}}
            compiled.copy({"checkpointer": saver}).invoke({"item": item}, config)

    def words(self, command: str, *words: str) -> list[str]:
        return [command, "--db", str(self.db), *self.graphs, *words]

    def run(self, *words: str, **options):
        return CliRunner().invoke(app, self.words(*words), catch_exceptions=False, **options)

    def start(self, *words: str) -> subprocess.Popen:
        """Run the command line on the shop as a process of its own, as engines need one."""
        return self.spawn(*self.words(*words))

    def spawn(self, *words: str) -> subprocess.Popen:
        """Run any command line as a process, to be killed at the end of the test at the latest."""
        process = Python(["-m", "signoff.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.started.append(process)
        return process

    def kill_what_is_left(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()

    def finish(self, *words: str) -> tuple[int, dict, str]:
        """Run a command to its end; return exit code, what it printed as JSON, and what it told people."""
        process = self.start(*words, "--json")
        out, told = process.communicate(timeout=60)
        return process.returncode, json.loads(out), told

    def json(self, *words: str, **options):
        return json.loads(self.run(*words, "--json", **options).stdout)

    def review(self, thread: str) -> str:
        [found] = [r["id"] for r in self.json("list")["reviews"] if r["thread_id"] == thread]
        return found


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """Nothing of Signoff's is set before a test, and nothing that `serve` set is left behind it."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("SIGNOFF_") or name == "COLUMNS"]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def shop(tmp_path):
    opened = Shop(tmp_path)
    yield opened
    opened.kill_what_is_left()
