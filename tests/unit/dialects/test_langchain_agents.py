"""LangChain's HumanInTheLoopMiddleware, both modes, three tools called at once: every answer does what it says."""

from __future__ import annotations

import pytest

from signoff.reviews import ABSENT

EDIT = {"type": "edit", "edited_action": {"name": "send_email", "args": {"to": "bob", "copies": 5, "cc": ["eve"]}}}
DECISIONS = [
    ({"type": "approve"}, "sent to='ada' copies=2 cc=None", "success"),
    (EDIT, "sent to='bob' copies=5 cc=['eve']", "success"),
    ({"type": "reject", "message": "not today"}, "not today", "error"),
    ({"type": "reject"}, "not executed", "error"),
    ({"type": "respond", "message": "I sent it myself"}, "I sent it myself", "success"),
]
REST = [{"type": "reject", "message": "keep it"}, {"type": "respond", "message": "Yes, now."}]


@pytest.mark.parametrize(("decision", "result", "status"), DECISIONS)
def test_a_batch_is_answered_action_by_action_and_sent_complete(paused_agent, accepts, decision, result, status):
    agent = paused_agent("batched")
    [(interrupt_id, card)] = agent.cards.items()
    answer = {"decisions": [decision, *REST]}

    assert accepts(card.schema, answer)
    assert accepts(card.enforced, answer)
    told = agent.answer({interrupt_id: answer})

    assert result in told["c1"].content
    assert told["c1"].status == status
    assert "keep it" in told["c2"].content
    assert told["c3"].content == "Yes, now."


@pytest.mark.parametrize(("decision", "result", "status"), DECISIONS)
def test_calls_asked_one_by_one_are_answered_each_by_its_id(paused_agent, accepts, decision, result, status):
    agent = paused_agent("per_call")
    by_tool = {card.body["tool"]: (key, card) for key, card in agent.cards.items()}
    answers = dict(zip(("send_email", "drop_table", "ask_boss"), (decision, *REST), strict=True))

    assert all(accepts(card.schema, answers[tool]) for tool, (_, card) in by_tool.items())
    assert all(accepts(card.enforced, answers[tool]) for tool, (_, card) in by_tool.items())
    told = agent.answer({by_tool[tool][0]: answer for tool, answer in answers.items()})

    assert result in told["c1"].content
    assert told["c1"].status == status
    assert "keep it" in told["c2"].content
    assert told["c3"].content == "Yes, now."


def test_a_batch_says_what_it_is_about_and_decides_nothing_itself(paused_agent):
    [card] = paused_agent("batched").cards.values()

    assert card.title == "Review 3 actions: send_email, drop_table, ask_boss"
    assert next(action["args"] for action in card.body["actions"]) == {"to": "ada", "copies": 2}
    assert card.declared
    assert card.prefill is ABSENT


WRONG = [
    ({"decisions": [{"type": "approve"}]}, "one decision for three calls"),
    ({"decisions": [{"type": "approve"}, {"type": "edit"}, {"type": "approve"}]}, "an edit without the edited call"),
    ({"decisions": [{"type": "approve"}, {"type": "respond", "message": "x"}, {"type": "approve"}]}, "not allowed"),
    ({"decisions": [{"type": "approve"}, {"type": "approve"}, {"type": "respond"}]}, "a reply without words"),
    ([{"type": "approve"}], "the bare list"),
]


@pytest.mark.parametrize("answer", [pytest.param(answer, id=why) for answer, why in WRONG])
def test_what_the_middleware_would_choke_on_is_refused_before(paused_agent, accepts, answer):
    [card] = paused_agent("batched").cards.values()

    assert not accepts(card.enforced, answer)


def test_an_edit_in_a_batch_begins_with_the_proposed_arguments_and_keeps_their_types(paused_agent):
    [card] = paused_agent("batched").cards.values()
    [edit] = [
        one
        for one in card.schema["properties"]["decisions"]["prefixItems"][0]["oneOf"]
        if one["properties"]["type"]["const"] == "edit"
    ]
    args = edit["properties"]["edited_action"]["properties"]["args"]

    assert args["default"] == {"to": "ada", "copies": 2}
    assert args["properties"] == {"to": {"type": "string"}, "copies": {"type": "integer"}}


def test_guessed_argument_types_bind_the_form_but_not_the_answer(paused_agent, accepts):
    [card] = paused_agent("batched").cards.values()
    edit = {"type": "edit", "edited_action": {"name": "send_email", "args": {"to": ["ada", "bob"]}}}
    answer = {"decisions": [edit, *REST]}

    assert not accepts(card.schema, answer)
    assert accepts(card.enforced, answer)


def test_an_edit_asked_by_itself_is_typed_by_the_tool_and_begins_with_the_proposal(paused_agent):
    cards = {card.body["tool"]: card for card in paused_agent("per_call").cards.values()}
    schema = cards["send_email"].schema
    args = schema["$defs"]["EditedAction"]["properties"]["args"]

    assert args == {"$ref": "#/$defs/send_email", "title": "Arguments", "default": {"to": "ada", "copies": 2}}
    assert [schema["$defs"][ref["$ref"].split("/")[-1]]["title"] for ref in schema["oneOf"]] == [
        "Approve",
        "Edit",
        "Reject",
        "Respond",
    ]
    assert "default" not in str(cards["send_email"].contract["$defs"]["EditedAction"])
