"""Three plain questions, one after the other, each answer into its own field of the state."""

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict


class Intake(TypedDict):
    request: str
    approval: Any
    address: str
    budget: Any
    summary: str


def ask_approval(_state: Intake) -> dict:
    return {"approval": interrupt("Do you approve it?")}


def ask_address(_state: Intake) -> dict:
    return {"address": interrupt("What is your address?")}


def ask_budget(_state: Intake) -> dict:
    return {"budget": interrupt("What is your budget?")}


def summarise_intake(state: Intake) -> dict:
    told = f"approval {state['approval']}, deliver to {state['address']}, budget {state['budget']}"
    return {"summary": f"{state['request']}: {told}"}


graph = (
    StateGraph(Intake)
    .add_sequence([ask_approval, ask_address, ask_budget, summarise_intake])
    .add_edge(START, "ask_approval")
    .add_edge("summarise_intake", END)
    .compile()
)
