"""A graph that asks in a subgraph that is a node, or in one that a node's own code calls; it stops behind both.

Both ways lead through another one of the same two when ``deep`` names it: then the question is three levels down.
"""

from typing import TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    way: str
    deep: str
    answer: str


def ask(state):
    return {"answer": interrupt("Inside?")}


inner = StateGraph(State).add_node(ask).add_edge(START, "ask").compile()


def calls(state):
    return inner.invoke(state)


middle = StateGraph(State).add_node(ask).add_node("part", inner).add_node(calls)
middle.add_conditional_edges(START, lambda state: state.get("deep", "ask"), ["ask", "part", "calls"])
middle = middle.compile()


def code(state):
    return middle.invoke(state)


def after(state):
    return {}


builder = StateGraph(State).add_node("whole", middle).add_node(code).add_node(after)
builder.add_conditional_edges(START, lambda state: state["way"], ["whole", "code", "after"])
for name in ("whole", "code"):
    builder.add_edge(name, "after")
graph = builder.compile(interrupt_after=["whole", "code"])
