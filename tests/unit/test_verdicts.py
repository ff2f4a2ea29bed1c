"""What an answer says, in every dialect: yes, yes with changes, no, or something else."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.dialects import Rule, read_card
from signoff.dialects.trouble import breakpoint_card
from signoff.verdicts import Verdict

PAYLOADS = json.loads((Path(__file__).parent / "dialects" / "payloads.json").read_text())
APPROVED, EDITED, REJECTED, ANSWERED, MIXED = Verdict

ONE = {"action_requests": [{"name": "send", "args": {"to": "a", "n": 1}}], "review_configs": []}
TWO = {"action_requests": [*ONE["action_requests"], {"name": "refund", "args": {}}], "review_configs": []}
CAMEL = {"actionRequests": [{"name": "send", "args": {"n": 1}}], "reviewConfigs": []}
CALL = {"type": "tool_approval", "tool_call_id": "c", "name": "send", "args": {"n": 1}}
INBOX = {"action_request": {"action": "send", "args": {"n": 1}}, "config": {}, "description": None}
ELICITED = {"message": "Your name?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}}}
CONSENT = {"mode": "url", "message": "Open?", "url": "https://example.org", "elicitationId": "1"}
AGUI = {
    "message": "Send?",
    "args": {"n": 1},
    "responseSchema": {
        "type": "object",
        "properties": {"approved": {"type": "boolean"}, "editedArgs": {"type": "object"}},
    },
}
COPILOT = {"__copilotkit_interrupt_value__": {"action": "send", "args": {"n": 1}}, "__copilotkit_messages__": []}
ASK = {"type": "ask_user", "questions": [{"question": "Which?", "type": "text"}]}
DRAFT = {"instruction": "Edit the draft", "draft": "Dear all"}
TOOL = {"action": "refund", "args": {"amount": 5}, "message": "Do you approve?"}
FACTS = {"action": "send_email", "to": "a@b.c", "message": "Approve sending this email?"}
NATIVE = {
    "type": "object",
    "properties": {"decision": {"enum": ["approve", "reject"]}, "lines": {"type": "array"}, "note": {"type": "string"}},
}
LINES = {"title": "Order", "lines": [1, 2]}


def edit(**args):
    return {"type": "edit", "edited_action": {"name": "send", "args": args}}


TABLE = [
    (ONE, {"decisions": [{"type": "approve"}]}, APPROVED, "send approved"),
    (ONE, {"decisions": [edit(to="a", n=1)]}, APPROVED, "send approved"),
    (ONE, {"decisions": [edit(to="b", n=1)]}, EDITED, "send edited"),
    (ONE, {"decisions": [edit(to="a", n=True)]}, EDITED, "send edited"),
    (ONE, {"decisions": [{"type": "reject", "message": "no"}]}, REJECTED, "send rejected"),
    (ONE, {"decisions": [{"type": "respond", "message": "ask Bo"}]}, ANSWERED, "send answered"),
    (TWO, {"decisions": [{"type": "approve"}, {"type": "approve"}]}, APPROVED, "send approved, refund approved"),
    (TWO, {"decisions": [{"type": "approve"}, {"type": "reject"}]}, MIXED, "send approved, refund rejected"),
    (ONE, "what the raw editor sent", ANSWERED, ""),
    (CAMEL, {"decisions": [{"type": "approve"}]}, APPROVED, "send approved"),
    (
        CAMEL,
        {"decisions": [{"type": "edit", "editedAction": {"name": "send", "args": {"n": 2}}}]},
        EDITED,
        "send edited",
    ),
    (CALL, {"type": "approve"}, APPROVED, "send approved"),
    (CALL, edit(n=1), APPROVED, "send approved"),
    (CALL, edit(n=2), EDITED, "send edited"),
    (CALL, {"type": "reject"}, REJECTED, "send rejected"),
    (INBOX, [{"type": "accept", "args": None}], APPROVED, "send approved"),
    (INBOX, [{"type": "accept", "args": INBOX["action_request"]}], APPROVED, "send approved"),
    (INBOX, [{"type": "edit", "args": {"action": "send", "args": {"n": 1}}}], APPROVED, "send approved"),
    (INBOX, [{"type": "edit", "args": {"action": "send", "args": {"n": 2}}}], EDITED, "send edited"),
    (INBOX, [{"type": "response", "args": "later"}], ANSWERED, "send answered"),
    (INBOX, [{"type": "ignore", "args": None}], REJECTED, "send rejected"),
    (ELICITED, {"action": "accept", "content": {"name": "Ada"}}, ANSWERED, ""),
    (ELICITED, {"action": "decline"}, REJECTED, ""),
    (ELICITED, {"action": "cancel"}, REJECTED, ""),
    (CONSENT, {"action": "accept"}, APPROVED, ""),
    (AGUI, {"approved": True}, APPROVED, ""),
    (AGUI, {"approved": True, "editedArgs": {"n": 1}}, APPROVED, ""),
    (AGUI, {"approved": True, "editedArgs": {"n": 2}}, EDITED, ""),
    (AGUI, {"approved": False}, REJECTED, ""),
    (AGUI, {"__agui_cancelled__": True}, REJECTED, ""),
    (COPILOT, {"approved": True}, APPROVED, "send approved"),
    (COPILOT, "rather not today", ANSWERED, "send answered"),
    (ASK, {"type": "answered", "answers": ["the red one"]}, ANSWERED, ""),
    (ASK, {"type": "cancelled"}, REJECTED, ""),
    (DRAFT, "Dear all", APPROVED, ""),
    (DRAFT, "Dear team", EDITED, ""),
    (TOOL, {"approved": True}, APPROVED, "refund approved"),
    (TOOL, {"action": "continue"}, APPROVED, "refund approved"),
    (TOOL, {"action": "update", "data": {"amount": 4}}, EDITED, "refund edited"),
    (TOOL, {"action": "feedback", "data": "too much"}, ANSWERED, "refund answered"),
    (FACTS, {"action": "approve", "to": "a@b.c"}, APPROVED, ""),
    (FACTS, {"action": "approve", "to": "x@b.c"}, EDITED, ""),
    ("Proceed?", True, APPROVED, ""),
    ("Proceed?", "No", REJECTED, ""),
    ("Proceed?", {"approved": True, "notes": "matches the order"}, APPROVED, ""),
    ("Proceed?", {"approved": True, "limit": 500}, EDITED, ""),
    ("Your address?", "Hafenstr. 12", ANSWERED, ""),
    (17, 4, ANSWERED, ""),
]


@pytest.mark.parametrize(("payload", "resume", "whole", "calls"), TABLE)
def test_an_answer_is_judged_by_what_its_dialect_means(payload, resume, whole, calls):
    judgement = read_card(payload, response_schema=None, node="n").judged(resume)

    assert judgement.verdict is whole
    assert ", ".join(f"{call.tool} {call.verdict}" for call in judgement.calls) == calls


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"decision": "approve", "lines": [1, 2], "note": ""}, APPROVED),
        ({"decision": "approve", "lines": [1, 2], "note": "as ordered"}, APPROVED),
        ({"decision": "approve", "lines": [1]}, EDITED),
        ({"decision": "reject", "lines": [1, 2]}, REJECTED),
        ({"decision": "sign", "lines": [1, 2]}, ANSWERED),
        ({"decision": "sign", "lines": []}, EDITED),
        ({"lines": [1, 2]}, APPROVED),
    ],
)
def test_an_answer_to_a_declared_form_is_compared_with_what_the_form_began_with(answer, verdict):
    assert read_card(LINES, response_schema=NATIVE, node="n").judged(answer).verdict is verdict


def test_a_form_rule_proposes_its_prefill():
    rule = Rule(name="r", schema={"type": "object", "properties": {"ok": {}, "limit": {}}}, prefill={"limit": 5})
    card = read_card({"ask": 1}, response_schema=None, node="n", rules=[rule])

    assert card.judged({"ok": True, "limit": 5}).verdict is APPROVED
    assert card.judged({"ok": True, "limit": 6}).verdict is EDITED


@pytest.mark.parametrize(
    ("resume", "verdict"),
    [
        ({"action": "continue"}, APPROVED),
        (None, APPROVED),
        ({"action": "edit", "values": {}}, APPROVED),
        ({"action": "edit", "values": {"x": 1}}, EDITED),
        ({"action": "skip", "to": "b"}, REJECTED),
        ({"action": "end", "reason": "wrong"}, REJECTED),
    ],
)
def test_a_breakpoint_is_judged_by_whether_the_graph_goes_on_as_it_would_have(resume, verdict):
    assert breakpoint_card("a", "before").judged(resume).verdict is verdict


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "action", "args", "decisions", "edited_action", "content", "approved", "values"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
CARDS = [
    breakpoint_card("a", "before"),
    *(read_card(p["value"], response_schema=p.get("response_schema"), node="n") for p in PAYLOADS),
]


@given(card=st.sampled_from(CARDS), resume=ANY_JSON)
def test_no_answer_however_strange_keeps_a_decision_from_being_recorded(card, resume):
    assert card.judged(resume).verdict in Verdict
