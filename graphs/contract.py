"""A contract: legal review is a graph of its own inside the larger one; clauses are ticked, and what else is asked
depends on the decision (JSON Schema ``if``/``then``)."""

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

STANDARD_CLAUSES = ("liability", "payment", "termination", "confidentiality")


class Contract(TypedDict):
    title: str
    counterparty: str
    value: float
    clauses: dict[str, str]
    review: dict
    status: str


def review_schema(clauses: dict[str, str]) -> dict:
    """Return the JSON Schema of the answer; LangGraph publishes a dict schema as it is and does not check it."""
    return {
        "type": "object",
        "properties": {
            "accepted_clauses": {
                "title": "Clauses you accept",
                "type": "array",
                "uniqueItems": True,
                "items": {"enum": list(clauses)},
            },
            "decision": {"enum": ["sign", "renegotiate", "walk away"]},
        },
        "required": ["accepted_clauses", "decision"],
        "allOf": [
            {
                "if": {"properties": {"decision": {"const": "renegotiate"}}, "required": ["decision"]},
                "then": {
                    "properties": {
                        "changes": {"title": "Changes to ask for", "type": "string", "minLength": 1},
                        "reply_by": {"title": "Reply expected by", "type": "string", "format": "date"},
                    },
                    "required": ["changes"],
                },
            },
            {
                "if": {"properties": {"decision": {"const": "walk away"}}, "required": ["decision"]},
                "then": {
                    "properties": {"grounds": {"title": "Grounds", "type": "string", "minLength": 1}},
                    "required": ["grounds"],
                },
            },
        ],
    }


def review_clauses(state: Contract) -> dict:
    answer = interrupt(
        {
            "title": f"Legal review: {state['title']} with {state['counterparty']}",
            "priority": "high" if state["value"] >= 250_000 else "normal",
            "groups": ["legal"],
            "counterparty": state["counterparty"],
            "value": state["value"],
            "clauses": state["clauses"],
        },
        response_schema=review_schema(state["clauses"]),
    )
    return {"review": answer}


legal_review = (
    StateGraph(Contract)
    .add_node(review_clauses)
    .add_edge(START, "review_clauses")
    .add_edge("review_clauses", END)
    .compile()
)


def check_completeness(state: Contract) -> dict:
    missing = [clause for clause in STANDARD_CLAUSES if clause not in state["clauses"]]
    return {"clauses": state["clauses"] | dict.fromkeys(missing, "MISSING: our standard text applies")}


def close_review(state: Contract) -> dict:
    review = state["review"]
    refused = [clause for clause in state["clauses"] if clause not in review["accepted_clauses"]]
    return {"status": f"{review['decision']}; not accepted: {', '.join(refused) or 'none'}"}


graph = (
    StateGraph(Contract)
    .add_node(check_completeness)
    .add_node("legal_review", legal_review)
    .add_node(close_review)
    .add_edge(START, "check_completeness")
    .add_edge("check_completeness", "legal_review")
    .add_edge("legal_review", "close_review")
    .add_edge("close_review", END)
    .compile()
)
