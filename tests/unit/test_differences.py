"""What differs between two JSON values is told place by place, and nothing else is."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.dialects.masking import MASK, mask_difference
from signoff.differences import LONGEST, differences
from signoff.forms.equality import identical
from signoff.reviews import ABSENT

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


def applied(found, before):
    """Return ``before`` with every difference put into it: where it was, then at the positions of the value after."""
    whole = [copy.deepcopy(before)]
    shortened = {}
    for one in found:
        inner = whole
        for part in (0, *one.was)[:-1]:
            inner = inner[part]
        last = (0, *one.was)[-1]
        if not isinstance(inner, list) or not one.path or one.how == "changed":
            inner[last] = one.after
        else:
            _, added = shortened.setdefault(id(inner), (inner, []))
            if one.how == "added":
                added.append((last, one.after))
            else:
                inner[last] = ABSENT
    for items, added in shortened.values():
        items[:] = [item for item in items if item is not ABSENT]
        for at, item in sorted(added, key=lambda pair: pair[0]):
            items.insert(at, item)
    return _without_absent(whole[0])


def _without_absent(value):
    if isinstance(value, dict):
        return {name: _without_absent(one) for name, one in value.items() if one is not ABSENT}
    return [_without_absent(one) for one in value] if isinstance(value, list) else value


def at(value, path):
    for part in path:
        value = value[part]
    return value


messages = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 9), "text": st.integers(0, 2)}), unique_by=lambda one: one["id"]
)
rows = st.lists(st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=3), max_size=12)
states = st.fixed_dictionaries({}, optional={"messages": messages, "rows": rows, "note": plain})


@given(values, values)
def test_the_differences_lead_from_one_value_to_the_other(before, after):
    found = differences(before, after)

    assert identical(applied(found, before), after)
    assert bool(found) is not identical(before, after)


@given(states, states)
def test_they_do_so_for_lists_that_grow_shrink_and_are_reordered(before, after):
    assert identical(applied(differences(before, after), before), after)


@given(states, states)
def test_each_names_its_place_in_the_value_after_and_in_the_value_before(before, after):
    for one in differences(before, after):
        assert one.how == "removed" or identical(at(after, one.path), one.after)
        assert one.how == "added" or identical(at(before, one.was), one.before)


@given(messages, messages)
def test_a_message_is_compared_with_the_one_of_the_same_id(before, after):
    kept = {one["id"] for one in before} & {one["id"] for one in after}

    whole = [one for one in differences(before, after) if len(one.path) == 1]
    added = {one.after["id"] for one in whole if one.how == "added"}
    removed = {one.before["id"] for one in whole if one.how == "removed"}

    assert {one.how for one in whole} <= {"added", "removed"}
    assert {one["id"] for one in after} - kept <= added
    assert added & kept == removed & kept  # only what changed its place


@given(values)
def test_a_value_does_not_differ_from_itself(value):
    assert differences(value, json.loads(json.dumps(value))) == ()


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"amount": 100, "to": "x"}, {"amount": 250, "to": "x"}, ["amount: 100 → 250"]),
        ({"a": {"b": [1, {"c": True}]}}, {"a": {"b": [1, {"c": 1}]}}, ["a.b[1].c: true → 1"]),
        ([1, 2], [1, 2, 3], ["[2]: added 3"]),
        ({"old": None}, {"new": ""}, ["old: removed null", 'new: added ""']),
        ("yes", ["yes"], ['"yes" → ["yes"]']),
        ({}, [], ["{} → []"]),
        ([{"id": 1}, {"id": 2, "a": 1}], [{"id": 2, "a": 3}], ['[0]: removed {"id": 1}', "[0].a: 1 → 3"]),
        (["a", "b", "c"], ["b", "x", "c", "d"], ['[0]: removed "a"', '[1]: added "x"', '[3]: added "d"']),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 3}, {"a": 4}], ["[1].a: 2 → 3", '[2]: added {"a": 4}']),
        (ABSENT, {"a": 1}, ['added {"a": 1}']),
    ],
)
def test_a_difference_reads_as_one_line(before, after, lines):
    assert [one.line for one in differences(before, after)] == lines


def test_of_long_texts_the_line_shows_what_differs():
    text = "Dear customer, " * 40

    [one] = differences({"mail": f"{text}we regret{text}"}, {"mail": f"{text}we are glad{text}"})

    assert "we regret" in one.line
    assert "we are glad" in one.line
    assert len(one.line) < 2 * LONGEST + 20


def test_data_nested_deeper_than_python_recurses_is_compared():
    deep = [0]
    for _ in range(5000):
        deep = [deep]

    assert [one.path for one in differences({"a": deep, "b": 1}, {"a": deep[0][0], "b": 2})][-1] == ("b",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"login": {"password": "hunter2"}}, {"login": {"password": "hunter3"}}),
        ({"secret": {"deep": ["hunter2"]}}, {"secret": {"deep": ["hunter3"]}}),
        (["password=hunter2"], ["password=hunter3"]),
    ],
)
def test_a_changed_secret_is_told_without_it(before, after):
    [one] = differences(before, after)

    masked = mask_difference(one)

    assert masked.path == one.path
    assert "hunter" not in masked.line
    assert MASK in masked.line
