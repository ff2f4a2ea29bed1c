"""The graphs of the workspace. Copied into it, so that what they note is beside them."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from pydantic import BaseModel, field_validator

HERE = Path(__file__).parent


class State(TypedDict, total=False):
    answer: Any
    second: Any
    posted: Any


class Even(BaseModel):
    n: int

    @field_validator("n")
    @classmethod
    def even(cls, n: int) -> int:
        if n % 2:
            raise ValueError("n must be even")
        return n


def note(line: str) -> None:
    handle = os.open(HERE / "ran.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def stop(place: str) -> None:
    """Stand here while somebody holds this place."""
    held = HERE / f"hold.{place}"
    if held.exists():
        (HERE / f"at.{place}").touch()
    while held.exists():
        time.sleep(0.02)


def effect(node: str, config: RunnableConfig) -> None:
    """Do what must not be done twice."""
    thread = config["configurable"]["thread_id"]
    stop(f"{thread}.{node}.before")
    note(f"{thread} {node}")
    stop(f"{thread}.{node}.after")


def review(state: State, config: RunnableConfig) -> State:
    if config["configurable"]["thread_id"] == "refused":
        return {"answer": interrupt("An even number?", response_schema=Even).n}
    answer = interrupt({"question": "Pay $50,000?"})
    effect("review", config)
    return {"answer": answer}


def post(state: State, config: RunnableConfig) -> State:
    effect("post", config)
    return {"posted": state["answer"]}


def first(state: State, config: RunnableConfig) -> State:
    answer = interrupt("First?")
    effect("first", config)
    return {"answer": answer}


def second(state: State, config: RunnableConfig) -> State:
    answer = interrupt("Second?")
    effect("second", config)
    return {"second": answer}


def both(state: State, config: RunnableConfig) -> State:
    answers = {"answer": interrupt("Which amount?"), "second": interrupt("Which account?")}
    effect("both", config)
    return answers


def divide(state: State) -> State:
    return {"answer": 100 // interrupt("Divide by what?")}


pay = StateGraph(State)
pay.add_node("review", review)
pay.add_node("post", post)
pay.add_edge(START, "review")
pay.add_edge("review", "post")

pair = StateGraph(State)
pair.add_node("first", first)
pair.add_node("second", second)
pair.add_node("post", post)
pair.add_edge(START, "first")
pair.add_edge(START, "second")
pair.add_edge(["first", "second"], "post")


two = StateGraph(State)
two.add_node("both", both)
two.add_edge(START, "both")

fragile = StateGraph(State)
fragile.add_node("divide", divide)
fragile.add_edge(START, "divide")

GRAPHS = {"pay": pay, "pair": pair, "two": two, "fragile": fragile}


@contextmanager
def saver() -> Iterator[Any]:
    """Hold LangGraph's own saver: of the PostgreSQL database that ``pay.url`` names, or of a SQLite file."""
    if (named := HERE / "pay.url").exists():
        with PostgresSaver.from_conn_string(named.read_text()) as server:
            server.setup()
            yield server
        return
    with closing(sqlite3.connect(HERE / "pay.sqlite", timeout=30, check_same_thread=False)) as connection:
        yield SqliteSaver(connection)


@contextmanager
def bare(graph: str) -> Iterator[Any]:
    """Hold a graph with LangGraph's own saver, as one would use it without Signoff."""
    with saver() as checkpointer:
        yield GRAPHS[graph].compile(checkpointer=checkpointer)


def on(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}


def pause(graph: str, threads: tuple[str, ...]) -> None:
    with bare(graph) as compiled:
        for thread in threads:
            compiled.invoke({"answer": ""}, on(thread))


def answer(graph: str, thread: str, question: str, given: Any) -> None:
    """Answer a question as one would without Signoff: by its id, in LangGraph's own words."""
    with bare(graph) as compiled:
        compiled.invoke(Command(resume={question: given}), on(thread))
