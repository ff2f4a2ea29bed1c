"""Payloads without a contract: the most probable answer is offered first, and every other JSON may be sent."""

from __future__ import annotations

import pytest

from signoff.dialects import read_card
from signoff.reviews import ABSENT

EMAIL = {"to": "a@b.c", "copies": 2}
LIKELY = [
    # payload, title, dialect, the answer its graph most probably wants, what the form begins with
    ("What is your address?", "What is your address?", "plain", "Main St 1", ABSENT),
    ("Do you approve it?", "Do you approve it?", "plain", True, ABSENT),
    ("Continue? (yes/no)", "Continue? (yes/no)", "plain", "yes", ABSENT),
    ({"question": "Approve?", "amount": 12000}, "Approve?", "ad_hoc", {"approved": True, "reason": "fine"}, ABSENT),
    ({"message": "Approve?", "details": EMAIL}, "Approve?", "ad_hoc", {"approved": False, "notes": "no"}, ABSENT),
    ({"question": "Proceed?", "details": "x"}, "Proceed?", "ad_hoc", True, ABSENT),
    ({"question": "Is this correct?", "llm_output": "x"}, "Is this correct?", "ad_hoc", False, ABSENT),
    ({"question": "What is your budget?"}, "What is your budget?", "ad_hoc", "100", ABSENT),
    ({"question": "What now?", "options": ["a", "b"]}, "What now?", "ad_hoc", "b", ABSENT),
    ({"question": "Go?", "choices": [{"value": 1, "label": "One"}]}, "Go?", "ad_hoc", 1, ABSENT),
    ({"message": "Pick", "options": ["a", "b"], "multiple": True}, "Pick", "ad_hoc", ["a", "b"], ABSENT),
    ({"instruction": "Review and edit", "content": "draft"}, "Review and edit", "ad_hoc", "better", "draft"),
    ({"message": "Please revise", "draft": EMAIL}, "Please revise", "ad_hoc", {"to": "x", "copies": 3}, EMAIL),
    ({"text_to_revise": "draft"}, "Review at ask", "ad_hoc", "better", "draft"),
    (
        {"task": "Review the output", "llm_generated_summary": "draft"},
        "Review the output",
        "ad_hoc",
        {"edited_text": "better"},
        {"edited_text": "draft"},
    ),
    (
        {"question": "Is this correct?", "tool_call": {"name": "buy", "args": {"n": 1}, "id": "c"}},
        "Is this correct?",
        "ad_hoc",
        {"action": "update", "data": {"n": 2}},
        ABSENT,
    ),
    ({"action": "buy", "args": {"n": 1}}, "Review buy", "ad_hoc", {"approved": True}, ABSENT),
    (
        {"action": "send_email", **EMAIL, "message": "Approve sending this email?"},
        "Approve sending this email?",
        "ad_hoc",
        {"action": "approve", "to": "x@y.z", "copies": 2},
        ABSENT,
    ),
    ({"type": "expense_approval", "amount": 4}, "Expense approval", "ad_hoc", {"approved": True}, ABSENT),
    ({"reason": "confirmation", "message": "Delete 3 files?"}, "Delete 3 files?", "ad_hoc", {"approved": True}, ABSENT),
    ({"message": "Fill in", "form": {"type": "object", "required": ["n"]}}, "Fill in", "ad_hoc", {"n": 1}, ABSENT),
    ({"type": "ai", "content": "What is your name?", "id": "m"}, "What is your name?", "ad_hoc", "Ada", ABSENT),
    ({"type": "ai", "content": "Delete it?", "id": "m"}, "Delete it?", "ad_hoc", {"approved": True}, ABSENT),
    (["red", "blue"], "Review at ask", "plain", "blue", ABSENT),
    ([{"a": 1}, {"a": 2}], "Review at ask", "plain", {"approved": True}, ABSENT),
    (3, "Review at ask", "plain", 4.5, ABSENT),
    (None, "Review at ask", "plain", "text", ABSENT),
    ("{}", "Review at ask", "raw", {"anything": 1}, ABSENT),
    ({}, "Review at ask", "raw", 5, ABSENT),
    ({"__copilotkit_interrupt_value__": "Your name?"}, "Your name?", "copilotkit", "Ada", ABSENT),
    (
        {"__copilotkit_interrupt_value__": {"action": "buy", "args": {"n": 1}}, "__copilotkit_messages__": []},
        "Review buy",
        "copilotkit",
        {"approved": True},
        ABSENT,
    ),
]
each = pytest.mark.parametrize(("payload", "title", "dialect", "likely", "prefill"), LIKELY)


@each
def test_the_likely_answer_is_offered_first(accepts, payload, title, dialect, likely, prefill):
    card = read_card(payload, response_schema=None, node="ask")
    first = card.schema["anyOf"][0] if "anyOf" in card.schema else card.schema

    assert (card.dialect, card.title, card.prefill) == (dialect, title, prefill)
    assert accepts(first, likely)


@each
def test_a_guess_is_never_the_only_way_to_answer(accepts, payload, title, dialect, likely, prefill):
    card = read_card(payload, response_schema=None, node="ask")

    for answer in (likely, None, False, "", {"surprise": [1, "1"]}):
        assert not card.declared
        assert accepts(card.enforced, answer)
        assert card.resume(answer) is answer
    assert card.note


@each
def test_what_the_form_begins_with_fits_the_likely_answer(accepts, payload, title, dialect, likely, prefill):
    card = read_card(payload, response_schema=None, node="ask")

    assert prefill is ABSENT or accepts(card.schema["anyOf"][0], card.prefill)


def test_the_title_is_not_repeated_and_the_rest_is_not_lost():
    payload = {"question": "Approve?", "amount": 12000, "priority": "high", "customer": {"name": "Ada"}}

    card = read_card(payload, response_schema=None, node="ask")

    assert card.body == {"amount": 12000, "priority": "high", "customer": {"name": "Ada"}}


@pytest.mark.parametrize("question", ["first line\nsecond line", "x" * 500, "a  b"])
def test_a_question_the_title_cannot_hold_is_shown_in_full(question):
    card = read_card({"question": question}, response_schema=None, node="ask")

    assert "\n" not in card.title
    assert len(card.title) <= 200
    assert card.body == {"question": question}


@pytest.mark.parametrize(
    "title", ["# Heading ![x](http://evil)", "<script>alert(1)</script>", "a\u202eb\x00c", "  tabs\tand\u2028lines  "]
)
def test_hostile_titles_stay_plain_text_on_one_line(title):
    card = read_card({"question": title}, response_schema=None, node="ask")

    assert card.title.isprintable()
    assert card.title.split()[0] == title.replace("\u202e", " ").split()[0]


def test_edited_arguments_keep_their_types():
    payload = {"action": "buy", "args": {"n": 1, "price": 1.5, "gift": False, "note": None, "lines": [{"sku": "a"}]}}

    card = read_card(payload, response_schema=None, node="ask")
    review = next(one for one in card.schema["anyOf"] if one.get("title") == "Review, by action")
    new = next(one for one in review["oneOf"] if one["title"] == "Update")["properties"]["data"]

    assert {key: field.get("type") for key, field in new["properties"].items()} == {
        "n": "integer",
        "price": "number",
        "gift": "boolean",
        "note": None,
        "lines": "array",
    }


@pytest.mark.parametrize("fact", ["approved", "decision", "reason", "message"])
def test_the_decision_itself_is_never_filled_in_from_the_payload(fact):
    schema = {"type": "object", "properties": {fact: {"type": "string"}, "amount": {"type": "integer"}}}

    card = read_card({"question": "?", fact: "yes", "amount": 3}, response_schema=schema, node="ask")

    assert card.prefill == {"amount": 3}


def test_a_proposed_answer_is_where_the_form_begins_if_it_fits():
    schema = {"type": "object", "properties": {"approved": {"type": "boolean"}}, "required": ["approved"]}

    fits = read_card({"draft": {"approved": True}}, response_schema=schema, node="ask")
    misfit = read_card({"draft": {"approved": "yes"}}, response_schema=schema, node="ask")

    assert fits.prefill == {"approved": True}
    assert misfit.prefill is ABSENT
