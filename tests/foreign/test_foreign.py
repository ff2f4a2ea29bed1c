"""Graphs written with no thought of Signoff, run by their own scripts, are listed and answered without a change."""

import json
import subprocess
from pathlib import Path

import pytest
from forked import Python
from typer.testing import CliRunner

from signoff.cli import app

HERE = Path(__file__).parent

REFUND = """
import sqlite3
from langgraph.checkpoint.sqlite import SqliteSaver
from refund import builder

graph = builder.compile(checkpointer=SqliteSaver(sqlite3.connect("threads.sqlite", check_same_thread=False)))
graph.invoke({"order_id": "A-17", "amount": 120.0}, {"configurable": {"thread_id": "refund-1"}})
"""
ONBOARDING = """
import asyncio
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from onboarding import builder

async def main():
    async with AsyncSqliteSaver.from_conn_string("threads.sqlite") as saver:
        graph = builder.compile(checkpointer=saver)
        await graph.ainvoke({"employee": "Noor"}, {"configurable": {"thread_id": "onboarding-1"}})

asyncio.run(main())
"""
ESSAY = """
import sqlite3
from langgraph.checkpoint.sqlite import SqliteSaver
from essay import workflow

workflow.checkpointer = SqliteSaver(sqlite3.connect("threads.sqlite", check_same_thread=False))
workflow.invoke("cats", {"configurable": {"thread_id": "essay-1"}})
"""
GRAPHS = ["refund=refund.py:graph", "onboarding=onboarding.py:app", "essay=essay.py:workflow"]


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """An empty folder to work in, and settings that name the graphs; their files stay where they are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("SIGNOFF_DB", "threads.sqlite")
    monkeypatch.setenv("SIGNOFF_GRAPH", " ".join(graph.replace("=", f"={HERE}/") for graph in GRAPHS))


def run(*words):
    """Run Python in a process of its own, as a graph's script and an engine need one."""
    with Python(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    return out


def signoff(*words):
    """Run a command that only reads."""
    return json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)


@pytest.mark.parametrize(
    ("script", "graph", "answers", "values"),
    [
        (REFUND, "refund", [True], {"order_id": "A-17", "amount": 120.0, "approved": True, "result": "refunded 120.0"}),
        (
            ONBOARDING,
            "onboarding",
            ["a light one", "Monday"],
            {
                "employee": "Noor",
                "laptop": "a light one",
                "start_date": "Monday",
                "welcome": "Welcome Noor, see you on Monday with your a light one",
            },
        ),
        (
            ESSAY,
            "essay",
            ["Fewer cats."],
            {"__end__": {"essay": "An essay about cats", "review": "Fewer cats."}},
        ),
    ],
    ids=["sync", "async with two questions in a node", "functional"],
)
def test_a_graph_is_paused_by_its_own_script_and_answered_to_its_end(script, graph, answers, values):
    run("-c", script)
    [review] = signoff("list")["reviews"]
    assert review["graph"] == graph

    review_id = review["id"]
    for answer in answers:
        given = ["--answer", json.dumps(answer), "--raw", "--wait", "30", "--json"]
        decision = json.loads(run("-m", "signoff.cli", "decide", review_id, *given))
        review_id = next(iter(decision["next"]), None)
        assert decision["outcome"] == "applied"

    assert (review_id, signoff("list")["total"]) == (None, 0)
    newest = signoff("history", f"{graph}-1")["steps"][0]
    assert (newest["values"], newest["next"]) == (values, [])
