"""What happens to a question that nobody decides in time: read from its payload, or from a rule of the desk. Pure.

Nothing is approved by silence: an answer is only ever given if the payload's author, or whoever wrote the rule, wrote
that very answer down. What cannot be done is not guessed; the review is escalated instead, and says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from signoff.dialects import readings
from signoff.dialects.card import Card
from signoff.dialects.custom import is_about
from signoff.dialects.metadata import read_time
from signoff.dialects.rejection import rejection
from signoff.durations import read_duration
from signoff.forms import find_problems
from signoff.projection import Waiting
from signoff.reviews import ABSENT, Absent, Json, Kind
from signoff.storable import find_unstorable

AT: Final = ("expires_at", "expiresAt")
AFTER: Final = ("timeout",)
THEN: Final = ("on_timeout", "onTimeout")
_WORDS: Final = frozenset((*AT, *AFTER, *THEN))
WHY: Final = "Nobody decided in time."
"""What a rejection tells the graph, where it can say why."""


class Then(StrEnum):
    """What is done when the time has come."""

    ANSWER = "answer"
    REJECT = "reject"
    ESCALATE = "escalate"


@dataclass(frozen=True, kw_only=True)
class TimeLimit:
    """One rule of the desk: what is ``wanted``, said as ``on_timeout`` does, ``after`` an interrupt was first seen."""

    name: str
    after: timedelta
    wanted: Json
    graph: str | None = None
    node: str | None = None
    match: Json | Absent = ABSENT


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What happens by itself: at ``at``, or ``after`` the pause was first seen; at no time where both are None.

    ``answer`` is what ``then`` gives, `ABSENT` for an escalation. ``by`` names who wrote it, ``note`` what was written
    and cannot be done.
    """

    then: Then = Then.ESCALATE
    at: datetime | None = None
    after: timedelta | None = None
    answer: Json | Absent = ABSENT
    by: str = ""
    note: str = ""

    def due(self, seen_at: datetime) -> datetime | None:
        """Return when it happens to a question that was first seen at ``seen_at``; None for never."""
        return self.at or (seen_at + self.after if self.after else None)


def plan_of(waiting: Waiting, metadata: Mapping[str, Json], rules: Sequence[TimeLimit]) -> Plan | None:
    """Return what happens to a question that nobody decides, None where nothing does. Never raises.

    The payload's own words come before its thread's ``metadata``, and those before the first rule that is about it.
    """
    if waiting.review.kind is not Kind.INTERRUPT:
        return None
    asked = readings(waiting.payload, node=waiting.review.node, graph=waiting.review.graph)
    written = [one.value for one in asked if isinstance(one.value, dict)]
    payload = next((plan for value in written if (plan := _written(value, waiting.card, "its payload"))), None)
    thread = _written(_dated(metadata), waiting.card, "its thread's metadata")
    told = [plan for plan in (payload, thread) if plan]
    told += [_ruled(rule, waiting.card) for rule in rules if any(is_about(rule, one) for one in asked)][:1]
    timed = next((plan for plan in told if plan.at or plan.after), None)
    broken = next((plan.note for plan in told if not (plan.at or plan.after)), "")
    if timed is None:
        return Plan(note=broken) if broken else None
    return replace(timed, note=" ".join(filter(None, (broken, timed.note))))


def _dated(metadata: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what metadata says about time: a ``timeout`` there is any program's, and no business of ours."""
    return {name: metadata[name] for name in (*AT, *THEN) if name in metadata}


def _written(value: Mapping[str, Json], card: Card, by: str) -> Plan | None:
    """Return what a payload says: a time, or a span that has an ``on_timeout`` beside it; many a tool has a timeout."""
    if _WORDS.isdisjoint(value):
        return None
    said = _first(value, THEN)
    wanted = "escalate" if said in (ABSENT, None) else said
    time, span = _first(value, AT), _first(value, AFTER)
    if time not in (ABSENT, None):
        at = read_time(time)
        return _planned(wanted, card, by, at=at) if at else _unreadable("expires_at", time)
    if span not in (ABSENT, None) and said is not ABSENT:
        after = read_duration(span)
        return _planned(wanted, card, by, after=after) if after else _unreadable("timeout", span)
    return None


def _ruled(rule: TimeLimit, card: Card) -> Plan:
    return _planned(rule.wanted, card, f"timeout rule {rule.name} of signoff.toml", after=rule.after)


def _unreadable(name: str, value: Json) -> Plan:
    said = json.dumps(value[:40]) if isinstance(value, str) else type(value).__name__
    return Plan(note=f"Its {name} cannot be read ({said}).")


def _planned(wanted: Json, card: Card, by: str, *, at: datetime | None = None, after: timedelta | None = None) -> Plan:
    plan = Plan(at=at, after=after, by=by)
    word = wanted.strip().lower() if isinstance(wanted, str) else None
    if word == Then.ESCALATE:
        return plan
    if word == Then.REJECT:
        answer = rejection(card, WHY)
        missing = "What its graph declares has no answer that clearly rejects; it is escalated instead."
        return replace(plan, note=missing) if answer is ABSENT else replace(plan, then=Then.REJECT, answer=answer)
    answer = wanted["answer"] if isinstance(wanted, dict) and set(wanted) == {"answer"} else wanted
    if wrong := next(_problems(card, answer), None):
        return replace(plan, note=f"The answer to give does not fit ({wrong}); it is escalated instead.")
    return replace(plan, then=Then.ANSWER, answer=answer)


def _problems(card: Card, answer: Json) -> Iterator[str]:
    yield from map(str, find_unstorable(answer))
    yield from map(str, find_problems(card.enforced, answer))


def _first(value: Mapping[str, Json], names: Sequence[str]) -> Json | Absent:
    return next((value[name] for name in names if name in value), ABSENT)
