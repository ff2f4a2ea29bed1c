"""``tool_approval``: one tool call per interrupt, answered with one decision (middleware's ``per_call`` mode).

The interrupt's ``response_schema`` is the contract (read: langchain 1.4.7): a ``oneOf`` of the allowed decisions, or
the plain object of the only one. It is kept; titles for people and the proposed arguments are added as annotations.
"""

from __future__ import annotations

import copy
from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.hitl import REASONS, SNAKE, TITLES, Action, decision_schema, judge_call, only_decision
from signoff.dialects.shapes import CHOOSE, infer, is_schema
from signoff.dialects.wording import review_of
from signoff.reviews import ABSENT, Absent, Json
from signoff.verdicts import of_calls

EXPLAINED: Final = {
    "approve": "Run the call as proposed.",
    "edit": "Run the call with the arguments you set.",
    "reject": "Do not run the call; the agent is told why.",
    "respond": "Do not run the call; your reply is its result.",
}


def recognise(asked: Asked) -> Card | None:
    """Return the card of a tool approval, or None. Without a usable schema every decision is suggested."""
    value = asked.value
    if not isinstance(value, dict) or value.get("type") != "tool_approval" or not isinstance(value.get("name"), str):
        return None
    args, declared = value.get("args"), is_schema(asked.response_schema)
    action = Action(
        name=value["name"],
        args=args if isinstance(args, dict) else {},
        allowed=SNAKE.decisions,
        args_schema=None,
    )
    drawn = annotated(asked.response_schema, action.args) if declared else decision_schema(action)
    return Card(
        dialect="tool_approval",
        title=review_of(action.name),
        body={"tool": action.name} | {key: value[key] for key in value if key not in ("type", "name")},
        schema=drawn,
        contract=asked.response_schema if declared else None,
        prefill=_prefill(drawn, action),
        declared=declared,
        tool=action.name,
        judge=lambda resume: of_calls([judge_call(action, resume)]),
    )


def annotated(schema: Json, args: dict[str, Json]) -> Json:
    """Return a copy of the decision schema with titles for people and, for an edit, the proposed arguments."""
    drawn = copy.deepcopy(schema)
    branches = _branches(drawn)
    for branch in branches:
        kind = _kind(branch)
        branch.update({"title": TITLES[kind], "description": EXPLAINED[kind]} if kind in TITLES else {})
        if kind == "edit":
            _offer(branch, args, drawn)
        if kind == "reject" and isinstance(branch["properties"].get("message"), dict):
            branch["properties"]["message"].update(title="Reason", examples=REASONS)
    return drawn | CHOOSE if len(branches) > 1 else drawn


def _branches(schema: dict[str, Json]) -> list[dict[str, Json]]:
    union = schema.get("oneOf") or schema.get("anyOf")
    found = [_resolved(one, schema) for one in union] if isinstance(union, list) else [schema]
    return [one for one in found if _kind(one)]


def _offer(edit: dict[str, Json], args: dict[str, Json], root: dict[str, Json]) -> None:
    """Put the proposed arguments into the edit branch; draw them by their values where the tool has no schema."""
    call = _resolved(edit["properties"].get("edited_action"), root)
    shape = call.get("properties", {}).get("args") if isinstance(call.get("properties"), dict) else None
    if isinstance(shape, dict):
        guess = infer(args) if set(shape) <= {"type", "title", "additionalProperties"} else {}
        call["title"] = "Edited call"
        call["properties"]["args"] = {**shape, **guess, "title": "Arguments", "default": args}


def _resolved(schema: Json, root: dict[str, Json]) -> dict[str, Json]:
    """Return what a ``#/$defs/name`` reference names; the schema itself where it is none."""
    name = schema.get("$ref") if isinstance(schema, dict) else None
    if isinstance(name, str) and isinstance(root.get("$defs"), dict):
        return _dict(root["$defs"].get(name.removeprefix("#/$defs/")))
    return _dict(schema)


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _kind(branch: dict[str, Json]) -> str:
    kind = _dict(_dict(branch.get("properties")).get("type")).get("const")
    return kind if isinstance(kind, str) else ""


def _prefill(schema: dict[str, Json], action: Action) -> Json | Absent:
    branches = _branches(schema)
    if len(branches) != 1 or (kind := _kind(branches[0])) not in TITLES:
        return ABSENT
    return only_decision(Action(**{**vars(action), "allowed": (kind,)}))
