"""Which questions are the same question asked on several threads, and what one answer to all of them may say. Pure.

The schema of a card holds what its payload proposes as defaults: the arguments of a tool call, a draft, the values of a
state. Two questions are alike when their schemas differ in nothing else; what they propose differently belongs to one
thread, and no answer to several may touch it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from signoff.forms import find_problems
from signoff.forms.equality import same_json
from signoff.projection import Waiting
from signoff.reviews import ABSENT, Absent, Json
from signoff.verdicts import Verdict

_NAMED: Final = ("properties", "$defs", "patternProperties")
_BRANCHES: Final = ("oneOf", "anyOf")
_BESIDE: Final = ("default", "examples", "description")
"""Keywords that change nothing about which answers fit."""


def likeness(waiting: Waiting) -> str:
    """Return the fingerprint that questions have in common which can be answered alike: 16 hex digits."""
    review, card = waiting.review, waiting.card
    asked = [review.kind, review.graph, review.node, card.dialect, card.tool, card.declared, waiting.schema]
    text = json.dumps([*asked, _outline(card.enforced), _outline(card.schema)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def common_schema(one: Json, other: Json) -> Json | Absent:
    """Return the schema of the answers that mean the same for both questions; `ABSENT` where there is none.

    Proposals that differ are left out of it, and so are the branches of a union that hold one.
    """
    if same_json(one, other):
        return one
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return _all([common_schema(*pair) for pair in zip(one, other, strict=True)])
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ABSENT
    shared = {key: _under(key, one[key], other[key]) for key in one if key in other}
    differing = {key for key in one.keys() | other.keys() if shared.get(key, ABSENT) is ABSENT}
    return {key: part for key, part in shared.items() if part is not ABSENT} if differing <= {*_BESIDE} else ABSENT


def common_prefill(one: Json | Absent, other: Json | Absent) -> Json | Absent:
    """Return what both questions propose alike, of objects the fields that are the same; `ABSENT` where nothing is."""
    if one is not ABSENT and other is not ABSENT and same_json(one, other):
        return one
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ABSENT
    parts = {key: common_prefill(one[key], other[key]) for key in one if key in other}
    return {key: part for key, part in parts.items() if part is not ABSENT} or ABSENT


def own_answer(waiting: Waiting, answer: Json, resume: Json, *, schema: Json | Absent, prefill: Json | Absent) -> str:
    """Return why an answer to several questions does not mean this one too, "" where it does.

    ``schema`` and ``prefill`` are what all of the questions have in common, ``resume`` what this one would be sent.
    """
    card = waiting.card
    if schema is ABSENT:
        return "What these threads propose differs in every answer there is, so each has to be answered by itself."
    if problems := find_problems(schema, answer):
        return f"The answer does not fit, or belongs to one thread alone: {problems[0]}."
    if same_json(card.schema, schema) and _same(card.prefill, prefill):
        return ""
    if where := _contradicted(card.prefill, prefill, answer):
        return f"It proposes another value for {where}; that has to be decided on its own."
    judged = card.judged(resume)
    if Verdict.EDITED in {judged.verdict, *(call.verdict for call in judged.calls)}:
        return "The answer would change what this thread proposes; that has to be decided on its own."
    return ""


def _outline(schema: Json) -> Json:
    """Return a schema with whatever carries a default reduced to its title: its type may be guessed from the value."""
    if isinstance(schema, list):
        return [_outline(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "default" in schema:
        return {"title": schema.get("title"), "default": True}
    return {key: _outlined(key, part) for key, part in schema.items() if key not in ("examples", "enum", "const")} | {
        key: schema[key] for key in ("enum", "const") if key in schema
    }


def _outlined(key: str, part: Json) -> Json:
    named = key in _NAMED and isinstance(part, dict)
    return {name: _outline(field) for name, field in part.items()} if named else _outline(part)


def _under(key: str, one: Json, other: Json) -> Json | Absent:
    if key in _BRANCHES and isinstance(one, list) and isinstance(other, list):
        return [branch for branch in one if any(same_json(branch, each) for each in other)] or ABSENT
    if key in _NAMED and isinstance(one, dict) and isinstance(other, dict):
        return _fields(one, other)
    return common_schema(one, other)


def _fields(one: Mapping[str, Json], other: Mapping[str, Json]) -> Json | Absent:
    if one.keys() != other.keys():
        return ABSENT
    parts: dict[str, Any] = {name: common_schema(field, other[name]) for name, field in one.items()}
    return ABSENT if ABSENT in parts.values() else parts


def _all(parts: Sequence[Json | Absent]) -> Json | Absent:
    return ABSENT if any(part is ABSENT for part in parts) else list(parts)


def _same(one: Json | Absent, other: Json | Absent) -> bool:
    return one is other or (one is not ABSENT and other is not ABSENT and same_json(one, other))


def _contradicted(own: Json | Absent, shared: Json | Absent, answer: Json) -> str:
    """Return the field in which an answer says something else than this question alone proposes, "" for none."""
    if own is ABSENT or _same(own, shared):
        return ""
    if not isinstance(own, dict) or not isinstance(answer, dict):
        return "" if same_json(own, answer) else "the whole answer"
    known = shared if isinstance(shared, dict) else {}
    for name, value in own.items():
        if name in answer and (where := _contradicted(value, known.get(name, ABSENT), answer[name])):
            return repr(name) if where == "the whole answer" else f"{name}.{where}"
    return ""
