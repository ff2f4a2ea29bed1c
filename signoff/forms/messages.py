"""What a broken rule is called when it is said to a person: one row per keyword."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from signoff.forms.formats import FORMATS
from signoff.forms.wording import written
from signoff.reviews import Json

TYPES: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "array": "a list",
    "object": "an object with named fields",
    "null": "empty (null)",
}
LISTED: Final = 8
"""Choices named in a message; more than that are counted."""


def message_of(error: ValidationError) -> str:
    """Return what is wrong, to follow the name of the field."""
    say = MESSAGES.get(str(error.validator))
    return say(error.validator_value, error.instance) if say else "is not as the graph expects it"


def _type(kinds: Any, _value: Json) -> str:
    listed = [kinds] if isinstance(kinds, str) else list(kinds)
    return "must be " + _either([TYPES.get(kind, str(kind)) for kind in listed])


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _enum(values: Any, _value: Json) -> str:
    if len(values) > LISTED:
        return f"must be one of the {len(values)} choices"
    return "must be " + ("one of " if len(values) > 1 else "") + _either([_shown(one) for one in values])


def _shown(value: Json) -> str:
    text = written(value)
    return f"“{text}”" if isinstance(value, str) else text


def _format(name: Any, _value: Json) -> str:
    return f"must be {FORMATS[name][1]}" if name in FORMATS else f"must be a valid {name}"


def _count(least: str, unit: str) -> Callable[[Any, Json], str]:
    return lambda limit, _value: f"must have {least} {limit} {unit}{'' if limit == 1 else 's'}"


def _at_least_one(unit: str) -> Callable[[Any, Json], str]:
    plural = _count("at least", unit)
    return lambda limit, value: "must not be empty" if limit == 1 else plural(limit, value)


def _bound(words: str) -> Callable[[Any, Json], str]:
    return lambda limit, _value: f"must be {words} {limit}"


def _fixed(words: str) -> Callable[[Any, Json], str]:
    return lambda _limit, _value: words


MESSAGES: Final[dict[str, Callable[[Any, Json], str]]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda only, _value: f"must be {_shown(only)}",
    "format": _format,
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "exclusiveMaximum": _bound("less than"),
    "multipleOf": _bound("a multiple of"),
    "minLength": _at_least_one("character"),
    "maxLength": _count("at most", "character"),
    "pattern": lambda pattern, _value: f"must match the pattern {pattern}",
    "minItems": _at_least_one("item"),
    "maxItems": _count("at most", "item"),
    "minContains": lambda limit, _value: f"must have at least {limit} items of the expected kind",
    "maxContains": lambda limit, _value: f"must have at most {limit} items of the expected kind",
    "contains": _fixed("must have an item of the expected kind"),
    "uniqueItems": _fixed("must not have the same item twice"),
    "minProperties": _at_least_one("field"),
    "maxProperties": _count("at most", "field"),
    "additionalProperties": lambda key, _value: (
        f"has a field that is not expected: {json.dumps(key, ensure_ascii=False)}"
    ),
    "unevaluatedProperties": _fixed("has a field that is not expected"),
    "items": _fixed("has more items than expected"),
    "additionalItems": _fixed("has more items than expected"),
    "unevaluatedItems": _fixed("has more items than expected"),
    "oneOf": _fixed("fits more than one of the choices; only one is allowed"),
    "anyOf": _fixed("fits none of the choices"),
    "not": _fixed("has a value that is not allowed"),
    "required": _fixed("is required"),
    "dependentRequired": _fixed("is required"),
    "dependencies": _fixed("is required"),
    "None": _fixed("is not expected here"),
}
