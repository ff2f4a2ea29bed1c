"""Keywords that jsonschema 4.26 answers differently from the specification, or by raising.

Patterns are read by ``regex`` (``\\p{L}``, and a time limit: schemas are not ours), multiples are counted exactly,
a reference that leads nowhere binds nobody.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final

import regex
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing.exceptions import Unresolvable

from signoff.reviews import Json

Check = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]
STOCK: Final[dict[str, Any]] = Draft202012Validator.VALIDATORS
PATIENCE: Final = 0.2
"""Seconds one pattern may take on one text before it counts as matching."""


def matches(pattern: str, text: str) -> bool:
    """Tell whether ``pattern`` is found in ``text``; a pattern that is broken or too slow is found."""
    try:
        return regex.search(pattern, text, timeout=PATIENCE) is not None
    except (regex.error, TimeoutError, OverflowError, RecursionError):
        return True


def is_multiple(number: float, of: float) -> bool:
    """Tell whether ``number`` is a whole multiple, counted in decimals: 0.3 is three times 0.1."""
    if not (math.isfinite(number) and math.isfinite(of)) or of == 0:
        return False
    return (Fraction(str(number)) / Fraction(str(of))).denominator == 1


def _pattern(validator: Any, pattern: str, value: Json, _schema: Json) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and not matches(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, shapes: Any, value: Json, _schema: Json) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for pattern, shape in shapes.items():
            for key in (key for key in value if matches(pattern, key)):
                yield from validator.descend(value[key], shape, path=key, schema_path=pattern)


def _additional_properties(validator: Any, shape: Any, value: Json, schema: Json) -> Iterator[ValidationError]:
    if not validator.is_type(value, "object"):
        return
    for key in value:
        named = key in schema.get("properties", ())
        if named or any(matches(pattern, key) for pattern in schema.get("patternProperties", ())):
            continue
        if shape is False:
            yield ValidationError(f"{key!r} is not expected", validator="additionalProperties", validator_value=key)
        else:
            yield from validator.descend(value[key], shape, path=key)


def _unevaluated_properties(validator: Any, shape: Any, value: Json, schema: Json) -> Iterator[ValidationError]:
    try:
        yield from STOCK["unevaluatedProperties"](validator, shape, value, schema)
    except re.error:
        return  # jsonschema reads patterns with ``re`` here; what it cannot read it cannot judge


def _multiple_of(validator: Any, of: float, value: Json, _schema: Json) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and not is_multiple(value, of):
        yield ValidationError(f"{value!r} is not a multiple of {of}")


def _tolerant(keyword: str) -> Check:
    stock = STOCK[keyword]

    def check(validator: Any, reference: str, value: Json, schema: Json) -> Iterator[ValidationError]:
        try:
            yield from stock(validator, reference, value, schema)
        except (Unresolvable, AttributeError, TypeError, LookupError):
            return

    return check


def _format(validator: Any, name: str, value: Json, schema: Json) -> Iterator[ValidationError]:
    """Assert the format of a text; where a declared draft says no type, it is a remark (section 7.2.1)."""
    if "type" in schema:
        yield from STOCK["format"](validator, name, value, schema) or ()


OURS: Final[dict[str, Check]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "multipleOf": _multiple_of,
    "$ref": _tolerant("$ref"),
    "$dynamicRef": _tolerant("$dynamicRef"),
}
TO_THE_LETTER: Final[dict[str, Check]] = {**OURS, "format": _format}
"""For documents that declare their draft."""

VALIDATION: Final = frozenset((
    "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
    "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains",
    "maxProperties", "minProperties", "required", "dependentRequired",
))  # fmt: skip
"""The vocabulary a metaschema may leave out (draft 2020-12, validation, section 6)."""
