"""Every example graph runs from its input through all its questions to its end."""

import importlib.util
import json
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import is_invalid_resume
from langgraph.types import Command

ROOT = Path(__file__).parents[2]
CONFIG = {"configurable": {"thread_id": "t"}}


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "graphs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Thread:
    """One thread of an example graph, kept in memory."""

    def __init__(self, name, values):
        self.graph = load(name).graph.copy({"checkpointer": InMemorySaver()})
        self.graph.invoke(values, CONFIG)

    @property
    def state(self):
        return self.graph.get_state(CONFIG)

    @property
    def asked(self):
        return [interrupt.value for interrupt in self.state.interrupts]

    @property
    def schema(self):
        [interrupt] = self.state.interrupts
        return interrupt.response_schema

    def answer(self, value, at=0):
        return self.graph.invoke(Command(resume={self.state.interrupts[at].id: value}), CONFIG)

    def go_on(self):
        return self.graph.invoke(None, CONFIG)


PAYMENT = {"reference": "TX-1", "customer": "Ada Ltd", "amount": 25_000.0, "currency": "EUR", "reason": "invoice 7"}
APPLICATION = {"applicant": "Ada Ltd", "exposure": 90_000.0, "risk_score": 0.93, "signals": ["new director"]}
ORDER = {
    "number": "PO-1",
    "supplier": "Bolt & Co",
    "requested_by": "Ada",
    "needed_by": "2030-01-02T12:00:00+00:00",
    "lines": [{"sku": "B-8", "description": "Bolt M8", "quantity": 1000, "unit_price": 0.05}],
}
CLAIM = {
    "claim_number": "C-1",
    "claimant": "Ada",
    "loss": "Collision",
    "claimed": 5_000.0,
    "reported_on": "2030-01-02",
    "fields": ["vehicle", "medical"],
    "assessments": [],
}
CONTRACT = {
    "title": "Lease",
    "counterparty": "Ada Ltd",
    "value": 10.0,
    "clauses": {"rent": "monthly", "payment": "30 days"},
}
COMPLAINT = {"messages": [HumanMessage("I am ada@example.com. My order 88213 arrived broken, it cost 1240.00 EUR.")]}


def test_a_small_payment_is_booked_without_asking():
    thread = Thread("transaction", PAYMENT | {"amount": 10_000.0})

    assert not thread.state.next
    assert thread.state.values["status"] == "booked as TX-1 over 10,000.00"


@pytest.mark.parametrize(
    ("approved", "status"), [(True, "booked as TX-1 over 25,000.00"), (False, "declined: not our invoice")]
)
def test_a_large_payment_follows_the_decision(approved, status):
    thread = Thread("transaction", PAYMENT)

    final = thread.answer({"approved": approved, "note": "not our invoice"})

    assert final["status"] == status


def test_an_answer_that_does_not_fit_leaves_the_question_open():
    thread = Thread("transaction", PAYMENT)

    with pytest.raises(ValueError, match="approved") as refused:
        thread.answer({"approved": "perhaps"})

    assert is_invalid_resume(refused.value)
    assert thread.answer({"approved": True})["approved"]


@pytest.mark.parametrize(("approved", "outcome"), [(True, "account opened"), (False, "application refused")])
def test_a_risky_application_follows_the_analyst(approved, outcome):
    thread = Thread("risk_review", APPLICATION)

    final = thread.answer({"approved": approved, "notes": "seen the books"})

    assert (final["outcome"], final["analyst_notes"]) == (outcome, "seen the books")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (True, "account opened"),
        ("yes", "account opened"),
        (False, "application refused"),
        ("no", "application refused"),
    ],
)
def test_a_risky_application_understands_a_bare_yes_or_no(answer, outcome):
    assert Thread("risk_review", APPLICATION).answer(answer)["outcome"] == outcome


def test_a_risk_of_exactly_the_threshold_asks_nobody():
    assert Thread("risk_review", APPLICATION | {"risk_score": 0.8}).state.values["outcome"] == "account opened"


def test_an_article_waits_after_its_draft_and_is_published_as_edited():
    thread = Thread("publishing", {"topic": "Spring prices", "author": "Ada", "points": ["one", "two"]})
    assert (thread.state.next, thread.asked) == (("publish_article",), [])

    thread.graph.update_state(CONFIG, {"draft": "better"})
    final = thread.go_on()

    assert (final["draft"], final["url"]) == ("better", "https://news.example.com/spring-prices")


def test_nothing_is_deleted_before_somebody_says_so():
    thread = Thread("deletion", {"subject": "Ada", "requested_by": "Bo", "systems": ["crm", "mail"]})
    assert thread.state.next == ("delete_records",)
    assert "erased" not in thread.state.values

    assert thread.go_on()["erased"] == 21


def test_intake_asks_three_plain_questions_each_into_its_own_field():
    thread = Thread("intake", {"request": "standing desk"})
    questions = []
    for value in (True, "1 Main St", "800 EUR"):
        questions += thread.asked
        final = thread.answer(value)

    assert questions == ["Do you approve it?", "What is your address?", "What is your budget?"]
    assert (final["approval"], final["address"], final["budget"]) == (True, "1 Main St", "800 EUR")
    assert final["summary"] == "standing desk: approval True, deliver to 1 Main St, budget 800 EUR"


def test_a_purchase_order_is_corrected_then_released():
    thread = Thread("purchase_order", ORDER)
    corrected = [ORDER["lines"][0] | {"quantity": 500}]

    thread.answer({"decision": "approve", "lines": corrected})
    final = thread.answer({"released": True, "cost_centre": "4200 Office"})

    assert (final["lines"], final["total"], final["cost_centre"]) == (corrected, 25.0, "4200 Office")
    assert final["status"] == "sent to Bolt & Co"


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([{"decision": "reject", "lines": ORDER["lines"], "comment": "too many"}], "rejected: too many"),
        (
            [
                {"decision": "approve", "lines": ORDER["lines"]},
                {"released": False, "cost_centre": "4300 IT"},
            ],
            "rejected: no budget",
        ),
    ],
)
def test_a_purchase_order_can_be_rejected_at_either_approval(answers, status):
    thread = Thread("purchase_order", ORDER)

    for answer in answers:
        final = thread.answer(answer)

    assert final["status"] == status


def test_assessors_are_asked_together_and_answer_in_any_order():
    thread = Thread("insurance_claim", CLAIM)
    assert [asked["due_at"][:10] for asked in thread.asked] == ["2030-01-16", "2030-01-30"]

    thread.answer({"covered": "partly", "amount": 1_500, "inspected_on": "2030-01-09"}, at=1)
    assert len(thread.asked) == 1
    final = thread.answer({"covered": "yes", "amount": 2_000})

    assert sorted(found["field"] for found in final["assessments"]) == ["medical", "vehicle"]
    assert final["payout"] == 3_500


def test_a_contract_is_reviewed_inside_its_subgraph():
    thread = Thread("contract", CONTRACT)
    clauses = ["rent", "payment", "liability", "termination", "confidentiality"]
    assert thread.schema["properties"]["accepted_clauses"]["items"]["enum"] == clauses

    final = thread.answer({"decision": "renegotiate", "accepted_clauses": clauses[:4], "changes": "mutual NDA"})

    assert final["status"] == "renegotiate; not accepted: confidentiality"
    assert final["review"]["changes"] == "mutual NDA"


EDITED = {"name": "issue_refund", "args": {"order": "88213", "amount": 100.0}}


@pytest.mark.parametrize(
    ("decision", "content", "status"),
    [
        ({"type": "approve"}, "Refunded 1240.00 EUR for order 88213.", "success"),
        ({"type": "edit", "edited_action": EDITED}, "Refunded 100.00 EUR for order 88213.", "success"),
        ({"type": "reject", "message": "ask for a photo"}, "ask for a photo", "error"),
        ({"type": "reject"}, "The reviewer rejected issue_refund.", "error"),
        ({"type": "respond", "message": "refunded by hand"}, "refunded by hand", "success"),
    ],
)
def test_a_tool_call_does_what_its_reviewer_decided(decision, content, status):
    thread = Thread("tool_agent", COMPLAINT)

    final = thread.answer({"decisions": [decision, {"type": "approve"}]})

    said = {message.name: message for message in final["messages"] if isinstance(message, ToolMessage)}
    assert (said["issue_refund"].content, said["issue_refund"].status) == (content, status)
    assert said["send_email"].content.startswith("Sent 'Order 88213'")
    assert isinstance(final["messages"][-1], AIMessage)
    assert content in final["messages"][-1].text


def test_an_edit_is_what_the_message_history_shows():
    thread = Thread("tool_agent", COMPLAINT)

    final = thread.answer({"decisions": [{"type": "edit", "edited_action": EDITED}, {"type": "approve"}]})

    [proposal] = [m for m in final["messages"] if isinstance(m, AIMessage) and m.tool_calls]
    assert proposal.tool_calls[0]["args"] == EDITED["args"]


def test_langgraph_json_names_every_example():
    listed = json.loads((ROOT / "langgraph.json").read_text())["graphs"]

    assert {name: load(name).graph is not None for name in listed} == dict.fromkeys(listed, True)
    assert len(listed) == 9
