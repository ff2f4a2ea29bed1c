"""From what people do to widgets to the answer."""

import datetime as dt

import pytest

from signoff.forms import Rows, Widget, build_form


def obj(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT, WHOLE, REAL, FLAG = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
MAYBE = {"type": ["string", "null"]}

TYPED = [
    (WHOLE, "12", 12),
    (WHOLE, " -7 ", -7),
    (WHOLE, "3.0", 3),
    (WHOLE, "123456789012345678901", 123456789012345678901),
    (REAL, "1.5", 1.5),
    (REAL, "2", 2),
    (REAL, ".5e-3", 0.0005),
    (TEXT, " x ", " x "),
    ({}, '{"a": [1, null]}', {"a": [1, None]}),
    ({"enum": [1, "1", True]}, 2, True),
    (FLAG, False, False),
    ({**TEXT, "format": "date"}, dt.date(2026, 1, 2), "2026-01-02"),
    ({**TEXT, "format": "time"}, dt.time(3, 4, 5), "03:04:05"),
    ({"type": "array", "items": {"enum": ["a", "b"]}}, [1, 0], ["b", "a"]),
]


@pytest.mark.parametrize(("schema", "raw", "value"), TYPED)
def test_what_is_typed_becomes_a_value_of_the_right_type(schema, raw, value):
    form = build_form(obj(["x"], x=schema))

    answer = form.collect({form.root.parts[0].raw_key: raw})

    assert answer == {"x": value}
    assert type(answer["x"]) is type(value)


@pytest.mark.parametrize("text", ["", "x", "3,5", "1 000", "1_000", "0x10", "½", "--1", "1e999", "NaN"])
def test_what_is_no_number_is_said_at_the_field_and_never_guessed(text):
    form = build_form(obj(["x"], x=REAL), {"x": 1})

    answer, said = form.collect({"/x": text}), form.misread({"/x": text})

    assert answer in ({}, {"x": text})
    assert [problem.path for problem in said] == ([("x",)] if text else [])


@pytest.mark.parametrize("text", ["{", "hello", "[1,]", "NaN", "'x'", "[" * 100_000])
def test_what_is_no_json_is_said_at_the_field(text):
    form = build_form(obj(x={}), {})

    assert [problem.path for problem in form.misread({"/x": text})] == [("x",)]


@pytest.mark.parametrize(
    ("data", "raw", "answer"),
    [
        ({}, {}, {}),
        ({"x": None}, {}, {"x": None}),
        ({"x": ""}, {}, {"x": ""}),
        ({}, {"/x?null": True}, {"x": None}),
        ({"x": None}, {"/x?null": False}, {"x": ""}),
        ({"x": None}, {"/x?null": False, "/x": "a"}, {"x": "a"}),
        ({"x": "a"}, {"/x": ""}, {"x": ""}),
        ({"x": "a"}, {"/x?null": True}, {"x": None}),
    ],
)
def test_absent_null_and_empty_stay_apart(data, raw, answer):
    assert build_form(obj(x=MAYBE), data, raw).collect(raw) == answer


def test_a_cleared_optional_text_that_may_not_be_empty_is_left_out():
    form = build_form(obj(x={**TEXT, "format": "email"}), {"x": "a@b.c"})

    assert form.collect({"/x": ""}) == {}


def test_a_date_and_time_keeps_its_offset_and_what_widgets_cannot_show():
    form = build_form({**TEXT, "format": "date-time"}, "2026-01-02T03:04:05.678901+05:30")

    assert form.collect() == "2026-01-02T03:04:05.678901+05:30"
    assert form.collect({"=?date": dt.date(2027, 1, 1)}) == "2027-01-01T03:04:05+05:30"
    assert form.collect({"=?zone": "Z"}) == "2026-01-02T03:04:05Z"


def test_defaults_apply_only_where_nothing_is_prefilled():
    schema = obj(a={**TEXT, "default": "x"}, b=obj(c={**WHOLE, "default": 3}), d={**TEXT, "default": None})

    assert build_form(schema).collect() == {"a": "x", "d": None}
    assert build_form(schema, {"b": {}}).collect() == {"b": {}}


def test_an_untouched_optional_object_is_left_out_and_one_value_brings_it():
    schema = obj(address=obj(["city"], city=TEXT, country={**TEXT, "default": "DE"}))

    assert build_form(schema).collect({}) == {}
    assert build_form(schema).collect({"/address/city": "Bonn"}) == {"address": {"city": "Bonn", "country": "DE"}}


def test_rows_keep_their_values_when_others_are_added_moved_and_removed():
    schema, data = {"type": "array", "items": obj(n=WHOLE, t=TEXT)}, [{"n": 1}, {"n": 2}, {"n": 3}]
    first = build_form(schema, data).root.rows
    typed = {"#1/t": "two"}

    removed = {**typed, "?rows": first.removed(0)}
    moved = {**typed, "?rows": first.moved(1, -1)}
    added = {**typed, "?rows": first.removed(2).added(), "#3/n": "9"}

    assert build_form(schema, data, removed).collect(removed) == [{"n": 2, "t": "two"}, {"n": 3}]
    assert build_form(schema, data, moved).collect(moved) == [{"n": 2, "t": "two"}, {"n": 1}, {"n": 3}]
    assert build_form(schema, data, added).collect(added) == [{"n": 1}, {"n": 2, "t": "two"}, {"n": 9}]


def test_row_ids_are_never_used_again():
    rows = Rows(ids=(0, 1), next=2)

    assert rows.removed(1).added().ids == (0, 2)


def test_all_rows_removed_is_an_empty_list_not_an_absent_one():
    schema = obj(x={"type": "array", "items": TEXT})
    raw = {"/x?rows": Rows(next=1)}

    assert build_form(schema, {"x": ["a"]}, raw).collect(raw) == {"x": []}
    assert build_form(schema).collect() == {}
    assert build_form({**schema, "required": ["x"]}).collect() == {"x": []}


def test_keys_can_be_added_renamed_and_removed():
    schema, data = {"type": "object", "additionalProperties": WHOLE}, {"a": 1, "b": 2}
    rows = build_form(schema, data).root.rows
    raw = {"?keys": rows.removed(0).added(), "#1?name": "z", "#2?name": "new", "#2": "5"}

    form = build_form(schema, data, raw)

    assert form.collect(raw) == {"z": 2, "new": 5}
    assert list(form.fields()) == [(("z",), Widget.INTEGER), (("new",), Widget.INTEGER)]


@pytest.mark.parametrize(("name", "said"), [("a", "has the name “a” twice"), ("", "has an entry without a name")])
def test_a_key_that_is_missing_or_said_twice_is_a_problem(name, said):
    schema, data = {"type": "object", "additionalProperties": WHOLE}, {"a": 1}
    raw = {"?keys": Rows(ids=(0, 1), next=2), "#1?name": name, "#1": "5"}

    assert [problem.message for problem in build_form(schema, data, raw).misread(raw)] == [said]


def test_a_required_row_that_is_not_decided_is_told_at_the_row():
    choice = {"oneOf": [obj(["k"], k={"const": "a"}), obj(["k"], k={"const": "b"})]}
    schema = {"type": "array", "prefixItems": [choice, choice], "items": False, "minItems": 2}
    raw = {"#1?branch": 0}

    form = build_form(schema, raw=raw)

    assert form.collect(raw) == [None, {"k": "a"}]
    assert [problem.path for problem in form.misread(raw)] == [(0,)]


def test_nothing_is_approved_by_accident():
    form = build_form(obj(["approved"], approved=FLAG))
    field = form.root.parts[0]

    assert form.collect() == {}
    assert [option.label for option in field.options] == ["Approve", "Reject"]
    assert form.collect({field.raw_key: False}) == {"approved": False}
    assert form.collect({field.raw_key: None}) == {}


def test_a_lone_true_is_a_consent_given_by_hand():
    schema = obj(["terms"], terms={"type": "boolean", "const": True})

    form = build_form(schema)

    assert form.collect() == {}
    assert form.collect({form.root.parts[0].raw_key: 0}) == {"terms": True}


def test_a_value_that_is_not_offered_stays_until_somebody_chooses():
    form = build_form({"enum": ["a", "b"]}, "old")

    assert form.collect() == "old"
    assert [option.label for option in form.root.options] == ["a", "b", "old (not offered)"]


def test_keys_keep_the_order_they_came_in():
    schema = obj(a=WHOLE, b=WHOLE)

    assert list(build_form(schema, {"b": 1, "x": 2, "a": 3}).collect()) == ["b", "x", "a"]


@pytest.mark.parametrize("data", [5, "x", [1], None, True, {"a": "x"}])
@pytest.mark.parametrize("schema", [obj(a=WHOLE), {"type": "array", "items": WHOLE}, WHOLE, TEXT, FLAG, {"const": 3}])
def test_a_prefill_of_the_wrong_shape_is_kept_and_can_be_seen(schema, data):
    form = build_form(schema, data)

    assert form.collect() == data
    assert list(form.fields())
