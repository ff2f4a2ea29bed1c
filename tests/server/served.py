"""What the Agent Server of the tests serves: the graphs of the contract tests, and a few that need a server."""

import time

import contract_graphs as graphs
from langgraph.types import interrupt

one = graphs.one(None)
two_in_a_node = graphs.two_in_a_node(None)
typed = graphs.typed(None)
second_typed = graphs.second_typed(None)
in_subgraph = graphs.in_subgraph(None)
parallel = graphs.parallel(None)
sends = graphs.sends(None)
functional = graphs.functional(None)
beside = graphs.beside(None)


def ask(state):
    return {"log": [interrupt({"question": "Approve?"})]}


def nap(state):
    time.sleep(state.get("x") or 0)
    return {"log": ["slept"]}


def boom(state):
    return {"log": [1 // state["x"]]}


def read(state, config):
    given = {name: config["configurable"].get(name) for name in ("tenant", "user_id", "checkpoint_dir")}
    return {
        "log": [given | {"limit": config["recursion_limit"], "tags": config["tags"], "why": config["metadata"]["why"]}]
    }


slow = graphs._graph(None, ask, nap)
failing = graphs._graph(None, boom, graphs.done)
stops = graphs._graph(None, ask, graphs.done, interrupt_before=["done"])
configured = graphs._graph(None, ask, read)


def wide(saver):
    """Ask beside a node that fails, so that an answer leaves a failed sibling."""
    graph = graphs.StateGraph(graphs.State)
    graph.add_node("a", graphs.ask)
    graph.add_node("b", boom)
    graph.add_edge(graphs.START, "a")
    graph.add_edge(graphs.START, "b")
    return graph.compile(checkpointer=saver)


side = wide(None)
