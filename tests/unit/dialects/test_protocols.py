"""Payloads whose protocol says what to answer: recognised, titled, valid answers in, exact resume values out.

The cases are in ``payloads.json``: a payload, what its card must say, answers of the form (with the resume value where
it is another), resume values as people paste them, and answers to be refused.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signoff.dialects import read_card
from signoff.reviews import ABSENT

CASES = {case["name"]: case for case in json.loads(Path(__file__).with_name("payloads.json").read_text("utf-8"))}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def card_of(case):
    return read_card(case["value"], response_schema=case.get("response_schema"), node="ask")


def resumes(case):
    return [one.get("resume", one["answer"]) for one in case["answers"]] + case.get("pasted", [])


@every_case
def test_a_protocol_is_recognised_and_titled(case):
    card = card_of(case)

    assert (card.dialect, card.title, card.declared) == (case["dialect"], case["title"], True)


@every_case
def test_an_answer_of_the_form_is_valid_and_becomes_exactly_the_resume_value(case, accepts):
    card = card_of(case)

    for one in case["answers"]:
        assert accepts(card.schema, one["answer"]), one
        assert accepts(card.enforced, one["answer"]), one
        assert card.resume(one["answer"]) == one.get("resume", one["answer"])


@every_case
def test_an_exact_resume_value_may_be_sent_as_the_answer(case, accepts):
    card = card_of(case)

    for resume in resumes(case):
        assert accepts(card.enforced, resume), resume
        assert card.resume(resume) == resume


@every_case
def test_what_the_graph_cannot_take_is_refused(case, accepts):
    card = card_of(case)

    assert [answer for answer in case.get("refused", []) if accepts(card.enforced, answer)] == []


@pytest.mark.parametrize(
    ("allowed", "prefill"),
    [
        (["approve"], {"decisions": [{"type": "approve"}]}),
        (["edit"], {"decisions": [{"type": "edit", "edited_action": {"name": "send", "args": {"n": 2}}}]}),
        (["reject"], {"decisions": [{"type": "reject"}]}),
        (["respond"], ABSENT),
        (["approve", "reject"], ABSENT),
    ],
)
def test_only_the_single_allowed_decision_is_filled_in(allowed, prefill):
    value = {
        "action_requests": [{"name": "send", "args": {"n": 2}}],
        "review_configs": [{"action_name": "send", "allowed_decisions": allowed}],
    }

    assert read_card(value, response_schema=None, node=None).prefill == prefill


def test_several_requests_in_one_interrupt_are_all_shown_and_warned_about():
    card = card_of(CASES["agent inbox, several requests: the first is answered, a list may answer all"])

    assert len(card.body) == 2
    assert "2 requests" in card.note


def test_the_host_of_a_page_to_open_is_named():
    value = {"mode": "url", "message": "Sign in", "url": "https://good.example@evil.example/x", "elicitationId": "e"}

    assert "evil.example" in read_card(value, response_schema=None, node=None).note


def test_the_arguments_an_agent_proposed_are_what_an_edit_begins_with():
    case = CASES["AG-UI, camel case"]

    card = card_of(case)

    assert card.schema["properties"]["editedArgs"]["default"] == {"n": 1}
    assert "default" not in case["value"]["responseSchema"]["properties"]["editedArgs"]


def test_a_broken_response_schema_does_not_hide_the_question():
    card = read_card({"question": "Go?"}, response_schema={"type": 5}, node=None)

    assert (card.dialect, card.title, card.declared) == ("ad_hoc", "Go?", False)
