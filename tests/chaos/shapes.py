"""Graphs that write down every run of a node, one per way in which LangGraph pauses.

Each answer must be the text of its question, so that one that lands on another question shows. They read and write
files of the working folder only: they are run by processes that die.
"""

import operator
import os
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

RUNS = Path("runs.log")


class State(TypedDict, total=False):
    item: int
    log: Annotated[list, operator.add]


def note(line: str) -> None:
    """Append one line in a single write, so that lines of dying and living processes never mix."""
    handle = os.open(RUNS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def once(name: str) -> bool:
    """Return True the first time in this folder."""
    try:
        Path(f"{name}.once").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def asks(name: str, *questions: str) -> Any:
    """Return a node that asks these questions and logs each with its answer; its side effect is behind the last one."""

    def node(state: State) -> State:
        answered = [f"{question}={interrupt(question)}" for question in questions]
        note(name)
        return {"log": answered}

    node.__name__ = name
    return node


def works(name: str) -> Any:
    """Return a node that only logs itself."""

    def node(state: State) -> State:
        note(name)
        return {"log": [name]}

    node.__name__ = name
    return node


def chain(*nodes: Any) -> StateGraph:
    graph = StateGraph(State)
    names = [node.__name__ for node in nodes]
    for name, node in zip(names, nodes, strict=True):
        graph.add_node(name, node)
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    return graph


def fan(*nodes: Any) -> StateGraph:
    graph = StateGraph(State)
    for node in nodes:
        graph.add_node(node.__name__, node)
        graph.add_edge(START, node.__name__)
    graph.add_node("join", works("join"))
    graph.add_edge([node.__name__ for node in nodes], "join")
    return graph


def two_in_a_node(saver):
    return chain(asks("both", "one?", "two?"), works("done")).compile(checkpointer=saver)


def one_after_another(saver):
    return chain(asks("first", "one?"), works("between"), asks("second", "two?")).compile(checkpointer=saver)


def parallel(saver):
    return fan(asks("a", "a?"), asks("b", "b?"), works("c")).compile(checkpointer=saver)


def parallel_with_two_in_one(saver):
    return fan(asks("a", "a1?", "a2?"), asks("b", "b?")).compile(checkpointer=saver)


def in_subgraph(saver):
    inner = chain(works("before"), asks("both", "one?", "two?"), works("after")).compile()
    graph = StateGraph(State)
    graph.add_node("outer", inner)
    graph.add_node("done", works("done"))
    graph.add_edge(START, "outer")
    graph.add_edge("outer", "done")
    return graph.compile(checkpointer=saver)


def parallel_subgraphs(saver):
    graph = StateGraph(State)
    for name in ("left", "right"):
        graph.add_node(name, chain(asks(f"ask-{name}", f"{name}?"), works(f"after-{name}")).compile())
        graph.add_edge(START, name)
    graph.add_node("join", works("join"))
    graph.add_edge(["left", "right"], "join")
    return graph.compile(checkpointer=saver)


def sends(saver):
    def assess(state: State) -> State:
        question = f"item {state['item']}?"
        answered = f"{question}={interrupt(question)}"
        note(f"assess {question}")
        return {"log": [answered]}

    graph = StateGraph(State)
    graph.add_node("split", works("split"))
    graph.add_node("assess", assess)
    graph.add_node("done", works("done"))
    graph.add_edge(START, "split")
    graph.add_conditional_edges("split", lambda state: [Send("assess", {"item": i}) for i in range(2)], ["assess"])
    graph.add_edge("assess", "done")
    return graph.compile(checkpointer=saver)


def functional(saver):
    @task
    def check(name: str) -> str:
        answered = f"{name}={interrupt(name)}"
        note("check")
        return answered

    @task
    def post(name: str) -> str:
        note("post")
        return f"posted {name}"

    @entrypoint(checkpointer=saver)
    def flow(given: State) -> dict[str, Any]:
        log = [check("one?").result(), post("one?").result(), f"two?={interrupt('two?')}"]
        return {"log": log}

    return flow


def breakpoints(saver):
    """Pauses before two parallel nodes, and after the one that follows them."""
    graph = StateGraph(State)
    for name in ("start", "a", "b", "join", "done"):
        graph.add_node(name, works(name))
    graph.add_edge(START, "start")
    graph.add_edge("start", "a")
    graph.add_edge("start", "b")
    graph.add_edge(["a", "b"], "join")
    graph.add_edge("join", "done")
    return graph.compile(checkpointer=saver, interrupt_before=["a", "b"], interrupt_after=["join"])


def question_then_breakpoint(saver):
    graph = chain(asks("ask", "one?"), works("pay"), works("done"))
    return graph.compile(checkpointer=saver, interrupt_before=["pay"])


def fails_later(saver):
    """Fails once in the node after the question."""

    def pay(state: State) -> State:
        note("pay")
        if once("pay"):
            raise ConnectionError("the bank is closed")
        return {"log": ["pay"]}

    return chain(asks("ask", "one?"), pay, works("done")).compile(checkpointer=saver)


def chokes(saver):
    """Chokes once on the answer, which LangGraph then stores: the question has to be asked again."""

    def ask(state: State) -> State:
        answer = interrupt("one?")
        note("ask")
        if once("ask"):
            raise ValueError("cannot use that")
        return {"log": [f"one?={answer}"]}

    return chain(ask, works("done")).compile(checkpointer=saver)


SHAPES = {
    make.__name__: make
    for make in (
        two_in_a_node,
        one_after_another,
        parallel,
        parallel_with_two_in_one,
        in_subgraph,
        parallel_subgraphs,
        sends,
        functional,
        breakpoints,
        question_then_breakpoint,
        fails_later,
        chokes,
    )
}
