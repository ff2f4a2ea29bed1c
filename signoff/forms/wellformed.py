"""A schema as it was meant: old spellings made new where no draft is declared, keywords that mean nothing left out.

What comes out never makes a validator raise: a wrong ``type`` or ``pattern`` costs itself alone, not the form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import regex

from signoff.reviews import Json

TYPES: Final = ("null", "boolean", "integer", "number", "string", "array", "object")
ONE: Final = frozenset((
    "items", "additionalItems", "additionalProperties", "propertyNames", "contains", "not", "if", "then",
    "else", "unevaluatedItems", "unevaluatedProperties", "contentSchema",
))  # fmt: skip
MANY: Final = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
COUNTS: Final = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains",
)  # fmt: skip
NAMED: Final = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"))


def wellformed(schema: Json, *, modern: bool) -> Json:
    """Return a copy of ``schema`` without keywords of the wrong shape; ``modern`` rewrites older drafts' keywords."""
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        return True
    given = _modernised(schema) if modern else schema
    return {word: kept for word, value in given.items() if (kept := _kept(word, value, modern)) is not _DROPPED}


_DROPPED: Final = object()


def _kept(word: str, value: Json, modern: bool) -> Any:
    if word in ONE and not isinstance(value, list):
        return wellformed(value, modern=modern) if _is_schema(value) else _DROPPED
    if word in MANY or word == "items":
        return _several(value, modern) if isinstance(value, list) and value else _DROPPED
    if word in NAMED:
        return _named(word, value, modern)
    if word == "dependencies":
        return _dependencies(value, modern)
    check = CHECKS.get(word)
    return value if check is None or check(value) else _DROPPED


def _several(value: list[Json], modern: bool) -> list[Json]:
    return [wellformed(one, modern=modern) for one in value]


def _named(word: str, value: Json, modern: bool) -> Any:
    if not isinstance(value, dict):
        return _DROPPED
    usable = _is_pattern if word == "patternProperties" else _is_text
    return {name: wellformed(one, modern=modern) for name, one in value.items() if _is_schema(one) and usable(name)}


def _dependencies(value: Json, modern: bool) -> Any:
    if not isinstance(value, dict):
        return _DROPPED
    return {
        name: one if isinstance(one, list) else wellformed(one, modern=modern)
        for name, one in value.items()
        if _is_schema(one) or _are_texts(one)
    }


def _modernised(schema: dict[str, Json]) -> dict[str, Json]:
    """Return ``schema`` in the words of draft 2020-12: tuples, dependencies and exclusive bounds of older drafts."""
    new = dict(schema)
    if isinstance(new.get("items"), list):
        new["prefixItems"] = new.pop("items")
        if "additionalItems" in new:
            new["items"] = new.pop("additionalItems")
    if isinstance(old := new.pop("dependencies", None), dict):
        required = {name: one for name, one in old.items() if isinstance(one, list)}
        shapes = {name: one for name, one in old.items() if not isinstance(one, list)}
        new |= {"dependentRequired": required | _dict(new.get("dependentRequired"))} if required else {}
        new |= {"dependentSchemas": shapes | _dict(new.get("dependentSchemas"))} if shapes else {}
    if isinstance(name := new.get("$id"), str) and name.startswith("#"):
        new["$anchor"] = new.pop("$id")[1:]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if new.get(exclusive) is True and bound in new:
            new[exclusive] = new.pop(bound)
    return new


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _is_schema(value: Json) -> bool:
    return isinstance(value, dict | bool)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Json) -> bool:
    return _is_number(value) and bool(value >= 0)


def _is_step(value: Json) -> bool:
    return _is_number(value) and bool(value > 0)


def _is_bound(value: Json) -> bool:
    return isinstance(value, int | float)


def _is_flag(value: Json) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_list(value: Json) -> bool:
    return isinstance(value, list)


def _is_type(value: Json) -> bool:
    return value in TYPES if isinstance(value, str) else _are_texts(value) and set(value) <= set(TYPES) and bool(value)


def _is_pattern(value: Json) -> bool:
    if not isinstance(value, str):
        return False
    try:
        regex.compile(value)
    except (regex.error, OverflowError, RecursionError):
        return False
    return True


def _is_dependents(value: Json) -> bool:
    return isinstance(value, dict) and all(_are_texts(one) for one in value.values())


CHECKS: Final[dict[str, Callable[[Json], bool]]] = {
    "type": _is_type,
    "enum": _is_list,
    "required": _are_texts,
    "pattern": _is_pattern,
    "format": _is_text,
    "title": _is_text,
    "description": _is_text,
    "$ref": _is_text,
    "$dynamicRef": _is_text,
    "$recursiveRef": _is_text,
    "$id": _is_text,
    "$schema": _is_text,
    "$anchor": _is_text,
    "$dynamicAnchor": _is_text,
    "uniqueItems": _is_flag,
    "readOnly": _is_flag,
    "writeOnly": _is_flag,
    "minimum": _is_number,
    "maximum": _is_number,
    "exclusiveMinimum": _is_bound,
    "exclusiveMaximum": _is_bound,
    "multipleOf": _is_step,
    "dependentRequired": _is_dependents,
    "contentMediaType": _is_text,
    **dict.fromkeys(COUNTS, _is_count),
}
