"""House rules: what the owner of the desk wrote into ``signoff.toml`` about questions that say nothing themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signoff.dialects.card import Asked
from signoff.dialects.custom import is_about
from signoff.reviews import ABSENT, Absent, Json, Priority


@dataclass(frozen=True, kw_only=True)
class HouseRule:
    """One rule: which questions it is about (all conditions given hold), and what it says of them.

    ``due_in`` counts from the checkpoint at which the thread paused.
    """

    graph: str | None = None
    node: str | None = None
    match: Json | Absent = ABSENT
    priority: Priority | None = None
    due_in: timedelta | None = None
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


def said_by(rules: Sequence[HouseRule], asked: Asked, *, paused_at: datetime) -> dict[str, Json]:
    """Return what the rules say, with the keys of payload metadata; of two that say something the first counts."""
    said: dict[str, Json] = {}
    for rule in rules:
        if is_about(rule, asked):
            said = _words(rule, paused_at) | said
    return said


def _words(rule: HouseRule, paused_at: datetime) -> dict[str, Json]:
    words: dict[str, Json] = {
        "priority": rule.priority and rule.priority.value,
        "due_at": rule.due_in and (paused_at + rule.due_in).isoformat(),
        **{name: list(getattr(rule, name)) for name in ("tags", "groups", "assignees")},
    }
    return {name: value for name, value in words.items() if value}
