"""Ready examples for the playground: a schema (None where the payload says what it wants) and a payload each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from signoff.reviews import ABSENT, Absent, Json


@dataclass(frozen=True, kw_only=True)
class Example:
    """What a graph asks: the schema it declares and the payload it shows, `ABSENT` for none."""

    schema: Json | Absent = ABSENT
    payload: Json | Absent = ABSENT


def _object(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), **more}


_PAYMENT: Final = {
    "title": "Approve 48,000.00 EUR for ACME?",
    "customer": "ACME",
    "amount": 48000.0,
    "reason": "Invoice 4711",
    "lines": [{"item": "Pump", "quantity": 2, "price": 19500.0}, {"item": "Fitting", "quantity": 1, "price": 9000.0}],
}
_APPROVAL: Final = _object(
    {
        "approved": {"type": "boolean", "title": "Approve the payment"},
        "amount": {"type": "number", "title": "Amount to pay", "minimum": 0, "multipleOf": 0.01},
        "note": {"type": "string", "title": "Note for the file", "default": "", "maxLength": 500},
    },
    "approved",
)
_HITL: Final = {
    "action_requests": [
        {"name": "send_email", "args": {"to": "ops@example.org", "subject": "Outage", "urgent": True}},
        {"name": "delete_file", "args": {"path": "reports/2026.csv"}, "description": "Deletes the file for good."},
    ],
    "review_configs": [
        {"action_name": "send_email", "allowed_decisions": ["approve", "edit", "reject"]},
        {"action_name": "delete_file", "allowed_decisions": ["approve", "reject"]},
    ],
}
_INBOX: Final = {
    "action_request": {"action": "book_flight", "args": {"from": "BER", "to": "LIS", "seats": 2}},
    "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True},
    "description": "The cheapest flight on Friday.",
}
_ASK_USER: Final = {
    "type": "ask_user",
    "questions": [
        {"question": "Which city?", "type": "multiple_choice", "choices": [{"value": "Lisbon"}, {"value": "Faro"}]},
        {"question": "Anything else?", "type": "text"},
    ],
}
_ELICITATION: Final = {
    "message": "Who should we write to?",
    "requestedSchema": _object(
        {
            "name": {"type": "string", "title": "Full name"},
            "email": {"type": "string", "format": "email"},
            "topics": {
                "type": "array",
                "items": {"anyOf": [{"const": "news", "title": "News"}, {"const": "offers", "title": "Offers"}]},
            },
        },
        "name",
        "email",
    ),
}
_CONVERSATION: Final = {
    "question": "The agent wants to refund the customer. Shall it?",
    "messages": [
        {"type": "human", "content": "My pump arrived broken. Can I have my money back?"},
        {
            "type": "ai",
            "content": "I am sorry to hear that. Let me look.",
            "tool_calls": [{"name": "refund", "args": {"order": "A-17", "amount": 195.0}, "id": "call_1"}],
        },
        {"type": "tool", "name": "refund", "content": "needs approval", "tool_call_id": "call_1"},
    ],
}
_HARD: Final = _object(
    {
        "id": {"type": "integer", "title": "Beyond 2^53"},
        "kind": {"const": "shipment"},
        "payload": {
            "oneOf": [{"$ref": "#/$defs/parcel"}, {"$ref": "#/$defs/letter"}],
            "discriminator": {"propertyName": "type"},
        },
        "insured": {"type": "boolean"},
        "nickname": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "size": {"enum": [1, "1", True, None], "title": "One, in four types"},
        "corner": {"prefixItems": [{"type": "number", "title": "x"}, {"type": "number", "title": "y"}], "items": False},
        "labels": {"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False},
        "days": {"type": "array", "uniqueItems": True, "items": {"enum": ["Mon", "Tue", "Wed", "Thu", "Fri"]}},
        "stops": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/stop"}},
        "a.b": {"type": "string", "title": "A key with a dot", "pattern": "^\\p{Lu}"},
        "at": {"type": "string", "format": "date-time"},
    },
    "id",
    "kind",
    "payload",
    "stops",
    **{
        "if": {"properties": {"insured": {"const": True}}, "required": ["insured"]},
        "then": {"properties": {"value": {"type": "number", "exclusiveMinimum": 0}}, "required": ["value"]},
        "$defs": {
            "parcel": _object({"type": {"const": "parcel"}, "kg": {"type": "number", "maximum": 30}}, "type", "kg"),
            "letter": _object({"type": {"const": "letter"}, "registered": {"type": "boolean"}}, "type"),
            "stop": _object(
                {
                    "city": {"type": "string", "minLength": 1},
                    "eta": {"type": "string", "format": "date"},
                    "then": {"$ref": "#/$defs/stop"},
                },
                "city",
            ),
        },
    },
)
_SHIPMENT: Final = {
    "draft": {
        "id": 9007199254740993,
        "kind": "shipment",
        "payload": {"type": "parcel", "kg": 12.5},
        "stops": [{"city": "Lisbon", "eta": "2026-12-01", "then": {"city": "Faro"}}],
    }
}

EXAMPLES: Final = {
    "A schema that the graph declares": Example(schema=_APPROVAL, payload=_PAYMENT),
    "LangChain: two tool calls to review": Example(payload=_HITL),
    "Agent Inbox: one action": Example(payload=_INBOX),
    "ask_user: questions of an agent": Example(payload=_ASK_USER),
    "MCP: an elicitation": Example(payload=_ELICITATION),
    "A conversation and a question": Example(payload=_CONVERSATION),
    "A dict without any protocol": Example(payload={"question": "Delete the account?", "account": "A-17", "age": 4}),
    "A plain question": Example(payload="What should the newsletter be about?"),
    "A hard schema": Example(schema=_HARD, payload=_SHIPMENT),
}
"""By title, in the order in which they are offered."""
