"""A node's fingerprint changes with its code, and with nothing else."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from forked import Python

from signoff.graphs import load_graphs, read_sources
from signoff.graphs.fingerprints import have_changed

CODE = '''
import functools
import helping
from helping import ROUNDED, twice as double
from typing import TypedDict
from langchain_core.tools import tool
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel

LIMIT = 100
RATE = LIMIT * 2
CLIENT = dict(model="gpt-4")


class State(TypedDict, total=False):
    x: int


class Order(BaseModel):
    amount: int

    def total(self):
        return self.amount * 3


def helper(x):
    return x + 1


def noted(function):
    @functools.wraps(function)
    def wrapper(state):
        return function(state)
    return wrapper


def plain(state):
    """Ask."""
    return {"x": helper(interrupt(f"Pay {LIMIT}?"))}


def uses(state, *, least=5):
    return {"x": [Order, double, ROUNDED, RATE, CLIENT, helping.third]}


async def waits(state):
    return {"x": [each for each in (1, 2)]}


@noted
def decorated(state):
    return {"x": interrupt("decorated?")}


def bound(limit, state):
    return {"x": interrupt(limit)}


class Called:
    def __call__(self, state):
        return {"x": self.asked()}

    def asked(self):
        return interrupt("called?")

    def method(self, state):
        return self.asked()


def inner(state):
    return {"x": interrupt("inner?")}


@tool
def lookup(x: int) -> int:
    """Look x up."""
    return x * 7


def tooled(state):
    return {"x": lookup.invoke({"x": 1})}


@task
def step(x):
    return x * 11


@entrypoint()
def flow(x):
    return step(x).result()


subgraph = StateGraph(State).add_node(inner).add_edge(START, "inner").compile()
graph = StateGraph(State)
for name, node in {
    "plain": plain, "uses": uses, "waits": waits, "decorated": decorated, "partial": functools.partial(bound, 10),
    "lambda": lambda state: {"x": interrupt("lambda?")}, "called": Called(), "method": Called().method,
    "subgraph": subgraph, "tooled": tooled,
}.items():
    graph.add_node(name, node)
    graph.add_edge(START, name)
graph = graph.compile()
'''
HELPING = "ROUNDED = 2\n\ndef twice(x):\n    return x * 2\n"
NODES = (
    "plain", "uses", "waits", "decorated", "partial", "lambda", "called", "method", "subgraph", "inner", "tooled",
    "flow",
)  # fmt: skip
SCRIPT = """
import sys
from signoff.graphs import load_graphs, read_sources
graphs = load_graphs(read_sources(None, [f"{name}={sys.argv[1]}:{name}" for name in ("graph", "flow")]))
assert not graphs.broken, graphs.broken
for node in sys.argv[2:]:
    print(graphs.fingerprint("graph", node) or graphs.fingerprint("flow", node))
"""


def taken(folder: Path, code: str = CODE, helping: str = HELPING, *, seed: str = "") -> dict[str, str]:
    """Return the fingerprints as a process of its own sees them; with a seed, one that hashes as no other does."""
    folder.mkdir()
    (folder / "shop.py").write_text(code)
    (folder / "helping.py").write_text(helping)
    words = ["-c", SCRIPT, folder / "shop.py", *NODES]
    if seed:
        start = partial(subprocess.Popen, [sys.executable, *words], env={**os.environ, "PYTHONHASHSEED": seed})
    else:
        start = partial(Python, words)
    with start(stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        out, _ = process.communicate()
    assert process.returncode == 0
    return dict(zip(NODES, out.split(), strict=True))


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return taken(tmp_path_factory.mktemp("usual") / "shop")


def test_the_same_source_has_the_same_fingerprints_in_another_process_and_folder(usual, tmp_path):
    assert "None" not in usual.values()
    assert taken(tmp_path / "elsewhere", seed="1") == taken(tmp_path / "again", seed="2") == usual


def test_moved_lines_comments_and_docstrings_change_nothing(usual, tmp_path):
    moved = "# a comment\n\n\n" + CODE.replace('"""Ask."""', '"""Ask somebody."""').replace(
        "    return x + 1", "    # one more\n\n    return x + 1"
    )

    assert taken(tmp_path / "moved", moved) == usual


@pytest.mark.parametrize(
    ("before", "after", "nodes"),
    [
        ("x + 1", "x + 2", {"plain"}),
        ("LIMIT = 100", "LIMIT = 500", {"plain", "uses"}),
        ("least=5", "least=6", {"uses"}),
        ('"gpt-4"', '"gpt-5"', {"uses"}),
        ("self.amount * 3", "self.amount * 4", {"uses"}),
        ("amount: int", "amount: float", {"uses"}),
        ("(1, 2)", "(1, 3)", {"waits"}),
        ("decorated?", "changed?", {"decorated"}),
        ("return function(state)", "return function(state) or {}", {"decorated"}),
        ("(bound, 10)", "(bound, 11)", {"partial"}),
        ("interrupt(limit)", "interrupt([limit])", {"partial"}),
        ("lambda?", "changed?", {"lambda"}),
        ("called?", "changed?", {"called", "method"}),
        ("inner?", "changed?", {"subgraph", "inner"}),
        ("x * 7", "x * 8", {"tooled"}),
        ("x * 11", "x * 12", {"flow"}),
    ],
)
def test_changed_code_changes_the_nodes_that_use_it_and_no_other(usual, tmp_path, before, after, nodes):
    assert before in CODE

    now = taken(tmp_path / "changed", CODE.replace(before, after))

    assert {name for name in NODES if now[name] != usual[name]} == nodes


@pytest.mark.parametrize(("before", "after"), [("x * 2", "x * 3"), ("ROUNDED = 2", "ROUNDED = 3")])
def test_what_a_node_takes_from_another_module_counts_too(usual, tmp_path, before, after):
    now = taken(tmp_path / "changed", helping=HELPING.replace(before, after))

    assert {name for name in NODES if now[name] != usual[name]} == {"uses"}


def test_what_is_computed_when_a_module_is_loaded_is_compared_as_it_is_written(tmp_path):
    code = CODE.replace("LIMIT = 100", "import time\nLIMIT = time.time_ns()")

    assert taken(tmp_path / "one", code) == taken(tmp_path / "two", code)


def test_of_a_library_s_own_node_and_of_an_unknown_one_nothing_is_told(tmp_path):
    (tmp_path / "ready.py").write_text(
        "from langgraph.graph import START, MessagesState, StateGraph\n"
        "from langgraph.prebuilt import ToolNode\n"
        "graph = StateGraph(MessagesState).add_node('tools', ToolNode([])).add_edge(START, 'tools').compile()\n"
    )
    graphs = load_graphs(read_sources(None, [f"ready={tmp_path / 'ready.py'}:graph"]))

    assert graphs.names == ("ready",)
    assert [graphs.fingerprint(*names) for names in (("ready", "tools"), ("ready", "no"), ("no", "no"))] == [None] * 3


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ("3.11:a", "3.11:b", True),
        ("3.11:a", "3.11:a", False),
        ("3.11:a", "3.12:b", False),
        (None, "3.11:a", False),
        ("3.11:a", None, False),
    ],
)
def test_only_fingerprints_of_one_python_version_are_compared(before, now, changed):
    assert have_changed(before, now) is changed
