"""Schemas guessed from values keep the types of the values, and schemas put inside others keep their meaning."""

from __future__ import annotations

import pytest

from signoff.dialects.options import options
from signoff.dialects.shapes import embedded, infer, is_schema, says_a_shape


def row(*required, **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


INTEGER, TEXT = {"type": "integer"}, {"type": "string"}


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (True, {"type": "boolean"}),
        (1, INTEGER),
        (1.0, {"type": "number"}),
        ("", TEXT),
        (None, {}),
        ([], {"type": "array"}),
        ({}, {"type": "object"}),
        ([1, 2], {"type": "array", "items": INTEGER}),
        ([1, 2.5], {"type": "array", "items": {"type": "number"}}),
        ([1, "a"], {"type": "array"}),
        ({"a": {"b": 1}}, row("a", a=row("b", b=INTEGER))),
        ([{"a": 1}, {"a": 2, "b": "x"}], {"type": "array", "items": row("a", a=INTEGER, b=TEXT)}),
        ([{"a": 1}, {"a": "x"}], {"type": "array", "items": row("a", a={})}),
    ],
)
def test_a_value_suggests_its_own_type(accepts, value, schema):
    assert infer(value) == schema
    assert accepts(schema, value)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ({"type": "string"}, True),
        ({"items": [{"type": "string"}]}, True),
        ({"pattern": r"\p{L}+"}, True),
        ({"type": "strnig"}, False),
        ({"properties": []}, False),
        ({}, False),
        (True, False),
        ("object", False),
    ],
)
def test_schemas_are_told_from_dicts_that_look_like_one(value, verdict):
    assert is_schema(value) is verdict


def test_any_dict_passes_for_a_schema_but_not_every_dict_says_a_shape():
    assert is_schema({"amount": 3})
    assert not says_a_shape({"amount": 3})


def test_references_of_an_embedded_schema_keep_pointing_into_it(accepts):
    inner = {"properties": {"n": {"$ref": "#/$defs/N"}}, "$defs": {"N": {"type": "integer"}}}
    outer = {"properties": {"args": embedded(inner, "args")}, "$defs": {"N": {"type": "string"}}}

    assert accepts(outer, {"args": {"n": 1}})
    assert not accepts(outer, {"args": {"n": "1"}})


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (["a", "b", "a"], [("a", "a"), ("b", "b")]),
        ([1, True], [(1, "1"), (True, "True")]),
        ([{"value": 1, "label": "One"}], [(1, "One")]),
        ([{"id": "x", "title": "The X"}], [("x", "The X")]),
        ([{"name": "Red", "hex": "#f00"}], [("Red", "Red")]),
        ([{"name": "send_email", "args": {"to": "a"}}], []),
        ([{"args": 1}], []),
        (["a", None], []),
        ([["a"]], []),
        ("ab", []),
        ([], []),
    ],
)
def test_choices_are_read_in_the_ways_graphs_write_them(listed, found):
    assert [(option.value, option.label) for option in options(listed)] == found
