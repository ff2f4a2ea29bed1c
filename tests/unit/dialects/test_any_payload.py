"""Whatever JSON a graph puts into an interrupt, there is a card for it."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from signoff.dialects import read_card
from signoff.dialects.masking import mask_secrets
from signoff.dialects.metadata import read_metadata

TELLING = [
    *("question", "message", "options", "choices", "args", "action", "tool_call", "draft", "content", "type", "schema"),
    *("action_requests", "review_configs", "actionRequests", "reviewConfigs", "name", "allowed_decisions"),
    *(
        "action_request",
        "config",
        "allow_edit",
        "allow_accept",
        "questions",
        "mode",
        "requestedSchema",
        "url",
        "params",
    ),
    *("responseSchema", "properties", "enum", "oneOf", "$ref", "$defs", "__copilotkit_interrupt_value__", "method"),
    *("priority", "due_at", "assignees", "tags", "title", "password", "args_schema", "edited_action", "value", "label"),
]
WORDS = [
    "ask_user",
    "tool_approval",
    "approve",
    "edit",
    "object",
    "string",
    "url",
    "elicitation/create",
    "#/$defs/x",
    "",
]
keys = st.sampled_from(TELLING) | st.text(max_size=5)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=30)
payloads = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6), max_leaves=25
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=payloads, schema=st.none() | payloads, node=st.none() | st.text(max_size=10))
def test_every_payload_has_a_title_and_a_form(value, schema, node):
    card = read_card(value, response_schema=schema, node=node)

    assert card.title
    assert card.title.isprintable()
    assert len(card.title) <= 220
    assert "\n" not in card.title
    json.dumps([card.body, card.schema])
    if card.dialect not in ("native", "tool_approval"):
        Draft202012Validator.check_schema(card.schema)
        Draft202012Validator.check_schema(card.enforced)


@settings(max_examples=300, deadline=None)
@given(answer=payloads, value=payloads)
def test_every_answer_has_a_resume_value(answer, value):
    json.dumps(read_card(value, response_schema=None, node="n").resume(answer))


@settings(max_examples=300, deadline=None)
@given(value=payloads, thread=st.dictionaries(keys, scalars))
def test_metadata_and_masking_take_everything(value, thread):
    details = read_metadata(value, thread)

    assert details.due_at is None or details.due_at.utcoffset().total_seconds() == 0
    json.dumps(mask_secrets(value))


def nested(levels):
    value = "bottom"
    for _ in range(levels):
        value = {"args": value, "more": [value] if isinstance(value, str) else []}
    return value


@pytest.mark.parametrize(
    "value",
    [
        nested(400),
        {"question": "?", "draft": nested(400)},
        {"action_requests": [{"name": "f", "args": nested(400)}]},
        "[" * 100_000,
        '{"a": ' * 500 + "1" + "}" * 500,
        {"question": "x" * 5_000_000},
        {"options": list(range(100_000))},
        {"message": "?", "requestedSchema": {"type": "object", "properties": {"a": {"$ref": "http://evil/x"}}}},
        {"message": "?", "url": "http://[", "mode": "url"},
    ],
    ids=["deep", "deep draft", "deep args", "brackets", "deep text", "5 MB", "many options", "remote ref", "bad url"],
)
def test_hostile_payloads_cost_a_reader_nothing_but_the_form(value):
    card = read_card(value, response_schema=None, node="n")

    assert card.title
    json.dumps(mask_secrets(card.body))


def test_a_remote_reference_is_never_fetched(monkeypatch):
    opened = []
    monkeypatch.setattr("urllib.request.urlopen", lambda *a, **_: opened.append(a))
    schema = {"type": "object", "properties": {"n": {"$ref": "http://evil.example/x"}}}

    read_card({"question": "?", "n": 1, "draft": {"n": 1}}, response_schema=schema, node="n")

    assert opened == []
