"""Form rules of ``signoff.toml``: read, loaded, at work on a desk."""

import json
from textwrap import dedent

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from signoff.decisions import Reviewer
from signoff.doctor import examine
from signoff.errors import InvalidAnswer, ReviewChanged, SettingsInvalid
from signoff.form_rules import fault_in, load_form_rules
from signoff.reviews import Query
from signoff.settings import read_settings
from signoff.wiring import open_desk

SCHEMA = {"type": "object", "properties": {"approved": {"type": "boolean"}}, "required": ["approved"]}
INLINE = json.dumps(SCHEMA).replace('":', '" =')
GRAPH = """
    from langgraph.graph import START, StateGraph
    from langgraph.types import interrupt


    def ask(state):
        return {"answer": interrupt({"type": "refund", "amount": 40})}


    graph = StateGraph(dict).add_node(ask).add_edge(START, "ask").compile()
"""
MODELS = """
    from dataclasses import dataclass
    from typing import NotRequired, TypedDict

    from pydantic import BaseModel, Field


    class Model(BaseModel):
        approved: bool = Field(title="Pay it back")
        note: str = ""


    @dataclass
    class Record:
        approved: bool
        note: str = ""


    class Typed(TypedDict):
        approved: bool
        note: NotRequired[str]


    class Outer:
        class Inner(BaseModel):
            approved: bool
            note: str = ""
"""


@pytest.fixture
def folder(clean_imports, tmp_path, monkeypatch):
    """A folder with a graph that has paused once, and its settings without any rule."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.py").write_text(dedent(GRAPH))
    (tmp_path / "models.py").write_text(dedent(MODELS))
    write(tmp_path, "")
    with SqliteSaver.from_conn_string("shop.sqlite") as saver:
        pausing().compile(saver).invoke({}, {"configurable": {"thread_id": "t"}})
    return tmp_path


def pausing():
    def ask(state):
        return {"answer": interrupt({"type": "refund", "amount": 40})}

    return StateGraph(dict).add_node(ask).add_edge(START, "ask").add_edge("ask", END)


def write(folder, rules):
    settings = 'db = "shop.sqlite"\ngraph = ["shop=shop.py:graph"]\n'
    (folder / "signoff.toml").write_text(settings + dedent(rules))


def loaded(folder, rules):
    write(folder, rules)
    return load_form_rules(read_settings().forms)


class opened:
    """A desk on the settings as they are, scanned."""

    def __enter__(self):
        self.desk = open_desk(read_settings())
        self.desk.scan()
        return self.desk

    def __exit__(self, *_):
        self.desk.close()


def title_in_queue():
    with opened() as desk:
        [review] = desk.queue(Query()).reviews
        return review.title


def test_a_rule_reads_every_setting(folder):
    [rule] = loaded(
        folder,
        f"""
        [[forms]]
        graph = "shop"
        node = "ask"
        match = {{ type = "refund" }}
        schema = {INLINE}
        title = "Refund {{amount}}"
        prefill = {{ approved = false }}
        override = true
        """,
    )

    assert (rule.graph, rule.node, rule.match, rule.override) == ("shop", "ask", {"type": "refund"}, True)
    assert (rule.schema, rule.title, rule.prefill) == (SCHEMA, "Refund {amount}", {"approved": False})


def test_a_schema_is_read_from_a_file(folder):
    (folder / "forms").mkdir()
    (folder / "forms" / "approval.json").write_text(json.dumps(SCHEMA))

    [rule] = loaded(folder, '[[forms]]\nschema = "forms/approval.json"')

    assert rule.schema == SCHEMA


@pytest.mark.parametrize(
    "target", ["models:Model", "models.py:Model", "./models.py:Record", "models:Typed", "models:Outer.Inner"]
)
def test_a_schema_is_made_from_a_class(folder, target):
    [rule] = loaded(folder, f'[[forms]]\nschema = "{target}"')

    assert rule.broken == ""
    assert rule.schema["properties"]["approved"]["type"] == "boolean"
    assert rule.schema["required"] == ["approved"]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ('[[forms]]\nnode = "ask"\nschema = "no.json"', r"Form 1 \(node ask\).* there is no file .*no\.json"),
        ('[[forms]]\nschema = "bad.json"', r"Form 1 \(every interrupt\).*not JSON: .* line 2 column 1"),
        ('[[forms]]\nschema = "wrong.json"', r"no JSON Schema: 'objct' is not valid .*\(at properties\.a\.type\)"),
        ("[[forms]]\nschema = { type = 5 }", r"Form 1 .* no JSON Schema: 5 is not valid .*\(at type\)"),
        ('[[forms]]\nschema = {}\n[[forms]]\ngraph="g"\nschema = "."', r"Form 2 \(graph g\) .*cannot be read"),
        ('[[forms]]\nnode = "ask"', r"\[\[forms\]\] 1: schema: Field required"),
        ('[[forms]]\nschema = {}\nnodes = "ask"', r"\[\[forms\]\] 1: nodes: Extra inputs"),
        ("[[forms]]\nschema = {}\nprefill = 2026-01-01", r"\[\[forms\]\] 1: prefill"),
        ('[masking]\nkeys = "pin"', r"\[masking\] keys"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named_with_what_is_wrong(folder, rules, said):
    (folder / "bad.json").write_text("{\n")
    (folder / "wrong.json").write_text('{"properties": {"a": {"type": "objct"}}}')

    with pytest.raises(SettingsInvalid, match=said):
        loaded(folder, rules)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("broken:Model", "RuntimeError: no database"),
        ("broken.py:Model", "RuntimeError: no database"),
        ("nowhere:Model", "ModuleNotFoundError"),
        ("models:Missing", "models has no 'Missing'"),
        ("models:dataclass", "Pydantic"),
    ],
)
def test_a_class_that_does_not_load_costs_its_rule_alone(folder, target, said):
    (folder / "broken.py").write_text('raise RuntimeError("no database")')

    broken, fine = loaded(folder, f'[[forms]]\nschema = "{target}"\n[[forms]]\nschema = "models:Model"')

    assert said in broken.broken
    assert "Traceback" in broken.traceback
    assert fine.schema["required"] == ["approved"]


def test_a_module_that_exits_at_import_stops_nothing(folder):
    (folder / "broken.py").write_text("raise SystemExit(3)")

    [rule] = loaded(folder, '[[forms]]\nschema = "broken:Model"')

    assert "SystemExit: 3" in rule.broken


def test_a_broken_rule_is_reported_by_the_desk_and_by_doctor_and_the_rest_works(folder):
    write(folder, '[[forms]]\nschema = "nowhere:Model"')

    with opened() as desk:
        [(name, story)] = desk.health().broken_forms.items()
        [review] = desk.queue(Query()).reviews
        note = desk.brief(review.id).waiting.card.note
    [finding] = [each for each in examine(read_settings()) if each.check == "forms"]

    assert name == "1 (every interrupt)"
    assert "ModuleNotFoundError" in story
    assert "did not load" in note
    assert (finding.level, finding.exit_code) == ("wrong", 7)
    assert "nowhere" in finding.message


def test_doctor_tells_of_forms_that_load_and_of_settings_that_do_not(folder):
    write(folder, '[[forms]]\nschema = "models:Model"')
    [fine] = [each for each in examine(read_settings()) if each.check == "forms"]
    write(folder, '[[forms]]\nschema = "no.json"')
    [wrong] = [each for each in examine(read_settings()) if each.check == "forms"]

    assert (fine.level, fine.message) == ("fine", "own forms: 1 (every interrupt)")
    assert (wrong.level, wrong.exit_code) == ("wrong", 2)


def test_titles_in_the_queue_change_when_a_rule_is_edited(folder):
    before = title_in_queue()
    write(folder, '[[forms]]\nschema = {}\ntitle = "Refund of {amount}"')
    with_rule = title_in_queue()
    write(folder, '[[forms]]\nschema = {}\ntitle = "Pay {amount} back"')

    assert (before, with_rule, title_in_queue()) == ("Refund", "Refund of 40", "Pay 40 back")


@pytest.mark.parametrize("raw", [False, True])
def test_an_answer_must_fit_the_rules_schema_even_as_an_exact_resume_value(folder, raw):
    write(folder, f"[[forms]]\nschema = {INLINE}")

    with opened() as desk:
        [review] = desk.queue(Query()).reviews
        with pytest.raises(InvalidAnswer, match="approved: is required"):
            desk.decide(review.id, {}, reviewer=Reviewer(name="Ada"), raw=raw)
        decision = desk.decide(review.id, {"approved": True}, reviewer=Reviewer(name="Ada"), raw=raw)

    assert decision.resume == {"approved": True}
    assert decision.shown["schema"] == SCHEMA
    assert decision.dialect == "custom"


def test_an_answer_to_the_form_of_an_older_rule_is_not_taken(folder):
    write(folder, "[[forms]]\nschema = { type = 'object' }")
    with opened() as desk:
        [review] = desk.queue(Query()).reviews
        seen = desk.brief(review.id).digest
    write(folder, f"[[forms]]\nschema = {INLINE}")

    with opened() as desk, pytest.raises(ReviewChanged):
        desk.decide(review.id, {"approved": True}, reviewer=Reviewer(name="Ada"), seen=seen)


def test_masked_keys_are_read(folder):
    write(folder, '[masking]\nkeys = ["pin", "iban"]')

    assert read_settings().masking.keys == ("pin", "iban")


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        (True, ""),
        ({}, ""),
        (SCHEMA, ""),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{}]}, ""),
        ({"items": [{}]}, "(at items)"),
        ([], "an object"),
        ({"required": "a"}, "(at required)"),
    ],
)
def test_a_fault_in_a_schema_is_told_with_its_place(schema, fault):
    assert fault in fault_in(schema)
    assert bool(fault_in(schema)) == bool(fault)
