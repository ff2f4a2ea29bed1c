"""Plain values: a text to be answered, a list to choose from, a number or a boolean by itself."""

from __future__ import annotations

from signoff.dialects.card import Asked, Card
from signoff.dialects.options import options
from signoff.dialects.shapes import any_of, infer
from signoff.dialects.suggestions import (
    APPROVAL,
    GUESS,
    NUMBER,
    TEXT,
    TRUTH,
    YES_NO,
    asks_approval,
    picked,
    wants_words_yes_no,
    yes_or_no,
)
from signoff.dialects.wording import fallback_title, one_line
from signoff.reviews import Json


def recognise(asked: Asked) -> Card | None:
    """Return the card of a text, number, boolean, null or non-empty list, or None."""
    value = asked.value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list) and value:
        return _list(asked, value)
    if value is None or isinstance(value, bool | int | float):
        kinds: list[Json] = [NUMBER] if isinstance(value, int | float) and not isinstance(value, bool) else []
        return _card(fallback_title(asked), value, [*kinds, TEXT, YES_NO, APPROVAL], GUESS)
    return None


def _text(text: str) -> Card | None:
    title = one_line(text)
    if not title:
        return None
    closed = asks_approval(text) or wants_words_yes_no(text)
    variants = yes_or_no(text) if closed else [TEXT, YES_NO, APPROVAL]
    return _card(title, "" if title == text.strip() else text, variants, TRUTH if closed else GUESS)


def _list(asked: Asked, items: list[Json]) -> Card:
    offered = options(items) if all(isinstance(item, str | int | float) for item in items) else ()
    if offered:
        return _card(fallback_title(asked), "", picked(offered), GUESS)
    edited = {**infer(items), "title": "Edited list", "default": items}
    return _card(fallback_title(asked), items, [APPROVAL, YES_NO, edited, TEXT], TRUTH)


def _card(title: str, body: Json, variants: list[Json], note: str) -> Card:
    return Card(dialect="plain", title=title, body=body, schema=any_of(variants), note=note)
