"""Schemas nobody wrote down: built at random together with an answer that fits them."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from signoff.forms import build_form, find_problems
from signoff.forms.equality import identical

NAMES = st.text(alphabet="ab./#|?=%~ 0é", max_size=4)
NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)


def of(schema, values):
    return values.map(lambda value: (schema, value))


LEAVES = st.one_of(
    of({"type": "string"}, st.text(max_size=20)),
    of({"type": "integer"}, st.integers(-(10**20), 10**20)),
    of({"type": "number"}, NUMBERS),
    of({"type": "boolean"}, st.booleans()),
    of({"type": "null"}, st.none()),
    of({"enum": [1, "1", True, None, "a"]}, st.sampled_from([1, "1", True, None, "a"])),
    of({"type": ["string", "number", "null"]}, st.text(max_size=5) | NUMBERS | st.none()),
    of({"type": "string", "format": "date"}, st.dates().map(str)),
    of({"type": "string", "format": "time"}, st.times().map(lambda value: value.isoformat())),
    of({"type": "string", "format": "date-time"}, st.datetimes(timezones=st.just(None)).map(lambda v: v.isoformat())),
    of({"type": "array", "items": {"enum": ["a", "b", 1]}}, st.lists(st.sampled_from(["a", "b", 1]), max_size=3)),
    of({}, st.dictionaries(NAMES, NUMBERS | st.none(), max_size=2) | st.lists(NUMBERS, max_size=2) | st.text()),
)


def objects(pairs):
    def build(fields, needed):
        shapes = {name: schema for name, (schema, _) in fields.items()}
        data = {name: value for at, (name, (_, value)) in enumerate(fields.items()) if at < needed or needed % 2}
        return {"type": "object", "properties": shapes, "required": [n for n in data if needed % 3]}, data

    return st.builds(build, st.dictionaries(NAMES, pairs, max_size=4), st.integers(0, 4))


def maps(pairs):
    def build(names, pair):
        return {"type": "object", "additionalProperties": pair[0]}, dict.fromkeys(names, pair[1])

    return st.builds(build, st.lists(NAMES, max_size=3), pairs)


def lists(pairs):
    def build(pair, count):
        return {"type": "array", "items": pair[0]}, [pair[1]] * count

    return st.builds(build, pairs, st.integers(0, 3))


def tuples(pairs):
    def build(items):
        return {"type": "array", "prefixItems": [one for one, _ in items], "items": False}, [one for _, one in items]

    return st.builds(build, st.lists(pairs, min_size=1, max_size=3))


def unions(pairs):
    def branch(at, schema):
        return {"type": "object", "properties": {"kind": {"const": at}, "value": schema}, "required": ["kind"]}

    def build(options, at):
        at %= len(options)
        branches = [branch(index, schema) for index, (schema, _) in enumerate(options)]
        return {"oneOf": branches}, {"kind": at, "value": options[at][1]}

    return st.builds(build, st.lists(pairs, min_size=1, max_size=3), st.integers(0, 2))


def optional(pairs):
    def build(pair, there):
        return {"anyOf": [pair[0], {"type": "null"}]}, pair[1] if there else None

    return st.builds(build, pairs, st.booleans())


def merged(pairs):
    return pairs.map(lambda pair: ({"allOf": [{"title": "Part"}, pair[0]]}, pair[1]))


KINDS = (objects, maps, lists, tuples, unions, optional, merged)
PAIRS = st.recursive(LEAVES, lambda pairs: st.one_of(*(kind(pairs) for kind in KINDS)), max_leaves=8)


def every(field):
    yield field
    for part in field.parts:
        yield from every(part)


@settings(max_examples=300, deadline=None)
@given(PAIRS)
def test_an_untouched_form_gives_back_any_valid_answer(pair):
    schema, data = pair

    form = build_form(schema, data)

    assert identical(form.collect(), data)
    assert form.misread() == []
    assert find_problems(schema, data) == []


@settings(max_examples=300, deadline=None)
@given(PAIRS, PAIRS)
def test_any_answer_at_all_can_be_drawn_given_back_and_judged(pair, other):
    schema, data = pair[0], other[1]

    form = build_form(schema, data)

    assert all(form.way(problem.path) for problem in find_problems(schema, data))
    assert json.dumps(form.collect()) is not None


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_keys_are_unique_in_any_form(pair):
    keys = [field.key for field in every(build_form(*pair).root)]

    assert len(keys) == len(set(keys))
