"""Small graphs, one per way in which LangGraph pauses."""

import operator
from functools import wraps
from typing import Annotated, TypedDict

from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt
from pydantic import BaseModel


class State(TypedDict, total=False):
    x: int
    log: Annotated[list, operator.add]


class Amount(BaseModel):
    n: int


def anywhere(make):
    """Let a graph be made by a saver that serves it elsewhere (tests/server) as well as in this process."""

    @wraps(make)
    def made(saver, **compiled):
        serve = getattr(saver, "serve", None)
        return serve(make.__name__, **compiled) if serve else make(saver, **compiled)

    return made


def _graph(saver, *nodes, **compiled):
    graph = StateGraph(State)
    for node in nodes:
        graph.add_node(node.__name__, node)
    for before, after in zip([START, *(n.__name__ for n in nodes)], [*(n.__name__ for n in nodes), END], strict=True):
        graph.add_edge(before, after)
    return graph.compile(checkpointer=saver, **compiled)


def ask(state):
    return {"log": [interrupt({"question": "Approve?"})]}


def done(state):
    return {"log": ["done"]}


@anywhere
def one(saver, **compiled):
    return _graph(saver, ask, done, **compiled)


def asking(payload):
    """Return a graph that asks exactly this."""

    def says(state):
        return {"log": [interrupt(payload)]}

    def asks(saver):
        return _graph(saver, says, done)

    return asks


@anywhere
def two_in_a_node(saver):
    def both(state):
        return {"log": [interrupt("first?"), interrupt("second?")]}

    return _graph(saver, both, done)


@anywhere
def typed(saver):
    def amount(state):
        answer = interrupt("How much?", response_schema=Amount)
        return {"x": 1 // answer.n}

    return _graph(saver, amount, done)


@anywhere
def second_typed(saver):
    def amounts(state):
        interrupt("Ready?")
        return {"x": 1 // interrupt("How much?", response_schema=Amount).n}

    return _graph(saver, amounts, done)


@anywhere
def in_subgraph(saver):
    def amount(state):
        return {"x": 1 // interrupt("How much?", response_schema=Amount).n}

    inner = _graph(None, amount)
    outer = StateGraph(State)
    outer.add_node("outer", inner)
    outer.add_node("done", done)
    outer.add_edge(START, "outer")
    outer.add_edge("outer", "done")
    return outer.compile(checkpointer=saver)


@anywhere
def parallel(saver):
    graph = StateGraph(State)
    for name in ("a", "b"):
        graph.add_node(name, lambda state, name=name: {"log": [f"{name}:{interrupt(name)}"]})
        graph.add_edge(START, name)
    graph.add_node("join", done)
    graph.add_edge(["a", "b"], "join")
    return graph.compile(checkpointer=saver)


@anywhere
def sends(saver):
    graph = StateGraph(State)
    graph.add_node("split", lambda state: {"x": 1})
    graph.add_node("assess", lambda state: {"log": [interrupt(f"assess {state['x']}")]})
    graph.add_edge(START, "split")
    graph.add_conditional_edges("split", lambda state: [Send("assess", {"x": i}) for i in range(3)])
    return graph.compile(checkpointer=saver)


@anywhere
def functional(saver):
    @task
    def check(x):
        return interrupt({"check": x})

    @entrypoint(checkpointer=saver)
    def flow(x):
        first = check(x).result()
        return [first, interrupt("second?")]

    return flow


@anywhere
def beside(saver):
    """Three nodes at once: one finishes, one asks, and of one two tasks ask; they call a task, which is no node."""

    @task
    def called(x):
        return x

    graph = StateGraph(State)
    graph.add_node("split", lambda state: {})
    graph.add_node("asks", lambda state: {"log": [interrupt(called("asks").result())]})
    graph.add_node("done", lambda state: {"log": [called("done").result()]})
    graph.add_node("each", lambda state: {"log": [interrupt(called(f"each {state['x']}").result())]})
    graph.add_edge(START, "split").add_edge("split", "asks").add_edge("split", "done")
    graph.add_conditional_edges("split", lambda state: [Send("each", {"x": 1}), Send("each", {"x": 2})])
    return graph.compile(checkpointer=saver)


ALL = [one, two_in_a_node, typed, second_typed, in_subgraph, parallel, sends, functional]


def _joining(saver, *, defer, joined, plus=False, **compiled):
    """Two branches of different lengths, of which the longer one asks in its second node; both lead to the last one."""
    long, short = ("p+q", "r") if plus else ("long", "short")
    graph = StateGraph(State).add_node(long, done).add_node(short, done).add_node("ask", ask)
    graph.add_node("last", done, defer=defer).add_edge(START, long).add_edge(START, short).add_edge(long, "ask")
    ends = [long, short] if plus else ["ask", short]
    if joined:
        graph.add_edge(ends, "last")
    else:
        for end in ends:
            graph.add_edge(end, "last")
    return graph.add_edge("last", END).compile(checkpointer=saver, **compiled)


def deferred(saver, **compiled):
    return _joining(saver, defer=True, joined=False, **compiled)


def deferred_join(saver, **compiled):
    return _joining(saver, defer=True, joined=True, **compiled)


def joined_plus(saver, **compiled):
    """A join whose nodes have a ``+`` in their names, as LangGraph puts between them."""
    return _joining(saver, defer=False, joined=True, plus=True, **compiled)


JOINS = [deferred, deferred_join, joined_plus]
