"""A graph that asks whatever its state says, and then whatever else it says."""

from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    ask: Any
    then: Any
    fail: str
    answer: Any


def ask(state):
    answer = interrupt(state["ask"])
    if state.get("fail"):
        raise RuntimeError(state["fail"])
    return {"answer": answer}


def again(state):
    return {"answer": interrupt(state["then"])} if state.get("then") else {}


builder = StateGraph(State).add_node(ask).add_node(again).add_edge(START, "ask").add_edge("ask", "again")
