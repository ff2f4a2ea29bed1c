"""A desk over threads that are paused with a payload, a state and metadata of one's choice."""

from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, TypedDict

import sqlalchemy as sa
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Send, interrupt

from signoff.apply import Applier
from signoff.checkpoints.saver import SaverCheckpoints
from signoff.correlation import find_review
from signoff.database import Database
from signoff.database.tables import correlations
from signoff.desk import Desk
from signoff.graphs.shape import shape_of


class State(TypedDict, total=False):
    order_id: Any
    customer: dict
    ask: Any
    shape: dict
    answer: Any


def ask(state):
    typed = {"response_schema": state["shape"]} if "shape" in state else {}
    return {"answer": interrupt(state["ask"], **typed)}


class NoJobs:
    """Takes jobs and does nothing: `Office.deliver` takes decisions to their outcome."""

    def enqueue(self, connection, decision): ...

    def close(self): ...


class Office:
    """One desk and one graph that asks whatever it is told to ask: one question, or a list of them in parallel."""

    def __init__(self, folder):
        self.saver, jobs = InMemorySaver(), NoJobs()
        self.graphs = SimpleNamespace(
            names=("asking",),
            broken={},
            candidates=lambda nodes, channels: ("asking",),
            breakpoints=lambda name: None,
            fingerprint=lambda name, node: None,
            shape=lambda name: shape_of(self.graph),
            open=self.open,
        )
        self.desk = Desk(SaverCheckpoints(self.saver), Database(f"sqlite:///{folder}/desk.db"), self.graphs, jobs)
        builder = StateGraph(State)
        builder.add_node("ask", ask)
        builder.add_node("split", lambda state: {})
        builder.add_conditional_edges(START, lambda state: "split" if isinstance(state["ask"], list) else "ask")
        builder.add_conditional_edges("split", lambda state: [Send("ask", {"ask": one}) for one in state["ask"]])
        self.graph = builder.compile(self.saver)

    def pause(self, thread, ask, *, metadata=None, **state):
        config = {"configurable": {"thread_id": thread}, "metadata": metadata or {}}
        self.graph.invoke({"ask": ask, **state}, config)

    @asynccontextmanager
    async def open(self, name, *, checkpointer, config):
        yield self.graph

    def deliver(self):
        """Take every recorded decision to its outcome."""
        journal = self.desk.database.decisions
        applier = Applier(checkpoints=self.desk.checkpoints, graphs=self.graphs, journal=journal)
        for decision in journal.undecided():
            applier.apply(decision)

    def answers(self):
        """Return what the threads were answered, by thread."""
        threads = {t.config["configurable"]["thread_id"] for t in self.saver.list(None)}
        states = {thread: self.graph.get_state({"configurable": {"thread_id": thread}}).values for thread in threads}
        return {thread: state["answer"] for thread, state in states.items() if "answer" in state}

    def find(self, **keys):
        return find_review(self.desk, {name.replace("__", "."): value for name, value in keys.items()}).review

    def marks(self):
        with self.desk.database.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(correlations)).scalar_one()
