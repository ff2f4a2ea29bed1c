"""Custom: forms for graphs that cannot be changed, by rules which the owner of the desk wrote into ``signoff.toml``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from signoff.dialects.card import Asked, Card
from signoff.dialects.metadata import read_metadata
from signoff.dialects.native import told
from signoff.dialects.proposal import proposal
from signoff.dialects.shapes import embedded, is_schema
from signoff.dialects.wording import one_line
from signoff.forms.equality import same_json
from signoff.reviews import ABSENT, Absent, Json

NAME: Final = "custom"
"""The dialect of a card that a rule drew."""

_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")


class Conditions(Protocol):
    """Which interrupts a rule is about."""

    @property
    def graph(self) -> str | None:
        """Return the name of their graph, None for any."""

    @property
    def node(self) -> str | None:
        """Return the node that asks, None for any."""

    @property
    def match(self) -> Json | Absent:
        """Return the values that their object payload holds, nested ones too; `ABSENT` for any payload."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: which interrupts it is about (all conditions given hold), and what their form is.

    ``match`` holds the values that an object payload must hold, nested ones too. ``schema`` is a JSON Schema of the
    resume value. ``title`` is a template, see `fill_in`. ``prefill`` goes over what the payload proposes.
    ``override`` lets the rule speak where the graph declares a schema itself; answers then fit both.
    ``broken`` says why the rule cannot draw its form, "" where it can; ``traceback`` tells the whole story.
    """

    name: str
    graph: str | None = None
    node: str | None = None
    match: Json | Absent = ABSENT
    schema: Json = True
    title: str = ""
    prefill: Json | Absent = ABSENT
    override: bool = False
    broken: str = ""
    traceback: str = field(default="", repr=False)


def rule_for(asked: Asked, rules: Sequence[Rule]) -> Rule | None:
    """Return the first rule that speaks about what was asked, or None."""
    declared = bool(rules) and is_schema(asked.response_schema)
    return next((rule for rule in rules if is_about(rule, asked) and (rule.override or not declared)), None)


def card_of(rule: Rule, asked: Asked) -> Card:
    """Return the card that an unbroken rule draws."""
    title, body = told(asked)
    if rule.title:
        title, body = one_line(fill_in(rule.title, asked.value)) or title, asked.value
    else:
        title = read_metadata(asked.value, {}).title or title
    return Card(
        dialect=NAME,
        title=title,
        body=body,
        schema=rule.schema,
        prefill=_prefill(rule, asked.value),
        declared=True,
        contract=_both(rule.schema, asked.response_schema) if is_schema(asked.response_schema) else None,
    )


def said_broken(card: Card, rule: Rule) -> Card:
    """Return the card that stands in for that of a broken rule, saying so."""
    said = f"Form {rule.name} of signoff.toml did not load ({rule.broken}); this is the form without it."
    return replace(card, note=f"{said} {card.note}".rstrip())


def fill_in(template: str, value: Json) -> str:
    """Return ``template`` with ``{key}``, ``{key.inner}``, ``{list.0}`` and ``{number:,.2f}`` filled in from ``value``.

    Only keys of objects and places of lists are looked up, never attributes. What is not there stays as written.
    """
    return _PLACEHOLDER.sub(lambda found: _filled(found, value), template)


def _filled(found: re.Match[str], value: Json) -> str:
    item = _look_up(value, found[1])
    if item is not ABSENT:
        return _spoken(item)
    path, _, form = found[1].rpartition(":")
    number = _look_up(value, path)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return found[0] if number is ABSENT else _spoken(number)
    try:
        return format(number, form)
    except (ValueError, OverflowError):
        return _spoken(number)


def _look_up(value: Json, path: str) -> Json | Absent:
    """Return what lies at ``path``; a key with dots in it is found before the way that its dots describe."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isascii() and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return ABSENT
    return value


def _spoken(item: Json) -> str:
    if isinstance(item, bool):
        return "yes" if item else "no"
    if item is None:
        return "—"
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


def is_about(rule: Conditions, asked: Asked) -> bool:
    """Tell whether what was asked fulfils all conditions that the rule gives."""
    return (
        rule.graph in (None, asked.graph)
        and rule.node in (None, asked.node)
        and (rule.match is ABSENT or _holds(asked.value, rule.match))
    )


def _holds(value: Json, wanted: Json) -> bool:
    """Tell whether ``value`` is ``wanted``, or an object that holds it (and may hold more)."""
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(key in value and _holds(value[key], wanted[key]) for key in wanted)
    return same_json(value, wanted)


def _prefill(rule: Rule, value: Json) -> Json | Absent:
    proposed = proposal(value, rule.schema)
    if isinstance(proposed, dict) and isinstance(rule.prefill, dict):
        return {**proposed, **rule.prefill}
    return proposed if rule.prefill is ABSENT else rule.prefill


def _both(rule: dict[str, Json], graph: dict[str, Json]) -> Json:
    return {"allOf": [embedded(rule, "form-rule"), embedded(graph, "response-schema")]}
