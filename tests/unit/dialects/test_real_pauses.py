"""Real graphs paused by interrupt(): what the reviewer answers is what the node gets, to the type."""

from __future__ import annotations

import warnings

import pytest
from pydantic import BaseModel, Field

from signoff.reviews import ABSENT


class Verdict(BaseModel):
    approved: bool
    limit: float | None = Field(default=None, le=100)


def test_a_declared_schema_reaches_the_form_and_the_answer_reaches_the_node(asked, accepts):
    card, answer = asked({"question": "Raise it?", "limit": 50.0}, response_schema=Verdict)

    assert (card.dialect, card.title, card.prefill) == ("native", "Raise it?", {"limit": 50.0})
    assert not accepts(card.enforced, {"approved": True, "limit": 101})
    assert answer({"approved": True, "limit": 12.5}) == Verdict(approved=True, limit=12.5)


@pytest.mark.parametrize("value", [None, False, 0, "", [], {}, "yes", 2**60, 1.5, {"a": [1, "1", None]}])
def test_whatever_is_answered_to_a_graph_that_declares_nothing_arrives_as_it_is(asked, value):
    card, answer = asked({"question": "Go?", "details": {"n": 1}})

    assert not card.declared
    received = answer(value)

    assert received == value
    assert type(received) is type(value)


def prebuilt_request():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and still everywhere
        from langgraph.prebuilt.interrupt import ActionRequest, HumanInterrupt, HumanInterruptConfig

        return HumanInterrupt(
            action_request=ActionRequest(action="run_command", args={"command": "ls", "args": ["-l"], "timeout": 3}),
            config=HumanInterruptConfig(allow_ignore=True, allow_respond=True, allow_edit=True, allow_accept=True),
            description="Please review the command before execution",
        )


EDITED = {"action": "run_command", "args": {"command": "ls", "args": [], "timeout": 5}}


@pytest.mark.parametrize(
    ("answer", "received"),
    [
        ({"type": "accept"}, {"type": "accept", "args": prebuilt_request()["action_request"]}),
        ({"type": "ignore"}, {"type": "ignore", "args": None}),
        ({"type": "response", "args": "no"}, {"type": "response", "args": "no"}),
        ({"type": "edit", "args": EDITED}, {"type": "edit", "args": EDITED}),
        ([{"type": "edit", "args": EDITED}], {"type": "edit", "args": EDITED}),
    ],
)
def test_langgraph_prebuilt_interrupts_get_their_one_element_list(asked, accepts, answer, received):
    card, send = asked([prebuilt_request()])

    assert (card.dialect, card.title) == ("agent_inbox", "Review run_command")
    assert card.body["description"] == "Please review the command before execution"
    assert accepts(card.enforced, answer)
    assert send(answer) == [received]


def test_an_ask_user_agent_gets_one_text_per_question(asked):
    question = {"question": "Days?", "type": "multi_select", "choices": [{"value": "Mon"}, {"value": "Tue"}]}
    card, send = asked({"type": "ask_user", "questions": [question], "tool_call_id": "c"})

    assert card.title == "Days?"
    assert send({"type": "answered", "answers": [["Mon", "Tue"]]}) == {
        "type": "answered",
        "answers": ['["Mon", "Tue"]'],
    }


@pytest.mark.parametrize(
    "answer", [{"action": "accept", "content": {"n": 3}}, {"action": "decline"}, {"action": "cancel"}]
)
def test_an_mcp_server_gets_consent_content_or_refusal(asked, answer):
    wanted = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    card, send = asked({"message": "How many?", "requestedSchema": wanted})

    assert card.prefill is ABSENT
    assert send(answer) == answer
