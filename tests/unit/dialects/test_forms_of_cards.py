"""Cards drawn as forms: nothing is decided by doing nothing, and each choice begins with what was proposed."""

from __future__ import annotations

import pytest

from signoff.dialects import read_card
from signoff.forms import build_form, find_problems
from signoff.forms.fields import Union

CALL = {"name": "send", "args": {"to": "ada", "copies": 2, "cc": None, "urgent": False}}
BATCH = {
    "action_requests": [CALL],
    "review_configs": [{"action_name": "send", "allowed_decisions": ["approve", "edit"]}],
}
INBOX = {
    "action_request": {"action": "send", "args": CALL["args"]},
    "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True},
}
QUESTIONS = {"type": "ask_user", "questions": [{"question": "Who?", "type": "text"}]}
ELICITATION = {"message": "Size?", "requestedSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}
UNDECIDED = {
    "batched tool calls": BATCH,
    "agent inbox": INBOX,
    "ask_user": QUESTIONS,
    "MCP": ELICITATION,
    "approval": {"question": "Approve?", "amount": 3},
    "yes or no": "Do you approve?",
    "tool review": {"question": "Is this correct?", "tool_call": {"name": "buy", "args": {"n": 1}}},
    "choices": {"question": "Where?", "options": ["eu", "us"]},
}


def card_of(payload):
    return read_card(payload, response_schema=None, node="ask")


def unions(field):
    return [*([field] if isinstance(field, Union) else []), *(one for part in field.parts for one in unions(part))]


def choose(card, label):
    """Return what the form gives when its first open union is set to the branch with this label, all else untouched."""
    union = next(one for one in unions(build_form(card.schema, card.prefill).root) if one.chosen is None)
    raw = {union.branch_key: union.branches.index(label)}
    return build_form(card.schema, card.prefill, raw).collect(raw)


@pytest.mark.parametrize("payload", UNDECIDED.values(), ids=UNDECIDED.keys())
def test_an_untouched_form_decides_nothing(payload):
    card = card_of(payload)

    untouched = build_form(card.schema, card.prefill).collect()

    assert find_problems(card.schema, untouched)


@pytest.mark.parametrize(
    ("payload", "label", "resume"),
    [
        (BATCH, "Approve", {"decisions": [{"type": "approve"}]}),
        (BATCH, "Edit", {"decisions": [{"type": "edit", "edited_action": CALL}]}),
        (INBOX, "Accept", [{"type": "accept", "args": INBOX["action_request"]}]),
        (INBOX, "Edit", [{"type": "edit", "args": INBOX["action_request"]}]),
        (INBOX, "Ignore", [{"type": "ignore", "args": None}]),
        (QUESTIONS, "Cancel", {"type": "cancelled"}),
        (ELICITATION, "Decline", {"action": "decline"}),
        (ELICITATION, "Cancel", {"action": "cancel"}),
    ],
)
def test_choosing_a_decision_is_enough_and_an_edit_begins_with_the_proposal(payload, label, resume):
    card = card_of(payload)

    answer = choose(card, label)

    assert find_problems(card.enforced, answer) == []
    assert card.resume(answer) == resume


def test_tool_calls_asked_one_by_one_are_chosen_and_edited_the_same_way(paused_agent):
    cards = {card.body["tool"]: card for card in paused_agent("per_call").cards.values()}
    untouched = build_form(cards["send_email"].schema).collect()

    assert find_problems(cards["send_email"].schema, untouched)
    assert choose(cards["send_email"], "Approve") == {"type": "approve"}
    assert choose(cards["send_email"], "Edit") == {
        "type": "edit",
        "edited_action": {"name": "send_email", "args": {"to": "ada", "copies": 2}},
    }


def test_the_only_decision_that_is_allowed_is_ready_to_send():
    payload = {"action_requests": [CALL], "review_configs": [{"action_name": "send", "allowed_decisions": ["edit"]}]}
    card = card_of(payload)

    answer = build_form(card.schema, card.prefill).collect()

    assert answer == {"decisions": [{"type": "edit", "edited_action": CALL}]}


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        ({"instruction": "Review and edit", "content": "draft"}, "draft"),
        ({"task": "Review", "llm_generated_summary": "draft"}, {"edited_text": "draft"}),
        ({"message": "Please revise", "draft": {"n": 1, "to": None}}, {"n": 1, "to": None}),
    ],
)
def test_a_draft_sent_back_untouched_is_identical(payload, answer):
    card = card_of(payload)

    assert card.resume(build_form(card.schema, card.prefill).collect()) == answer
