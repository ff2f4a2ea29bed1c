"""Customer data is about to be erased: a static pause before the step that cannot be undone."""

from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict


class Erasure(TypedDict):
    subject: str
    requested_by: str
    systems: list[str]
    records: dict[str, int]
    erased: int


def find_records(state: Erasure) -> dict:
    """Count what would go, system by system; the names stand in for real look-ups."""
    return {"records": {system: 3 * len(system) for system in state["systems"]}}


def delete_records(state: Erasure) -> dict:
    return {"erased": sum(state["records"].values())}


graph = (
    StateGraph(Erasure)
    .add_sequence([find_records, delete_records])
    .add_edge(START, "find_records")
    .add_edge("delete_records", END)
    .compile(interrupt_before=["delete_records"])
)
