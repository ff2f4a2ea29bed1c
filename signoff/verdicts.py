"""Verdicts: whether an answer said yes, yes with changes, no, or something else; for figures, never for the graph.

A dialect that knows what its answers mean judges them itself (``Card.judge``); all other answers are read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from signoff.forms.equality import same_json
from signoff.reviews import ABSENT, Absent, Json


class Verdict(StrEnum):
    """What an answer said: ``approved`` is a yes to exactly what was proposed, ``edited`` a yes with changes.

    ``answered`` is words, a choice or values, where nothing was proposed; ``mixed`` several calls decided differently.
    """

    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"
    ANSWERED = "answered"
    MIXED = "mixed"


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was said of one tool call."""

    tool: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What an answer said as a whole, and of each tool call that it decides on, in their order."""

    verdict: Verdict
    calls: tuple[Call, ...] = ()


_WORDS: Final = {
    Verdict.APPROVED: "approve approved accept accepted allow allowed confirm confirmed continue proceed yes y ok okay",
    Verdict.REJECTED: "reject rejected ignore decline declined deny denied refuse refused cancel cancelled no n",
    Verdict.EDITED: "edit edited update updated modify modified",
    Verdict.ANSWERED: "respond response answered feedback",
}
_VERDICTS: Final = {word: verdict for verdict, words in _WORDS.items() for word in words.split()}

_SAYING: Final = (
    *("approved", "approve", "confirmed", "confirm", "accepted", "accept", "allowed", "allow", "ok"),
    *("action", "decision", "verdict", "outcome", "type", "status", "choice", "answer", "response"),
)
"""The fields of an answer that may hold its yes or no, most telling first."""

_REMARKS: Final = frozenset(
    {
        *("comment", "comments", "explanation", "feedback", "justification", "message"),
        *("note", "notes", "rationale", "reason", "remark", "remarks"),
    }
)
"""Fields for the reviewer's own words: they change nothing that was proposed."""


def read_verdict(answer: Json, *, proposed: Json | Absent = ABSENT, schema: Json = True) -> Verdict:
    """Return what an answer says, by its words and by what its form began with: ``proposed``, or a field's default."""
    offered = _offered(proposed, schema)
    said = _said(answer)
    if said is not None:
        changed = said is Verdict.APPROVED and isinstance(answer, dict) and _changes(answer, offered)
        return Verdict.EDITED if changed else said
    if proposed is ABSENT:
        return Verdict.ANSWERED
    if same_json(answer, proposed):
        return Verdict.APPROVED
    if not isinstance(answer, dict) or not isinstance(proposed, dict):
        return Verdict.EDITED
    kept = all(key in answer and same_json(answer[key], item) for key, item in proposed.items())
    return Verdict.ANSWERED if kept else Verdict.EDITED


def of_calls(calls: Sequence[Call]) -> Judgement:
    """Return the judgement of an answer that decides on tool calls one by one."""
    verdicts = {call.verdict for call in calls}
    whole = verdicts.pop() if len(verdicts) == 1 else Verdict.MIXED if verdicts else Verdict.ANSWERED
    return Judgement(verdict=whole, calls=tuple(calls))


def _said(answer: Json) -> Verdict | None:
    """Return the yes or no of a boolean, of a word, or of an object's telling field; None where there is none."""
    if isinstance(answer, dict):
        found = (_said(answer[key]) for key in _SAYING if isinstance(answer.get(key), bool | str))
        return next((verdict for verdict in found if verdict), None)
    if isinstance(answer, bool):
        return Verdict.APPROVED if answer else Verdict.REJECTED
    return _VERDICTS.get(answer.strip().casefold()) if isinstance(answer, str) else None


def _changes(answer: Mapping[str, Json], offered: Mapping[str, Json]) -> bool:
    """Tell whether an approval differs from what was offered, or says more than that it approves and why."""
    for key in (answer.keys() | offered.keys()) - {*_SAYING, *_REMARKS}:
        if key not in offered:
            if answer[key] not in (None, "", [], {}, False):
                return True
        elif key in answer and not same_json(answer[key], offered[key]):
            return True
    return False


def _offered(proposed: Json | Absent, schema: Json) -> dict[str, Json]:
    """Return what each field of an object began with."""
    found: dict[str, Json] = {}
    if isinstance(schema, dict):
        variants = [one for key in ("anyOf", "oneOf") if isinstance(schema.get(key), list) for one in schema[key]]
        for one in [schema, *variants]:
            fields = one.get("properties") if isinstance(one, dict) else None
            for key, field in fields.items() if isinstance(fields, dict) else ():
                if isinstance(field, dict) and "default" in field:
                    found.setdefault(key, field["default"])
    return found | (proposed if isinstance(proposed, dict) else {})
