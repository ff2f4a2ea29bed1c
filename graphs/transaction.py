"""Payments: up to 10,000 they are booked at once, above that a person decides first, within five days."""

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

LIMIT = 10_000


class Transaction(TypedDict):
    reference: str
    customer: str
    amount: float
    currency: str
    reason: str
    approved: bool
    note: str
    status: str


class Approval(BaseModel):
    """What a reviewer decides about a payment."""

    approved: bool = Field(title="Approve the payment")
    note: str = Field(default="", title="Note for the file", max_length=500)


def approve_payment(state: Transaction) -> dict:
    if state["amount"] <= LIMIT:
        return {"approved": True, "note": f"within the limit of {LIMIT:,}"}
    answer = interrupt(
        {
            "title": f"Approve {state['amount']:,.2f} {state['currency']} for {state['customer']}?",
            "description": f"Payments above {LIMIT:,} need a second pair of eyes.",
            "priority": "urgent" if state["amount"] > 100_000 else "high",
            "timeout": "P5D",
            "on_timeout": "reject",
            "business_key": state["reference"],
            "tags": ["payments", state["currency"]],
            "customer": state["customer"],
            "amount": state["amount"],
            "reason": state["reason"],
        },
        response_schema=Approval,
    )
    return {"approved": answer.approved, "note": answer.note}


def post_to_ledger(reference: str, amount: float) -> str:
    """Stand in for the bank's booking service."""
    return f"booked as {reference} over {amount:,.2f}"


def book_payment(state: Transaction) -> dict:
    return {"status": post_to_ledger(state["reference"], state["amount"])}


def decline_payment(state: Transaction) -> dict:
    return {"status": f"declined: {state['note'] or 'no reason given'}"}


def decided(state: Transaction) -> str:
    return "book_payment" if state["approved"] else "decline_payment"


graph = (
    StateGraph(Transaction)
    .add_node(approve_payment)
    .add_node(book_payment)
    .add_node(decline_payment)
    .add_edge(START, "approve_payment")
    .add_conditional_edges("approve_payment", decided, ["book_payment", "decline_payment"])
    .add_edge("book_payment", END)
    .add_edge("decline_payment", END)
    .compile()
)
