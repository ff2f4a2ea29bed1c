"""An insurance claim: several assessors are asked at the same time and answer when they can, over weeks."""

import operator
from datetime import date, timedelta
from typing import Annotated, Literal, NotRequired

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt
from pydantic import Field
from typing_extensions import TypedDict

DAYS_TO_ASSESS = {"vehicle": 14, "medical": 28, "liability": 21, "property": 14}


class Claim(TypedDict):
    claim_number: str
    claimant: str
    loss: str
    claimed: float
    reported_on: str
    fields: list[str]
    assessments: Annotated[list[dict], operator.add]
    payout: float


class Assignment(TypedDict):
    """What one assessor is given."""

    field: str
    claim_number: str
    claimant: str
    loss: str
    claimed: float
    reported_on: str


class Assessment(TypedDict):
    """What one assessor finds."""

    covered: Annotated[Literal["yes", "partly", "no"], Field(title="Is the loss covered?")]
    amount: Annotated[float, Field(title="Amount to pay (EUR)", ge=0)]
    inspected_on: NotRequired[Annotated[date, Field(title="Inspected on")]]
    remarks: NotRequired[str]


def assign_assessors(state: Claim) -> list[Send]:
    known = {key: state[key] for key in ("claim_number", "claimant", "loss", "claimed", "reported_on")}
    return [Send("assess_claim", {"field": field, **known}) for field in state["fields"]]


def assess_claim(state: Assignment) -> dict:
    field = state["field"]
    due = date.fromisoformat(state["reported_on"]) + timedelta(days=DAYS_TO_ASSESS[field])
    answer = interrupt(
        {
            "title": f"{field.capitalize()} assessment of {state['claim_number']}",
            "description": state["loss"],
            "due_at": f"{due}T17:00:00+00:00",
            "groups": [f"{field}-assessors"],
            "business_key": state["claim_number"],
            "tags": ["claims", field],
            "claimant": state["claimant"],
            "claimed": state["claimed"],
        },
        response_schema=Assessment,
    )
    inspected_on = answer.get("inspected_on")
    return {"assessments": [{**answer, "field": field, "inspected_on": inspected_on and inspected_on.isoformat()}]}


def settle_claim(state: Claim) -> dict:
    covered = [found["amount"] for found in state["assessments"] if found["covered"] != "no"]
    return {"payout": min(sum(covered), state["claimed"])}


graph = (
    StateGraph(Claim)
    .add_node(assess_claim)
    .add_node(settle_claim)
    .add_conditional_edges(START, assign_assessors, ["assess_claim"])
    .add_edge("assess_claim", "settle_claim")
    .add_edge("settle_claim", END)
    .compile()
)
