"""What people are told, and where."""

import pytest

from signoff.forms import find_problems
from signoff.reviews import ABSENT


def obj(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT, WHOLE, REAL = ({"type": kind} for kind in ("string", "integer", "number"))

TOLD = [
    (obj(amount={**REAL, "maximum": 5}), {"amount": 6}, "amount: must be at most 5"),
    (obj(["name"], name=TEXT), {}, "name: is required"),
    (obj(on={**TEXT, "format": "date"}), {"on": "x"}, "on: must be a date like 2026-11-21"),
    (obj(n=WHOLE), {"n": "5"}, "n: must be a whole number"),
    (obj(n={"type": ["integer", "null"]}), {"n": "5"}, "n: must be a whole number or empty (null)"),
    (obj(c={"enum": ["a", "b"]}), {"c": "x"}, "c: must be one of “a” or “b”"),
    (obj(t={**TEXT, "minLength": 1}), {"t": ""}, "t: must not be empty"),
    (obj(t={**TEXT, "maxLength": 2}), {"t": "abc"}, "t: must have at most 2 characters"),
    (obj(r={"type": "array", "items": WHOLE}), {"r": [1, None]}, "r.1: must be a whole number"),
    (obj(r={"type": "array", "minItems": 2}), {"r": [1]}, "r: must have at least 2 items"),
    (obj(r={"type": "array", "uniqueItems": True}), {"r": [1, 1]}, "r: must not have the same item twice"),
    ({**obj(a=WHOLE), "additionalProperties": False}, {"b": 1}, 'answer: has a field that is not expected: "b"'),
    ({**obj(), "dependentRequired": {"a": ["b"]}}, {"a": 1}, "b: is required"),
    (obj(m={**REAL, "multipleOf": 0.05}), {"m": 0.07}, "m: must be a multiple of 0.05"),
    ({"anyOf": [WHOLE, TEXT]}, [], "answer: must be a whole number or text"),
    ({"oneOf": [REAL, WHOLE]}, 3, "answer: fits more than one of the choices; only one is allowed"),
    (False, 1, "answer: is not expected here"),
    (TEXT, ABSENT, "answer: is required"),
]


@pytest.mark.parametrize(("schema", "data", "told"), TOLD)
def test_a_mistake_is_told_in_words_for_people(schema, data, told):
    assert [str(problem) for problem in find_problems(schema, data)] == [told]


EDIT = obj(["type", "args"], type={"const": "edit"}, args=obj(["to", "count"], to=TEXT, count=WHOLE))
REJECT = obj(["type"], type={"const": "reject"}, message=TEXT)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"type": "edit", "args": {"to": "x", "count": "2"}}, ["args.count: must be a whole number"]),
        ({"type": "edit", "args": {}}, ["args.to: is required", "args.count: is required"]),
        ({"type": "reject", "message": 5}, ["message: must be text"]),
        ({"type": "maybe"}, ["type: must be one of “edit” or “reject”"]),
        ([], ["answer: must be an object with named fields"]),
    ],
)
def test_a_mistake_in_a_union_is_told_by_the_branch_that_was_meant(answer, told):
    assert [str(problem) for problem in find_problems({"oneOf": [EDIT, REJECT]}, answer)] == told


@pytest.mark.parametrize(
    ("number", "step", "fits"),
    [(0.3, 0.1, True), (4.35, 0.01, True), (0.35, 0.1, False), (1e308, 0.5, True), (10**30, 3, False)],
)
def test_multiples_are_counted_in_decimals(number, step, fits):
    assert (find_problems({"multipleOf": step}, number) == []) == fits


def test_a_pattern_that_takes_for_ever_does_not_stop_the_server():
    assert find_problems({**TEXT, "pattern": "^(a|a)*$"}, "a" * 60 + "b") == []


def test_patterns_know_unicode_classes():
    assert find_problems({**TEXT, "pattern": r"^\p{Lu}"}, "Ä") == []
    assert find_problems({**TEXT, "pattern": r"^\p{Lu}"}, "ä") != []


def test_nothing_is_fetched_and_a_reference_to_nowhere_binds_nobody(monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("went out to the network"))

    assert find_problems(obj(a={"$ref": "https://example.com/x.json"}, b=WHOLE), {"a": 1, "b": 2}) == []


def test_formats_bind_where_the_type_is_said_even_in_a_declared_draft():
    declared = {"$schema": "https://json-schema.org/draft/2020-12/schema", "format": "date"}

    assert find_problems(declared, "x") == []
    assert find_problems({**declared, **TEXT}, "x") != []
    assert find_problems({"format": "date"}, "x") != []


FORMATS = [
    ("date", "2026-02-28", "2026-02-30"),
    ("time", "23:59:60Z", "24:00:00"),
    ("date-time", "2026-01-01t00:00:00.5z", "2026-01-01"),
    ("date-time", "2026-01-01T00:00:00", "2026-1-1T00:00:00Z"),
    ("duration", "PT1H30M", "1h"),
    ("email", "a+b@example.com", "a@"),
    ("uri", "mailto:a@b.c", "//example.com"),
    ("hostname", "a-b.example", "a_b"),
    ("ipv4", "127.0.0.1", "256.0.0.1"),
    ("ipv6", "fe80::1", "fe80::1%eth0"),
    ("uuid", "123E4567-E89B-12D3-A456-426614174000", "123e4567e89b12d3a456426614174000"),
    ("regex", "[a-z]+", "[a-z"),
    ("json-pointer", "/a~1b/0", "/a~2"),
    ("relative-json-pointer", "1/a", "/a"),
]


@pytest.mark.parametrize(("name", "good", "bad"), FORMATS)
def test_formats_tell_good_from_bad(name, good, bad):
    schema = {**TEXT, "format": name}

    assert find_problems(schema, good) == []
    assert len(find_problems(schema, bad)) == 1
