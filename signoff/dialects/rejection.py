"""Rejections: the answer that says no, where what a graph declares leaves no doubt which one that is.

A graph that declares nothing has no such answer: one that only tests ``if answer:`` would take ``{"approved": false}``
for a yes. Nor has a bare boolean: false may mean "no, do not stop it".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from signoff.dialects.agui import CANCELLED
from signoff.dialects.card import Card
from signoff.forms import find_problems
from signoff.reviews import ABSENT, Absent, Json

WORDS: Final = (
    *("reject", "rejected", "decline", "declined", "deny", "denied", "refuse", "refused"),
    *("disapprove", "disapproved", "not_approved"),
)
"""What a choice is called that says no, whatever the dialect."""

PROTOCOLS: Final = {"agent_inbox": ("ignore", "response"), "mcp": ("cancel",), "ask_user": ("cancelled",)}
"""What says no in one protocol, and may mean something else elsewhere; the mildest first."""

FLAGS: Final = frozenset(
    {"approved", "approve", "is_approved", "isApproved", "accepted", "accept", "allowed", "allow", "authorized"}
)
"""Names of booleans that say no when they are false."""

CHOICES: Final = frozenset(
    {"action", "approval", "choice", "decision", "outcome", "resolution", "result", "status", "type", "verdict"}
)
"""Names of choices that are the decision; a category that happens to be called "rejected" is none."""

REASONS: Final = ("message", "reason", "comment", "feedback", "notes", "note", "args")
"""Where a rejection says why, if it can."""

_DEEPEST = 4


def rejection(card: Card, why: str) -> Json | Absent:
    """Return the answer that rejects what ``card`` asks, saying ``why`` where it can; `ABSENT` where there is none."""
    if not card.declared:
        return ABSENT
    words = (*WORDS, *PROTOCOLS.get(card.dialect, ()))
    candidates = [*_rejecting(card.schema, card.schema, words, why)]
    if card.dialect == "agui":
        candidates.append(dict.fromkeys(CANCELLED["required"], True))
    return next((answer for answer in candidates if not find_problems(card.enforced, answer)), ABSENT)


def _rejecting(schema: Json, root: Json, words: tuple[str, ...], why: str, deep: int = 0) -> Iterator[Json]:
    """Yield objects that say no wherever they can, the plainest word first; some may not fit the whole schema."""
    branches = [_fields(one, root) for one in _branches(schema, root)] if deep < _DEEPEST else []
    for word in (*words, None):
        for fields in branches:
            flags = {name: False for name, field in fields.items() if name in FLAGS and field.get("type") == "boolean"}
            named = {n: word for n, field in fields.items() if word and n in CHOICES and word in _choices(field)}
            if named or (flags and word is None):
                yield from _explained({**flags, **named}, fields, why)
    for fields in branches:
        for name, field in fields.items():
            if isinstance(field.get("prefixItems"), list):
                each = [next(_fitting(one, root, words, why, deep + 1), ABSENT) for one in field["prefixItems"]]
                yield from [] if ABSENT in each else [{name: each}]


def _fitting(schema: Json, root: Json, words: tuple[str, ...], why: str, deep: int) -> Iterator[Json]:
    return (answer for answer in _rejecting(schema, root, words, why, deep) if not find_problems(schema, answer))


def _explained(answer: dict[str, Json], fields: dict[str, dict[str, Json]], why: str) -> Iterator[Json]:
    """Yield the answer with a reason in each field that could take one, then without."""
    yield from ({**answer, name: why} for name in REASONS if fields.get(name, {}).get("type") == "string")
    yield answer


def _branches(schema: Json, root: Json) -> list[dict[str, Json]]:
    whole = _resolved(schema, root)
    union = whole.get("oneOf") or whole.get("anyOf")
    return [_resolved(one, root) for one in union] if isinstance(union, list) else [whole]


def _fields(schema: dict[str, Json], root: Json) -> dict[str, dict[str, Json]]:
    found = schema.get("properties")
    return {name: _resolved(field, root) for name, field in found.items()} if isinstance(found, dict) else {}


def _choices(field: dict[str, Json]) -> list[Json]:
    listed = field.get("enum")
    return [field.get("const"), *(listed if isinstance(listed, list) else [])]


def _resolved(schema: Json, root: Json) -> dict[str, Json]:
    """Return what a ``#/$defs/name`` reference names; the schema itself where it is none."""
    name = schema.get("$ref") if isinstance(schema, dict) else None
    definitions = root.get("$defs") if isinstance(root, dict) else None
    if isinstance(name, str) and isinstance(definitions, dict):
        schema = definitions.get(name.removeprefix("#/$defs/"))
    return schema if isinstance(schema, dict) else {}
