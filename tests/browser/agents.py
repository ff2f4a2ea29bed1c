"""Graphs that pause in the dialects of the field: LangChain's middleware in both modes, or with any payload."""

from typing import Any, TypedDict

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

CALLS = [
    {"name": "send_email", "args": {"to": "ada", "copies": 2}, "id": "c1"},
    {"name": "drop_table", "args": {"table": "orders"}, "id": "c2"},
    {"name": "ask_boss", "args": {"question": "Now?"}, "id": "c3"},
]


class Model(BaseChatModel):
    """Calls three tools at once, and is done when they have answered."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any) -> ChatResult:
        answered = any(isinstance(message, ToolMessage) for message in messages)
        said = AIMessage("done") if answered else AIMessage("", tool_calls=CALLS)
        return ChatResult(generations=[ChatGeneration(message=said)])

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self


@tool
def send_email(to: str, copies: int = 1) -> str:
    """Send an email."""
    return f"sent to={to!r} copies={copies!r}"


@tool
def drop_table(table: str) -> str:
    """Drop a table."""
    return f"dropped {table}"


@tool
def ask_boss(question: str) -> str:
    """Ask the boss."""
    return f"nobody answered {question}"


def _agent(mode: Any) -> Any:
    asked = {"send_email": True, "drop_table": {"allowed_decisions": ["approve", "reject"]}, "ask_boss": True}
    review = HumanInTheLoopMiddleware(asked, interrupt_mode=mode)
    return create_agent(Model(), tools=[send_email, drop_table, ask_boss], middleware=[review])


class Asked(TypedDict, total=False):
    payload: Any
    answer: Any


def ask(state: Asked) -> Asked:
    return {"answer": interrupt(state["payload"])}


batched, per_call = _agent("batched"), _agent("per_call")
asking = StateGraph(Asked).add_node("ask", ask).add_edge(START, "ask").compile()
