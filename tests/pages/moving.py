"""A graph that asks two things at once, one of them with a rate that moves: it is taken from the environment."""

import os
from typing import TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

ORDER = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "integer"}, "note": {"type": "string"}},
}


class State(TypedDict, total=False):
    ready: bool
    order: dict


def ready(state):
    return {"ready": interrupt("Ready?")}


def quote(state):
    question = {
        "title": "Buy?",
        "rate": os.environ["RATE"],
        "token": f"t{os.environ['RATE']}",
        "[x](http://x)": "![y](z)",
    }
    return {"order": interrupt(question, response_schema=ORDER)}


builder = StateGraph(State).add_node(ready).add_node(quote).add_edge(START, "ready").add_edge(START, "quote")
