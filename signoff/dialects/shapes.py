"""JSON Schemas: is this one, does a value fit it, which would suit this value, and the pieces answers are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeGuard

from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

from signoff.reviews import Json

DEEPEST: Final = 8
"""Levels of a value that `infer` looks into; what lies deeper is edited as JSON."""

SAMPLE: Final = 200
"""Elements of a list that `infer` looks at."""

CHOOSE: Final = {"x-signoff": {"choose": True}}
"""Marks a union in which no branch may be chosen for the reviewer: the decision is theirs."""

_NO_FORMATS: Final = FormatChecker(())


def is_schema(value: Json) -> TypeGuard[dict[str, Json]]:
    """Tell whether ``value`` is a JSON Schema of draft 2020-12 or draft-07 that says anything. Nothing is fetched."""
    if not isinstance(value, dict) or not value:
        return False
    try:
        return _is_schema_text(json.dumps(value))
    except (ValueError, TypeError, RecursionError):
        return False


@lru_cache(maxsize=512)
def _is_schema_text(text: str) -> bool:
    """Threads of one graph repeat the same schema: check each text once."""
    schema = json.loads(text)
    return any(_passes(draft, schema) for draft in (Draft202012Validator, Draft7Validator))


def _passes(draft: type[Draft202012Validator] | type[Draft7Validator], schema: Json) -> bool:
    try:
        draft.check_schema(schema, format_checker=_NO_FORMATS)
    except (SchemaError, RecursionError):
        return False
    return True


def says_a_shape(value: Json) -> bool:
    """Tell whether ``value`` is a schema that says what an answer looks like, not just any dict that passes for one."""
    telling = ("type", "properties", "anyOf", "oneOf", "allOf", "enum", "const", "$ref")
    return isinstance(value, dict) and any(key in value for key in telling) and is_schema(value)


def embedded(schema: dict[str, Json], name: str) -> dict[str, Json]:
    """Return ``schema`` ready to stand inside another: its references keep their meaning.

    An ``$id`` makes it a resource of its own (draft 2020-12, section 8.2.1), so ``#/$defs/x`` resolves inside it.
    """
    refers = '"$ref"' in json.dumps(schema)
    return {"$id": f"urn:signoff:{name}", **schema} if refers and "$id" not in schema else schema


def infer(value: Json, deep: int = 0) -> dict[str, Json]:
    """Return the schema that ``value`` suggests, types kept; ``{}`` (any JSON) where it suggests none."""
    if isinstance(value, dict) and value and deep < DEEPEST:
        return fields({key: infer(item, deep + 1) for key, item in value.items()}, required=list(value))
    if isinstance(value, list) and value and deep < DEEPEST:
        return {"type": "array", **_items([infer(item, deep + 1) for item in value[:SAMPLE]])}
    return _suggested(value)


def _suggested(value: Json) -> dict[str, Json]:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return {"type": name}
    return {"type": "object"} if isinstance(value, dict) else {}


def _items(inferred: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """Return the ``items`` keyword for elements that agree; numbers of both kinds agree on number."""
    kinds = {one.get("type") for one in inferred}
    if kinds == {"integer", "number"}:
        return {"items": {"type": "number"}}
    if kinds == {"object"} and any("properties" in one for one in inferred):
        return {"items": _merged(inferred)}
    return {"items": inferred[0]} if all(one == inferred[0] for one in inferred) else {}


def _merged(rows: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """Return one row schema for rows whose keys differ: every key, required where every row has it."""
    properties: dict[str, Json] = {}
    for row in rows:
        for key, schema in row.get("properties", {}).items():
            properties[key] = schema if properties.get(key, schema) == schema else {}
    return fields(properties, required=[k for k in properties if all(k in row.get("properties", {}) for row in rows)])


def fields(properties: Mapping[str, Json], *, required: Sequence[str] = (), title: str = "") -> dict[str, Json]:
    """Return the schema of an object with these properties."""
    named = {"title": title} if title else {}
    return {**named, "type": "object", "properties": dict(properties), "required": list(required)}


def branch(title: str, tag: str, kind: str, properties: Mapping[str, Json], *, required: Sequence[str]) -> Json:
    """Return one branch of a tagged union: an object whose ``tag`` is ``kind``, with exactly these properties."""
    shape = fields({tag: {"const": kind}, **properties}, required=[tag, *required], title=title)
    return {**shape, "additionalProperties": False}


def one_of(tag: str, branches: Sequence[Json]) -> dict[str, Json]:
    """Return the union of tagged branches, none chosen beforehand; a single branch stands for itself."""
    if len(branches) == 1:
        return dict(branches[0])
    return {"oneOf": list(branches), "discriminator": {"propertyName": tag}, **CHOOSE}


def any_of(variants: Sequence[Json]) -> dict[str, Json]:
    """Return the suggestion of several possible answers, the most probable first.

    There is no branch for any JSON: it would make every half-filled form valid. `Card.enforced` takes any JSON instead.
    """
    return {"anyOf": [one for at, one in enumerate(variants) if one not in variants[:at]]}


def choices(values: Sequence[Json], labels: Sequence[str] | None = None) -> dict[str, Json]:
    """Return the schema of one value out of a list, with labels for people where they differ from the values."""
    if labels is None or list(labels) == [str(value) for value in values]:
        return {"enum": list(values)}
    return {"oneOf": [{"const": value, "title": label} for value, label in zip(values, labels, strict=True)]}
