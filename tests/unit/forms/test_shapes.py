"""Which fields there are: branches, conditions, recursion, and what a broken piece of schema costs."""

import pytest

from signoff.forms import Group, Union, Widget, build_form
from signoff.reviews import ABSENT


def obj(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT, WHOLE, REAL, FLAG = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
APPROVE = obj(["type"], type={"const": "approve"})
REJECT = obj(["type", "why"], type={"const": "reject"}, why=TEXT)
DECISION = {"oneOf": [APPROVE, REJECT], "discriminator": {"propertyName": "type"}}


def paths(form):
    return [path for path, _ in form.fields()]


def test_no_branch_of_a_decision_is_chosen_for_the_reviewer():
    form = build_form(DECISION)

    assert isinstance(form.root, Union)
    assert form.root.branches == ("Approve", "Reject")
    assert form.root.chosen is None
    assert form.collect() is ABSENT


def test_the_chosen_branch_writes_its_tag_and_nothing_of_the_other():
    raw = {"?branch": 0, "|1/why": "typed before"}

    assert build_form(DECISION, raw=raw).collect(raw) == {"type": "approve"}


def test_switching_to_another_branch_and_back_keeps_both():
    data = {"type": "reject", "why": "no"}
    away, back = {"?branch": 0}, {"?branch": 1, "|1/why": "still no"}

    assert build_form(DECISION, data, away).collect(away) == {"type": "approve"}
    assert build_form(DECISION, data, back).collect(back) == {"type": "reject", "why": "still no"}
    assert build_form(DECISION, data).collect() == data


def test_fields_beside_a_union_keep_their_widgets_in_every_branch():
    schema = {**obj(amount=REAL), "oneOf": [obj(["card"], card=TEXT), obj(["iban"], iban=TEXT)]}
    keys = [
        {field.path: field.key for field in build_form(schema, raw={"?branch": at}).root.child.parts} for at in (0, 1)
    ]

    assert keys[0][("amount",)] == keys[1][("amount",)]


def test_an_optional_decision_that_was_made_is_sent_even_if_it_says_nothing_more():
    schema = obj(decision={"oneOf": [APPROVE, REJECT]})
    raw = {"/decision?branch": 0}

    assert build_form(schema).collect() == {}
    assert build_form(schema, raw=raw).collect(raw) == {"decision": {"type": "approve"}}


def test_a_branch_is_recognised_by_its_tag_even_when_the_rest_is_wrong():
    form = build_form(DECISION, {"type": "reject", "why": 5})

    assert form.root.chosen == 1


def test_optional_is_one_field_with_a_null_switch():
    [field] = build_form(obj(x={"anyOf": [WHOLE, {"type": "null"}]})).root.parts

    assert (field.kind, field.nullable, field.null) == (Widget.INTEGER, True, False)


def test_a_condition_follows_what_is_typed():
    schema = {
        **obj(country={"enum": ["US", "DE"]}),
        "if": {"properties": {"country": {"const": "US"}}, "required": ["country"]},
        "then": {"properties": {"state": TEXT}, "required": ["state"]},
        "else": {"properties": {"region": TEXT}},
    }

    country = build_form(schema).root.parts[0]

    assert country.live
    assert paths(build_form(schema)) == [("country",), ("region",)]
    assert paths(build_form(schema, raw={country.raw_key: 0})) == [("country",), ("state",)]


def test_another_list_of_choices_in_the_same_place_is_another_widget():
    schema = {
        **obj(country={"enum": ["US", "DE"]}),
        "if": {"properties": {"country": {"const": "US"}}, "required": ["country"]},
        "then": {"properties": {"city": {"enum": ["Boston", "Austin", "Miami"]}}},
        "else": {"properties": {"city": {"enum": ["Bonn"]}}},
    }
    american = build_form(schema, {"country": "US"})
    raw = {american.root.parts[1].raw_key: 2}

    assert american.collect(raw) == {"country": "US", "city": "Miami"}
    assert build_form(schema, {"country": "DE"}, raw).collect(raw) == {"country": "DE"}


def test_a_field_becomes_required_while_another_has_a_value():
    schema = {**obj(card=TEXT, address=TEXT), "dependentRequired": {"card": ["address"]}}

    assert not build_form(schema).root.parts[1].required
    assert build_form(schema, raw={"/card": "1"}).root.parts[1].required


def test_recursion_is_drawn_as_far_as_the_data_goes_and_then_on_demand():
    schema = {"$ref": "#/$defs/n", "$defs": {"n": obj(v=WHOLE, next={"$ref": "#/$defs/n"})}}

    form = build_form(schema, {"v": 1, "next": {"v": 2}})
    last = form.way(("next", "next"))[-1]
    opened = build_form(schema, {"v": 1}, {last.open_key.replace("/next/next", "/next"): True})

    assert isinstance(last, Group)
    assert last.collapsed
    assert ("next", "v") in paths(opened)


def test_a_schema_that_doubles_at_every_level_is_cut_off_not_drawn_for_ever():
    schema = {"$ref": "#/$defs/l0", "$defs": {f"l{n}": obj(a={"$ref": f"#/$defs/l{n + 1}"}, b={"$ref": f"#/$defs/l{n + 1}"}) for n in range(20)} | {"l20": WHOLE}}  # fmt: skip # noqa: E501

    assert len(paths(build_form(schema))) < 5000


BROKEN = [
    {"$ref": "#/$defs/nowhere"},
    {"$ref": "https://example.com/schema.json"},
    {"$ref": "#/$defs/loop"},
    {"type": "strng"},
    {"type": []},
    {"properties": [1]},
    {"enum": "x"},
    {"oneOf": []},
    {"anyOf": "x"},
    {"pattern": "("},
    {"minimum": "x"},
    {"items": 5},
    {"$id": "::", "$ref": "x"},
    {"allOf": [{"allOf": [{"$ref": "#/$defs/loop"}]}]},
    {"if": 3, "then": []},
    {"title": 5, "description": {"a": 1}, "default": {"b": []}},
    {"required": "x"},
    {"dependentSchemas": {"a": 5}},
    {"discriminator": 5, "oneOf": [{}, True, False]},
    None,
    5,
    "x",
    [],
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_piece_of_schema_costs_its_own_field_at_most(broken):
    schema = {**obj(["good"], broken=broken, good=WHOLE), "$defs": {"loop": {"$ref": "#/$defs/loop"}}}

    form = build_form(schema, {"broken": {"any": [1]}, "good": 1})

    assert form.collect() == {"broken": {"any": [1]}, "good": 1}
    assert (("good",), Widget.INTEGER) in list(form.fields())


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_no_schema_at_the_root_breaks_the_form(broken):
    for data in ({"a": 1}, [1], "x", None):
        assert build_form(broken, data).collect() == data


def test_a_lost_reference_is_said_at_its_field():
    [field] = build_form(obj(x={"$ref": "#/$defs/none"})).root.parts

    assert field.kind is Widget.JSON
    assert "#/$defs/none" in field.note


def test_no_two_widgets_share_a_key_whatever_the_properties_are_called():
    names = ["a", "a/b", "a.b", "", "/", "a?null", "a|0", "#0", "a#0", "%2F", "~1", "a%2Fb"]
    schema = {**obj(**{name: {"type": ["integer", "string", "null"]} for name in names}), "additionalProperties": WHOLE}
    schema["properties"]["a"] = obj(**{name: WHOLE for name in names})

    fields = [build_form(schema, {"0": 1}).root]
    for field in fields:
        fields.extend(field.parts)

    assert len({field.key for field in fields}) == len(fields)


def test_titles_come_from_the_field_not_from_the_class_it_refers_to():
    schema = {**obj(billing_address={"$ref": "#/$defs/a"}), "$defs": {"a": {"title": "Address", **obj(x=WHOLE)}}}

    assert build_form(schema).root.parts[0].label == "Billing address"
