"""Dialects: what each family of interrupt payloads asks, and the exact value its graph wants back.

Adding one: write a file with ``recognise(asked) -> Card | None`` and put it into `DIALECTS` at its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from signoff.dialects import (
    ad_hoc,
    agent_inbox,
    agui,
    ask_user,
    copilotkit,
    custom,
    hitl,
    mcp,
    native,
    plain,
    raw,
    tool_approval,
)
from signoff.dialects.card import Asked, Card, same
from signoff.dialects.custom import Rule
from signoff.reviews import Json

__all__ = ["DIALECTS", "Asked", "Card", "Rule", "read_card", "readings", "same"]

Recognise = Callable[[Asked], Card | None]

PROTOCOLS: Final[tuple[Recognise, ...]] = (
    tool_approval.recognise,
    native.recognise,
    hitl.recognise,
    agent_inbox.recognise,
    copilotkit.recognise,
    ask_user.recognise,
    mcp.recognise,
    agui.recognise,
)
GUESSES: Final[tuple[Recognise, ...]] = (ad_hoc.recognise, plain.recognise, raw.recognise)
DIALECTS: Final = (*PROTOCOLS, *GUESSES)
"""In recognition order (PAYLOADS section 13): the first that recognises a payload draws its card."""


def read_card(
    value: Json,
    *,
    response_schema: Json | None,
    node: str | None,
    graph: str | None = None,
    rules: Sequence[Rule] = (),
) -> Card:
    """Return the card of one interrupt. Never raises: what nobody recognises is shown raw, answered with any JSON.

    ``value`` is the payload as plain JSON, ``response_schema`` the interrupt's own. A payload that is a JSON text is
    read as the JSON it holds; a list of one dict as that dict, where the dict speaks a protocol or a rule is about it.
    ``rules`` are the desk's own forms; they come before all dialects.
    """
    asked, *inside = readings(value, response_schema=response_schema, node=node, graph=graph)
    for reading in (asked, *inside):
        if rule := custom.rule_for(reading, rules):
            return custom.said_broken(_recognised(asked), rule) if rule.broken else custom.card_of(rule, reading)
    return _recognised(asked)


def readings(
    value: Json, *, response_schema: Json | None = None, node: str | None = None, graph: str | None = None
) -> tuple[Asked, ...]:
    """Return what a payload asks: as it is, or as the JSON that its text holds; then what a list of one dict asks."""
    asked = Asked(value=_decoded(value), response_schema=response_schema, node=node or "", graph=graph)
    return (asked, *_inside(asked))


def _recognised(asked: Asked) -> Card:
    readings = [(asked, PROTOCOLS), *((inner, PROTOCOLS) for inner in _inside(asked)), (asked, GUESSES)]
    return next(card for reading, dialects in readings for knows in dialects if (card := knows(reading)))


def _inside(asked: Asked) -> list[Asked]:
    """Return what a list of one dict asks."""
    if isinstance(asked.value, list) and len(asked.value) == 1 and isinstance(asked.value[0], dict):
        return [replace(asked, value=asked.value[0])]
    return []


def _decoded(value: Json) -> Json:
    """Return the object or list that a JSON text holds; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
