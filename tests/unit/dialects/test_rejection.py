"""Only what a graph declares can be rejected by a timer, and only where one answer clearly says no."""

from __future__ import annotations

from enum import Enum
from typing import Literal

import pytest
from pydantic import BaseModel

from signoff.dialects import read_card
from signoff.dialects.rejection import rejection
from signoff.reviews import ABSENT

CALL = {"name": "send_email", "args": {"to": "a@b.c"}}
INBOX = {"action_request": {"action": "send_email", "args": {}}}
FIELD = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
BOTH = {"allowed_decisions": ["approve", "reject"], "action_name": "send_email"}


class Verdict(Enum):
    APPROVE = "approve"
    REJECT = "reject"


class Approval(BaseModel):
    approved: bool
    note: str = ""


class Enumerated(BaseModel):
    decision: Verdict
    comment: str | None = None


class Approving(BaseModel):
    approved: bool = True
    status: Literal["open", "rejected"] = "open"


class Categorised(BaseModel):
    confirmed: bool = True
    category: Literal["accepted", "rejected"] = "accepted"


class Needing(BaseModel):
    approved: bool
    account: str


def no(value, schema=None):
    return rejection(read_card(value, response_schema=schema, node="ask"), "Too late.")


@pytest.mark.parametrize(
    ("value", "schema", "answer"),
    [
        ({"action_requests": [CALL], "review_configs": [BOTH]}, None, {"decisions": [{"type": "reject"}]}),
        ({"action_requests": [CALL, CALL], "review_configs": [BOTH]}, None, {"decisions": [{"type": "reject"}] * 2}),
        ({**INBOX, "config": {"allow_ignore": True, "allow_accept": True}}, None, {"type": "ignore"}),
        ({**INBOX, "config": {"allow_respond": True, "allow_accept": True}}, None, {"type": "response"}),
        ({"message": "Name?", "requestedSchema": FIELD}, None, {"action": "decline"}),
        ({"type": "ask_user", "questions": [{"question": "Why?"}]}, None, {"type": "cancelled"}),
        ({"question": "Pay?"}, Approval.model_json_schema(), {"approved": False}),
        ({"question": "Pay?"}, Enumerated.model_json_schema(), {"decision": "reject"}),
        ({"question": "Pay?"}, Approving.model_json_schema(), {"approved": False, "status": "rejected"}),
        ({"message": "Pay?", "responseSchema": Approval.model_json_schema()}, None, {"approved": False}),
        ({"message": "Who?", "responseSchema": FIELD}, None, {"__agui_cancelled__": True}),
    ],
)
def test_each_protocol_is_told_no_in_its_own_words(value, schema, answer):
    given = no(value, schema)

    assert without_reason(given) == answer


def without_reason(answer):
    if isinstance(answer, list):
        return [without_reason(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    return {name: without_reason(one) for name, one in answer.items() if one != "Too late."}


def test_where_a_rejection_can_say_why_it_does():
    assert no({"question": "Pay?"}, Approval.model_json_schema()) == {"approved": False, "note": "Too late."}
    assert no({"action_requests": [CALL], "review_configs": [BOTH]}) == {
        "decisions": [{"type": "reject", "message": "Too late."}]
    }


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ({"question": "Pay?"}, None),
        ("Delete everything?", None),
        ({"question": "Stop the deletion?"}, {"type": "boolean"}),
        ({"question": "Pay?"}, Needing.model_json_schema()),
        ({"question": "Which?"}, Categorised.model_json_schema()),
        ({"question": "Name?"}, FIELD),
        ({"action_requests": [CALL], "review_configs": [{**BOTH, "allowed_decisions": ["approve"]}]}, None),
        ({**INBOX, "config": {"allow_accept": True}}, None),
        ({"type": "ask_user", "question": "Why?"}, None),
    ],
)
def test_where_no_answer_clearly_says_no_there_is_none(value, schema):
    assert no(value, schema) is ABSENT
