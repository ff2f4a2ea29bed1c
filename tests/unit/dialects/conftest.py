"""Real pauses for the tests: agents with a scripted model, and one-node graphs that ask what a test gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypedDict

import pytest
from jsonschema import Draft202012Validator
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from signoff.dialects import Card, read_card

CONFIG = {"configurable": {"thread_id": "t"}}


class ScriptedModel(GenericFakeChatModel):
    def bind_tools(self, tools: Any, **_: Any) -> ScriptedModel:
        return self


@tool
def send_email(to: str, copies: int = 1, cc: list[str] | None = None) -> str:
    """Send an email."""
    return f"sent to={to!r} copies={copies!r} cc={cc!r}"


@tool
def drop_table(table: str) -> str:
    """Drop a table."""
    return f"dropped {table}"


@tool
def ask_boss(question: str) -> str:
    """Ask the boss."""
    return f"nobody answered {question}"


CALLS = [
    {"name": "send_email", "args": {"to": "ada", "copies": 2}, "id": "c1"},
    {"name": "drop_table", "args": {"table": "orders"}, "id": "c2"},
    {"name": "ask_boss", "args": {"question": "Now?"}, "id": "c3"},
]


class PausedAgent:
    """An agent that has called three tools at once and waits for its reviewer."""

    def __init__(self, mode: str) -> None:
        model = ScriptedModel(messages=iter([AIMessage("", tool_calls=CALLS), AIMessage("done")]))
        review = HumanInTheLoopMiddleware(
            {"send_email": True, "drop_table": {"allowed_decisions": ["approve", "reject"]}, "ask_boss": True},
            interrupt_mode=mode,
        )
        tools = [send_email, drop_table, ask_boss]
        self.graph = create_agent(model, tools=tools, middleware=[review], checkpointer=InMemorySaver())
        self.graph.invoke({"messages": [("user", "Go")]}, CONFIG)

    @property
    def cards(self) -> dict[str, Card]:
        """The cards of what is open, by interrupt id."""
        return {one.id: self._card(one) for one in self.graph.get_state(CONFIG).interrupts}

    def answer(self, answers: dict[str, Any]) -> dict[str, ToolMessage]:
        """Send answers by interrupt id through their cards; return the tool messages by the call they answer."""
        cards = self.cards
        self.graph.invoke(Command(resume={key: cards[key].resume(answer) for key, answer in answers.items()}), CONFIG)
        state = self.graph.get_state(CONFIG)
        assert not state.next
        return {one.tool_call_id: one for one in state.values["messages"] if isinstance(one, ToolMessage)}

    def _card(self, one: Any) -> Card:
        return read_card(one.value, response_schema=one.response_schema, node="tools")


@pytest.fixture
def paused_agent() -> Callable[[str], PausedAgent]:
    return PausedAgent


class Answered(TypedDict, total=False):
    answer: Any


@pytest.fixture
def asked() -> Callable[..., tuple[Card, Callable[[Any], Any]]]:
    """Pause a real graph on a payload; return its card, and a function that answers and returns what the node got."""

    def ask(payload: Any, **keywords: Any) -> tuple[Card, Callable[[Any], Any]]:
        def node(state: Answered) -> Answered:
            return {"answer": interrupt(payload, **keywords)}

        graph = StateGraph(Answered).add_node("ask", node).add_edge(START, "ask").add_edge("ask", END)
        app = graph.compile(checkpointer=InMemorySaver())
        app.invoke({}, CONFIG)
        [pause] = app.get_state(CONFIG).interrupts
        card = read_card(pause.value, response_schema=pause.response_schema, node="ask")
        return card, lambda answer: app.invoke(Command(resume={pause.id: card.resume(answer)}), CONFIG)["answer"]

    return ask


@pytest.fixture
def accepts() -> Iterator[Callable[[Any, Any], bool]]:
    """Tell whether a schema accepts a value."""
    return lambda schema, value: Draft202012Validator(schema).is_valid(value)
