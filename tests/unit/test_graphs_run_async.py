"""Every kind of graph pauses, resumes and ends under ``astream`` with the asynchronous SQLite saver, sync nodes too.

That is how `signoff.apply` runs them all; these tests guard the choice (langgraph 1.2.22).
"""

import asyncio
import operator
import time
from typing import Annotated

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.config import get_config, get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send, interrupt
from typing_extensions import TypedDict

CONFIG = {"configurable": {"thread_id": "t"}}


class State(TypedDict):
    log: Annotated[list, operator.add]


def flow(*nodes, state=State):
    return StateGraph(state).add_sequence(nodes).add_edge(START, nodes[0].__name__).compile()


def sync_node():
    def ask(state):
        return {"log": [interrupt("first?"), interrupt("second?")]}

    return flow(ask)


def async_node():
    async def ask(state):
        first = interrupt("first?")
        await asyncio.sleep(0)
        return {"log": [first, interrupt("second?")]}

    return flow(ask)


def mixed_nodes():
    def ask(state):
        return {"log": [interrupt("first?")]}

    async def ask_again(state):
        return {"log": [interrupt("second?")]}

    return flow(ask, ask_again)


def sync_node_that_blocks_and_looks_around():
    def ask(state):
        time.sleep(0.01)
        get_stream_writer()("looking")
        assert get_config()["configurable"]["thread_id"] == "t"
        return {"log": [interrupt("first?"), interrupt("second?")]}

    return flow(ask)


def sync_node_with_a_loop_of_its_own():
    def ask(state):
        asyncio.run(asyncio.sleep(0))
        return {"log": [interrupt("first?"), interrupt("second?")]}

    return flow(ask)


def parallel_sends():
    def ask(state):
        return {"log": [interrupt(state["question"])]}

    def fan_out(state):
        return [Send("ask", {"question": question}) for question in ("first?", "second?")]

    return StateGraph(State).add_node(ask).add_conditional_edges(START, fan_out, ["ask"]).compile()


def subgraph_as_a_node():
    return StateGraph(State).add_node("inner", sync_node()).add_edge(START, "inner").compile()


def subgraph_invoked_by_a_sync_node():
    inner = sync_node()

    def ask(state):
        return inner.invoke({"log": []})

    return flow(ask)


def subgraph_awaited_by_an_async_node():
    inner = async_node()

    async def ask(state):
        return await inner.ainvoke({"log": []})

    return flow(ask)


def sync_entrypoint():
    @entrypoint()
    def ask(given):
        return {"log": [interrupt("first?"), interrupt("second?")]}

    return ask


def async_entrypoint():
    @entrypoint()
    async def ask(given):
        return {"log": [interrupt("first?"), interrupt("second?")]}

    return ask


def sync_entrypoint_with_sync_tasks():
    @task
    def question(text):
        return interrupt(text)

    @entrypoint()
    def ask(given):
        return {"log": [question("first?").result(), question("second?").result()]}

    return ask


def async_entrypoint_with_async_tasks():
    @task
    async def question(text):
        return interrupt(text)

    @entrypoint()
    async def ask(given):
        return {"log": [await question("first?"), await question("second?")]}

    return ask


def async_entrypoint_with_sync_tasks():
    @task
    def question(text):
        return interrupt(text)

    @entrypoint()
    async def ask(given):
        return {"log": [await question("first?"), await question("second?")]}

    return ask


def sync_entrypoint_with_async_tasks():
    @task
    async def question(text):
        return interrupt(text)

    @entrypoint()
    def ask(given):
        return {"log": [question("first?").result(), question("second?").result()]}

    return ask


def sync_node_that_calls_tasks():
    @task
    def question(text):
        return interrupt(text)

    def ask(state):
        return {"log": [question("first?").result(), question("second?").result()]}

    return flow(ask)


KINDS = [
    sync_node,
    async_node,
    mixed_nodes,
    sync_node_that_blocks_and_looks_around,
    sync_node_with_a_loop_of_its_own,
    parallel_sends,
    subgraph_as_a_node,
    subgraph_invoked_by_a_sync_node,
    subgraph_awaited_by_an_async_node,
    sync_entrypoint,
    async_entrypoint,
    sync_entrypoint_with_sync_tasks,
    async_entrypoint_with_async_tasks,
    async_entrypoint_with_sync_tasks,
    sync_entrypoint_with_async_tasks,
    sync_node_that_calls_tasks,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_pauses_and_resumes_under_astream(kind, tmp_path):
    final, questions = asyncio.run(answer_all(kind(), tmp_path / "checkpoints.sqlite"))

    assert sorted(questions) == ["first?", "second?"]
    assert sorted(final["log"]) == ["answer to first?", "answer to second?"]


async def answer_all(graph, path):
    """Run the graph to its end, each step in a saver of its own; return the final values and what it asked."""
    given, questions, values = {"log": []}, [], None
    while True:
        async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
            running = graph.copy({"checkpointer": saver})
            async for mode, chunk in running.astream(given, CONFIG, stream_mode=["tasks", "values"], durability="sync"):
                values = chunk if mode == "values" else values
            state = await running.aget_state(CONFIG)
        if not state.interrupts:
            return values, questions
        asked = state.interrupts[0]
        questions.append(asked.value)
        given = Command(resume={asked.id: f"answer to {asked.value}"})
