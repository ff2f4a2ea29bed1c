"""Own forms: which rule speaks, what its card says, and what an answer must fit."""

import pytest

from signoff.dialects import Rule, read_card
from signoff.dialects.custom import fill_in
from signoff.forms import find_problems
from signoff.reviews import ABSENT

APPROVAL = {
    "type": "object",
    "properties": {"approved": {"type": "boolean"}, "amount": {"type": "number"}},
    "required": ["approved"],
}
REFUND = {"type": "refund", "amount": 40, "customer": {"name": "ACME", "tier": "gold"}, "note": "late"}


def rule(**given):
    return Rule(**{"name": "1", "schema": APPROVAL, **given})


def card(value, *rules, node="ask", graph="shop", schema=None):
    return read_card(value, response_schema=schema, node=node, graph=graph, rules=rules)


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"graph": "shop"},
        {"node": "ask"},
        {"match": {}},
        {"match": {"type": "refund"}},
        {"match": {"customer": {"tier": "gold"}}},
        {"match": {"amount": 40.0}},
        {"graph": "shop", "node": "ask", "match": {"type": "refund"}},
    ],
)
def test_a_rule_speaks_where_all_its_conditions_hold(conditions):
    shown = card(REFUND, rule(**conditions))

    assert (shown.dialect, shown.schema, shown.declared) == ("custom", APPROVAL, True)


@pytest.mark.parametrize(
    "conditions",
    [
        {"graph": "other"},
        {"node": "other"},
        {"match": {"type": "order"}},
        {"match": {"missing": None}},
        {"match": {"amount": True}},
        {"match": {"customer": {"tier": "gold", "country": "DE"}}},
        {"graph": "shop", "node": "other"},
    ],
)
def test_a_rule_is_silent_where_one_condition_does_not_hold(conditions):
    assert card(REFUND, rule(**conditions)).dialect != "custom"


@pytest.mark.parametrize("value", ["Shall I?", 7, None, ["a", "b"], True])
def test_a_rule_without_match_speaks_about_payloads_of_every_type(value):
    assert card(value, rule()).dialect == "custom"
    assert card(value, rule(match={})).dialect != "custom"


def test_an_object_in_a_json_text_or_alone_in_a_list_is_matched_as_itself():
    assert card('{"type": "refund"}', rule(match={"type": "refund"})).dialect == "custom"
    assert card([{"type": "refund"}], rule(match={"type": "refund"})).dialect == "custom"


def test_the_first_rule_that_fits_wins():
    shown = card(REFUND, rule(node="other", title="no"), rule(title="first"), rule(title="second"))

    assert shown.title == "first"


def test_a_rule_comes_before_recognised_dialects():
    hitl = {"action_requests": [{"name": "pay", "args": {}}], "review_configs": []}

    assert card(hitl, rule()).dialect == "custom"


def test_a_rule_is_silent_where_the_graph_declares_its_schema():
    shown = card(REFUND, rule(), schema={"type": "boolean"})

    assert (shown.dialect, shown.schema) == ("native", {"type": "boolean"})


def test_an_overriding_rule_draws_its_form_and_answers_must_fit_the_graphs_schema_too():
    own = {"$ref": "#/$defs/form", "$defs": {"form": APPROVAL}}
    graphs = {"type": "object", "properties": {"amount": {"$ref": "#/$defs/small"}}, "$defs": {"small": {"maximum": 5}}}

    shown = card(REFUND, rule(schema=own, override=True), schema=graphs)

    assert shown.schema == own
    assert find_problems(shown.enforced, {"approved": True, "amount": 5}) == []
    assert [problem.path for problem in find_problems(shown.enforced, {"amount": 9})] == [("approved",), ("amount",)]


def test_the_answer_goes_to_the_graph_as_it_is():
    assert card(REFUND, rule()).resume({"approved": True}) == {"approved": True}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (ABSENT, {"amount": 40}),
        ({"approved": False}, {"amount": 40, "approved": False}),
        ({"amount": 1}, {"amount": 1}),
        (False, False),
    ],
)
def test_a_prefill_goes_over_what_the_payload_proposes(given, expected):
    assert card(REFUND, rule(prefill=given)).prefill == expected


@pytest.mark.parametrize(
    ("value", "title", "expected"),
    [
        (REFUND, "Refund {amount} to {customer.name}?", "Refund 40 to ACME?"),
        (REFUND, "", "Refund"),
        (REFUND | {"title": "Its own"}, "", "Its own"),
        (REFUND | {"title": "Its own"}, "Ours", "Ours"),
        ({"question": "Go?"}, "", "Go?"),
    ],
)
def test_a_title_is_the_rules_then_the_payloads(value, title, expected):
    assert card(value, rule(title=title)).title == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{a}", "text"),
        ("{b.c}", "deep"),
        ("{b.c} {b.c}", "deep deep"),
        ("{list.1}", "two"),
        ("{dot.ted}", "key"),
        ("{n:,.2f} EUR", "48,000.00 EUR"),
        ("{b.n:.1f}", "2.0"),
        ("{n:x}", "48000.0"),
        ("{a:>9}", "text"),
        ("{yes}/{none}/{b}", 'yes/—/{"c": "deep", "n": 2}'),
        ("{missing} and {b.missing}", "{missing} and {b.missing}"),
        ("{list.9} {list.-1} {list.x}", "{list.9} {list.-1} {list.x}"),
        ("{} {{a}} {", "{} {text} {"),
        ("100 % {a!r}", "100 % {a!r}"),
    ],
)
def test_a_template_is_filled_in_by_keys_and_what_is_missing_stays_as_written(template, expected):
    value = {
        "a": "text",
        "b": {"c": "deep", "n": 2},
        "list": ["one", "two"],
        "dot.ted": "key",
        "n": 48000.0,
        "yes": True,
        "none": None,
    }

    assert fill_in(template, value) == expected


@pytest.mark.parametrize("way", ["__class__", "a.__class__", "a.upper", "__init__.__globals__", "b.keys", "a[0]"])
def test_a_template_never_reaches_attributes(way):
    assert fill_in(f"{{{way}}}", {"a": "text", "b": {}}) == f"{{{way}}}"


def test_what_is_filled_in_is_not_read_as_a_template():
    assert fill_in("{a}", {"a": "{b}", "b": "secret"}) == "{b}"


def test_a_title_stays_on_one_line_of_200_characters():
    title = card({"a": "x\n\u202ey" * 5_000}, rule(title="{a}")).title

    assert len(title) == 200
    assert "\n" not in title
    assert "\u202e" not in title


def test_a_broken_rule_leaves_the_ordinary_form_and_says_so():
    shown = card(REFUND, rule(broken="models:Refund: ImportError"), rule(title="second"))

    assert shown.dialect != "custom"
    assert "Form 1 of signoff.toml did not load (models:Refund: ImportError)" in shown.note
