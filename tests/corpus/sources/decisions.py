"""Decisions as the field's middlewares ask for them; the schema of LangChain 1.4.7 is the one it sends."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

from typing import Annotated, Literal

from case import DROP, case
from pydantic import BaseModel, Field, TypeAdapter


def decision(kind, required=(), /, **properties):
    return {"type": "object", "properties": {"type": {"const": kind, "type": "string"}, **properties}, "required": ["type", *required], "additionalProperties": False}


TEXT = {"type": "string"}
ARGS = {"type": "object", "properties": {"to": TEXT, "count": {"type": "integer", "minimum": 1}, "urgent": {"type": "boolean", "default": False}}, "required": ["to", "count"]}
CALL = {"type": "object", "properties": {"name": {"const": "send_email"}, "args": {"$ref": "#/$defs/Args"}}, "required": ["name", "args"]}
FOUR = {
    "oneOf": [{"$ref": f"#/$defs/{name}"} for name in ("Approve", "Edit", "Reject", "Respond")],
    "discriminator": {"propertyName": "type", "mapping": {"approve": "#/$defs/Approve", "edit": "#/$defs/Edit"}},
    "$defs": {"Approve": decision("approve"), "Edit": decision("edit", ["edited_action"], edited_action=CALL), "Args": ARGS,
              "Reject": decision("reject", message={"anyOf": [TEXT, {"type": "null"}], "default": None}), "Respond": decision("respond", ["message"], message=TEXT)},
}  # fmt: skip
BATCH = {
    "type": "object",
    "properties": {"decisions": {"type": "array", "prefixItems": [{"$ref": "#/$defs/Any"}] * 2, "items": False, "minItems": 2, "maxItems": 2}},
    "required": ["decisions"],
    "$defs": {**FOUR["$defs"], "Any": {key: FOUR[key] for key in ("oneOf", "discriminator")}},
}
INBOX = {"type": "array", "minItems": 1, "maxItems": 1, "items": {"oneOf": [
    {"title": "Accept", "type": "object", "properties": {"type": {"const": "accept"}, "args": {"type": "null"}}, "required": ["type", "args"]},
    {"title": "Respond", "type": "object", "properties": {"type": {"const": "response"}, "args": TEXT}, "required": ["type", "args"]},
    {"title": "Edit", "type": "object", "properties": {"type": {"const": "edit"}, "args": {"type": "object", "properties": {"action": TEXT, "args": ARGS}, "required": ["action", "args"]}}, "required": ["type", "args"]},
]}}  # fmt: skip


class Approve(BaseModel):
    decision: Literal["approve"] = "approve"


class Escalate(BaseModel):
    decision: Literal["escalate"] = "escalate"
    to: Literal["legal", "finance"]
    why: str = Field(min_length=5)


class Change(BaseModel):
    decision: Literal["change"] = "change"
    amount: float = Field(ge=0)
    lines: list[str] = []


RULING = TypeAdapter(Annotated[Approve | Escalate | Change, Field(discriminator="decision")]).json_schema()
EDIT = {"type": "edit", "edited_action": {"name": "send_email", "args": {"to": "a", "count": 2, "urgent": True}}}
DRAWN = "edited_action.args.to:text edited_action.args.count:integer edited_action.args.urgent:boolean"
YES_NO = {"oneOf": [
    {"type": "object", "properties": {"approved": {"const": True}}, "required": ["approved"], "additionalProperties": False},
    {"type": "object", "properties": {"approved": {"const": False}, "reason": TEXT}, "required": ["approved", "reason"], "additionalProperties": False},
]}  # fmt: skip

CASES = [
    case("approve", FOUR, {"type": "approve"}, "", ("type", "maybe"), ("", {}, "type")),
    case("edit", FOUR, EDIT, DRAWN, ("edited_action.args.count", 0), ("edited_action.args.count", "2"), ("edited_action.args.to", DROP), ("edited_action.name", "rm"), ("edited_action", DROP)),
    case("reject", FOUR, {"type": "reject", "message": "no"}, "message:text", ("message", 5)),
    case("reject, null", FOUR, {"type": "reject", "message": None}, "message:text", ("message", [])),
    case("respond", FOUR, {"type": "respond", "message": "done"}, "message:text", ("message", DROP), ("message", None)),
    case("batch", BATCH, {"decisions": [EDIT, {"type": "approve"}]}, " ".join(f"decisions.0.{one}" for one in DRAWN.split()),
         ("decisions.0.edited_action.args.count", -1), ("decisions", [EDIT]), ("decisions.1.type", "x"), ("decisions.1", {"type": "respond"}, "decisions.1.message")),
    case("inbox accept", INBOX, [{"type": "accept", "args": None}], "0.args:null", ("0.type", "ok"), ("", [], "")),
    case("inbox response", INBOX, [{"type": "response", "args": "hello"}], "0.args:text", ("0.args", 3), ("0.args", DROP)),
    case("inbox edit", INBOX, [{"type": "edit", "args": {"action": "send", "args": {"to": "x", "count": 1}}}], "0.args.action:text 0.args.args.to:text 0.args.args.count:integer 0.args.args.urgent:boolean",
         ("0.args.args.count", "1"), ("0.args.action", DROP)),
    case("ruling: approve", RULING, {"decision": "approve"}, "", ("decision", "no")),
    case("ruling: escalate", RULING, {"decision": "escalate", "to": "legal", "why": "because"}, "to:choice why:text", ("why", "x"), ("to", "hr"), ("to", DROP)),
    case("ruling: change", RULING, {"decision": "change", "amount": 5, "lines": ["a"]}, "amount:number lines.0:text", ("amount", -5), ("lines.0", None)),
    case("tag is a boolean: yes", YES_NO, {"approved": True}, "", ("approved", "yes")),
    case("tag is a boolean: no", YES_NO, {"approved": False, "reason": "too dear"}, "reason:text", ("reason", DROP), ("reason", 7)),
    case("options", {"enum": ["approve", "reject", "later"]}, "reject", ":choice", ("", "maybe", "")),
    case("answer or null", {"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]}, None, ":text", ("", "", ""), ("", 5, "")),
    case("answered or cancelled", {"oneOf": [{"type": "object", "properties": {"type": {"const": "answered"}, "answers": {"type": "array", "items": TEXT}}, "required": ["type", "answers"]},
                                             {"type": "object", "properties": {"type": {"const": "cancelled"}}, "required": ["type"]}]},
         {"type": "answered", "answers": ["a", "b"]}, "answers.0:text answers.1:text", ("answers.1", 5), ("answers", DROP)),
]
