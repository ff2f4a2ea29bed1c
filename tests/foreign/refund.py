from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict):
    order_id: str
    amount: float
    approved: bool
    result: str


def check_policy(state: State):
    if state["amount"] < 50:
        return {"approved": True}
    approved = interrupt({"question": "Approve this refund?", "order_id": state["order_id"], "amount": state["amount"]})
    return {"approved": approved}


def pay(state: State):
    return {"result": f"refunded {state['amount']}" if state["approved"] else "refused"}


builder = StateGraph(State)
builder.add_node("check_policy", check_policy)
builder.add_node("pay", pay)
builder.add_edge(START, "check_policy")
builder.add_edge("check_policy", "pay")
builder.add_edge("pay", END)

graph = builder.compile()
