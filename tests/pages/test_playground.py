"""The playground: every example draws, texts are read, answers are shown and never sent."""

import json

import pytest
from pages.screen import words

from signoff.ui.examples import EXAMPLES


@pytest.fixture
def playground(office):
    return office.page("playground")


def write(app, label, value):
    """Put a text into one of the fields on the left; other values as JSON."""
    [field] = [field for field in app.text_area if field.label == label]
    field.set_value(value if isinstance(value, str) else json.dumps(value)).run()
    return app


def field(app, label):
    return next(each for each in [*app.text_input, *app.text_area] if each.label == label)


def check(app):
    next(button for button in app.button if button.label == "Check").click().run()
    return app


def answer(app):
    """Return the exact answer that the page shows."""
    return json.loads(app.code[-1].value)


@pytest.mark.parametrize("title", EXAMPLES)
def test_every_example_draws_a_form_and_lists_its_fields(playground, title):
    app = playground.selectbox(key="playground_example").set_value(title).run()

    assert not app.exception
    assert len(app.dataframe[-1].value) > 0
    assert list(app.dataframe[-1].value.columns) == ["Path", "Widget", "Label", "Required"]


@pytest.mark.parametrize(
    ("title", "dialect"),
    [
        ("A schema that the graph declares", "native"),
        ("LangChain: two tool calls to review", "hitl"),
        ("Agent Inbox: one action", "agent_inbox"),
        ("ask_user: questions of an agent", "ask_user"),
        ("MCP: an elicitation", "mcp"),
        ("A dict without any protocol", "ad_hoc"),
        ("A plain question", "plain"),
    ],
)
def test_it_says_which_dialect_a_payload_speaks(playground, title, dialect):
    app = playground.selectbox(key="playground_example").set_value(title).run()

    assert f"recognised as {dialect}" in words(app)


def test_a_schema_and_a_prefill_give_a_live_form_with_its_exact_answer(playground):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "a.b": {"type": "string", "title": "Text"}}}
    app = write(playground, "JSON Schema of the answer", schema)
    app = write(app, "Prefill", {"n": 9007199254740993})

    field(app, "Text").set_value("typed").run()

    assert answer(app) == {"n": 9007199254740993, "a.b": "typed"}
    assert list(app.dataframe[-1].value["Path"]) == ['["n"]', '["a.b"]']
    assert "The answer fits." in words(app)


def test_problems_are_listed_with_their_paths(playground):
    schema = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 5}}, "required": ["n", "m"]}

    app = write(write(playground, "JSON Schema of the answer", schema), "Prefill", {"n": 7})

    assert "n: must be at most 5" in words(app)
    assert "m: is required" in words(app)


def test_checking_says_that_the_answer_fits_keeps_the_form_and_sends_nothing(office, playground):
    before = office.desk.decisions(limit=1)[1]
    app = write(playground, "JSON Schema of the answer", {"properties": {"note": {"type": "string"}}})
    field(app, "Note").set_value("kept").run()

    check(app)

    assert [toast.value for toast in app.toast] == ["The answer fits. Nothing was sent."]
    assert field(app, "Note").value == "kept"
    assert answer(app)["note"] == "kept"
    assert office.desk.decisions(limit=1)[1] == before


@pytest.mark.parametrize(
    ("text", "said", "pointed"),
    [
        ('{"type": "object",\n  "a": }', "line 2, column 8", '  "a": }\n       ^'),
        ("{", "line 1, column 2", "{\n ^"),
        ('{"a": 1} x', "line 1, column 10", '{"a": 1} x\n         ^'),
        (f'{{"a": "{"x" * 500}" y}}', "line 1, column 510", f'{"x" * 38}" y}}\n{" " * 40}^'),
    ],
)
def test_text_that_is_no_json_is_pointed_at(playground, text, said, pointed):
    app = write(playground, "JSON Schema of the answer", text)

    assert said in app.error[0].value
    assert app.code[0].value == pointed


def test_a_text_that_is_no_schema_is_said_to_be_none_and_drawn_as_far_as_it_goes(playground):
    app = write(
        playground, "JSON Schema of the answer", {"properties": {"a": {"type": "objct"}, "b": {"type": "string"}}}
    )

    assert "is no JSON Schema" in words(app)
    assert "at properties.a.type" in words(app)
    assert field(app, "B")


def test_opened_first_of_all_it_stands_in_the_frame_too(office):
    app = office.cold("playground")

    assert not app.exception
    assert [title.value for title in app.title] == ["Playground"]


def test_nothing_at_all_asks_for_something(playground):
    app = write(write(playground, "JSON Schema of the answer", ""), "Payload", "")

    assert "Give a JSON Schema or a payload" in words(app)


def test_secrets_of_a_payload_are_masked(playground):
    app = write(write(playground, "JSON Schema of the answer", ""), "Payload", {"question": "Go?", "apiToken": "t0p"})

    assert "t0p" not in words(app)
    assert "••••••" in words(app)
