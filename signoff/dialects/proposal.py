"""What a payload proposes as its answer: the draft a form begins with, never the decision itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from signoff.forms import find_problems
from signoff.reviews import ABSENT, Absent, Json

PROPOSALS: Final = (
    "prefill",
    "draft",
    "proposal",
    "proposed",
    "suggestion",
    "suggested",
    "initial",
    "current",
    "defaults",
    "default",
    "data",
    "values",
)
"""Payload keys under which graphs put a whole proposed answer."""

OURS: Final = frozenset(
    {
        *("action", "answer", "approve", "approved", "choice", "confirm", "confirmed", "decision", "ok", "outcome"),
        *("status", "type", "verdict", "comment", "feedback", "notes", "reason"),
        *("question", "message", "prompt", "instruction", "instructions", "task"),
    }
)
"""Fields for the reviewer's own words and decision, or named like the question: never filled in from the payload."""


def proposal(value: Json, schema: Json) -> Json | Absent:
    """Return the answer that ``value`` proposes for ``schema``: a whole one, or the fields both know, or `ABSENT`."""
    if not isinstance(value, dict):
        return ABSENT
    for key in PROPOSALS:
        if key in value and not find_problems(schema, value[key]):
            return value[key]
    return dict(_shared(value, schema)) or ABSENT


def _shared(value: dict[str, Json], schema: Json) -> Iterator[tuple[str, Json]]:
    """Yield the facts of the payload that fit the field of the same name, then the schema's own defaults."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    known = {k: v for k, v in properties.items() if isinstance(v, dict)} if isinstance(properties, dict) else {}
    facts = [key for key in known if key in value and _is_fact(key, value[key], schema)]
    for key, field in known.items() if facts else ():
        if key in facts:
            yield key, value[key]
        elif "default" in field:
            yield key, field["default"]


def _is_fact(key: str, item: Json, schema: Json) -> bool:
    if key.lower() in OURS or isinstance(item, bool):
        return False
    return not any(problem.path[:1] == (key,) for problem in find_problems(schema, {key: item}))
