"""What people read in a form: labels of fields, options and branches, made from what a schema says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import regex

from signoff.reviews import Json

_WORDS: Final = regex.compile(r"[A-Za-z][A-Za-z0-9]*([_\-][A-Za-z0-9]+)*")
_HUMP: Final = regex.compile(r"(?<=[a-z0-9])(?=[A-Z])")

TYPE_NAMES: Final = {
    "string": "Text",
    "integer": "Whole number",
    "number": "Number",
    "boolean": "Yes or no",
    "array": "List",
    "object": "Details",
    "null": "Nothing",
}


def spoken(name: str) -> str:
    """Return a key as people write it: ``order_id`` and ``orderId`` are "Order id"; anything unusual stays."""
    if not _WORDS.fullmatch(name):
        return name
    words = _HUMP.sub(" ", name.replace("_", " ").replace("-", " ")).split()
    kept = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    return " ".join([kept[0] if kept[0].isupper() else kept[0].capitalize(), *kept[1:]])


def label_of(words: Mapping[str, Any], name: str | int, own_title: str) -> str:
    """Return the title given to a field itself, or its name as people write it, or its place in a list."""
    if own_title.strip():
        return own_title
    if isinstance(name, int):
        return f"{words.get('title', '').strip() or 'Item'} {name + 1}"
    return spoken(name)


def written(value: Json) -> str:
    """Return a value on one line, texts as they are."""
    if isinstance(value, str):
        return value or "(empty text)"
    return json.dumps(value, ensure_ascii=False)


def distinct(labels: Sequence[str], values: Sequence[Json]) -> list[str]:
    """Return the labels, those that are said twice told apart by their values, then by number."""
    twice = Counter(labels)
    told = [
        label if twice[label] == 1 else f"{label} ({json.dumps(value, ensure_ascii=False)})"
        for label, value in zip(labels, values, strict=True)
    ]
    seen: Counter[str] = Counter()
    for at, label in enumerate(told):
        seen[label] += 1
        told[at] = label if seen[label] == 1 else f"{label} #{seen[label]}"
    return told
