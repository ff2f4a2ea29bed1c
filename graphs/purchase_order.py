"""A purchase order needs two approvals in sequence: the buyer corrects its lines, then the budget is released."""

from typing import Annotated, Literal

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

CostCentre = Literal["4100 Workshop", "4200 Office", "4300 IT"]


class Order(TypedDict):
    number: str
    supplier: str
    requested_by: str
    needed_by: str
    lines: list[dict]
    total: float
    cost_centre: str
    status: str


class Line(BaseModel):
    sku: str = Field(title="SKU", min_length=1)
    description: str
    quantity: int = Field(ge=1)
    unit_price: float = Field(title="Unit price", ge=0)


class LineReview(BaseModel):
    """What the buyer decides: quantities and prices may be corrected, lines added or taken out."""

    decision: Literal["approve", "reject"]
    lines: list[Line] = Field(min_length=1)
    comment: str = ""


class BudgetRelease(TypedDict):
    """What the budget's owner decides."""

    released: Annotated[bool, Field(title="Release the budget")]
    cost_centre: Annotated[CostCentre, Field(title="Charge to")]


def review_lines(state: Order) -> Command[Literal["release_budget", "reject_order"]]:
    answer = interrupt(
        {
            "title": f"Check the lines of {state['number']} from {state['supplier']}",
            "description": f"Requested by {state['requested_by']}. Correct quantities before you approve.",
            "due_at": state["needed_by"],
            "business_key": state["number"],
            "requested_by": state["requested_by"],
            "tags": ["purchasing"],
            "lines": state["lines"],
        },
        response_schema=LineReview,
    )
    if answer.decision == "reject":
        return Command(goto="reject_order", update={"status": answer.comment})
    lines = [line.model_dump() for line in answer.lines]
    total = sum(line["quantity"] * line["unit_price"] for line in lines)
    return Command(goto="release_budget", update={"lines": lines, "total": round(total, 2)})


def release_budget(state: Order) -> Command[Literal["send_order", "reject_order"]]:
    answer = interrupt(
        {
            "title": f"Release {state['total']:,.2f} EUR for {state['number']}?",
            "priority": "high" if state["total"] > 5_000 else "normal",
            "due_at": state["needed_by"],
            "business_key": state["number"],
            "tags": ["purchasing", "budget"],
            "supplier": state["supplier"],
            "lines": state["lines"],
        },
        response_schema=BudgetRelease,
    )
    if not answer["released"]:
        return Command(goto="reject_order", update={"status": "no budget"})
    return Command(goto="send_order", update={"cost_centre": answer["cost_centre"]})


def send_order(state: Order) -> dict:
    return {"status": f"sent to {state['supplier']}"}


def reject_order(state: Order) -> dict:
    return {"status": f"rejected: {state['status'] or 'no comment'}"}


graph = (
    StateGraph(Order)
    .add_node(review_lines)
    .add_node(release_budget)
    .add_node(send_order)
    .add_node(reject_order)
    .add_edge(START, "review_lines")
    .add_edge("send_order", END)
    .add_edge("reject_order", END)
    .compile()
)
