"""A question that changes while it is open says what is different, field by field; what was typed stays."""

import os
from pathlib import Path

import pytest
from pages.screen import words

from pages import moving
from signoff.decisions import Reviewer
from signoff.desk import Desk

GRAPH = f"moving={Path(__file__).with_name('moving.py')}:builder"
DIFFERENT = "This question has changed since it was shown to you. Nothing was sent."


@pytest.fixture
def office(open_office, empty_folder, monkeypatch):
    monkeypatch.setenv("RATE", "1.10")
    office = open_office(empty_folder, GRAPHS=None, GRAPH=GRAPH)
    office.pause(moving.builder, "t", graph_id="moving")
    office.desk.scan()
    return office


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def move(office):
    """Change the rate, and have the node ask again by answering the other question."""
    os.environ["RATE"] = "1.25"
    decision = office.desk.decide(office.review(node="ready").id, True, reviewer=Reviewer(name="Grace"))
    assert office.settled(decision).outcome == "applied"


def filled(office):
    """Open the question and type an answer."""
    app = office.start(review=office.review(node="quote").id)
    for label, typed in (("Amount", "7"), ("Note", "typed")):
        next(field for field in [*app.text_input, *app.text_area] if label in field.label).set_value(typed)
    return app.run()


def test_an_open_form_says_what_changed_and_keeps_what_was_typed(office):
    app, quote = filled(office), office.review(node="quote")
    assert DIFFERENT not in words(app)

    move(office)
    app.run()

    assert DIFFERENT in words(app)
    assert '"1.10" → "1.25"' in words(app).replace("&quot;", '"')
    assert "t1.10" not in words(app)
    press(app, "I have seen this")
    assert DIFFERENT not in words(app)
    press(app, "Submit and resume")
    [decision] = office.desk.decisions_on(quote.id)
    assert decision.answer == {"amount": 7, "note": "typed"}


def test_an_answer_that_crosses_a_change_is_not_sent_and_the_page_says_why(office, monkeypatch):
    app, quote, real = filled(office), office.review(node="quote"), Desk.decide

    def crossed(desk, *given, **named):
        monkeypatch.setattr(Desk, "decide", real)
        move(office)
        return real(desk, *given, **named)

    monkeypatch.setattr(Desk, "decide", crossed)
    press(app, "Submit and resume")

    assert DIFFERENT in words(app)
    assert office.desk.decisions_on(quote.id) == ()
    press(app, "Submit and resume")
    assert [decision.answer for decision in office.desk.decisions_on(quote.id)] == [{"amount": 7, "note": "typed"}]


def test_a_form_warns_that_the_node_has_other_code_now(open_office, empty_folder, monkeypatch):
    monkeypatch.setenv("RATE", "1.10")
    code = Path(moving.__file__).read_text()
    said = "Node quote has changed since this thread paused (first seen "
    for name, version, warned in (("one", code, False), ("two", code.replace('"Buy?"', '"Purchase?"'), True)):
        (empty_folder / f"{name}.py").write_text(version)
        office = open_office(empty_folder, GRAPHS=None, GRAPH=f"moving={name}.py:builder")
        if not warned:
            office.pause(moving.builder, "t", graph_id="moving")
        office.desk.scan()

        shown = words(office.start(review=office.review(node="quote").id))

        assert (said in shown) is warned
        assert "It runs as it is now." in shown or not warned
