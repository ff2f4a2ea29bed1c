"""Credit applications: a risk score above 0.8 goes to an analyst, the rest is accepted by the machine.

Asks the way LangGraph's own tutorials do: a plain dict, no schema, answered with ``{"approved": …, "notes": …}``, or
with a bare yes or no.
"""

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

THRESHOLD = 0.8


class Application(TypedDict):
    applicant: str
    exposure: float
    risk_score: float
    signals: list[str]
    accepted: bool
    analyst_notes: str
    outcome: str


def assess_risk(state: Application) -> dict:
    if state["risk_score"] <= THRESHOLD:
        return {"accepted": True, "analyst_notes": "accepted automatically"}
    answer = interrupt(
        {
            "question": f"Accept {state['applicant']} despite a risk score of {state['risk_score']:.2f}?",
            "details": {
                "exposure": state["exposure"],
                "risk_score": state["risk_score"],
                "signals": state["signals"],
            },
        }
    )
    if not isinstance(answer, dict):
        answer = {"approved": answer in (True, "yes")}
    return {"accepted": answer["approved"], "analyst_notes": answer.get("notes", "")}


def open_account(state: Application) -> dict:
    return {"outcome": "account opened" if state["accepted"] else "application refused"}


graph = (
    StateGraph(Application)
    .add_sequence([assess_risk, open_account])
    .add_edge(START, "assess_risk")
    .add_edge("open_account", END)
    .compile()
)
