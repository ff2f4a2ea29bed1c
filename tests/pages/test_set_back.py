"""An answer that had no effect, or whose effect was undone by a backup, is told on the page of the question."""

import sqlite3
from contextlib import closing

import pytest
from pages.screen import words

from pages import asking
from signoff.decisions import Outcome, Reviewer

ADA = Reviewer(name="Ada")


@pytest.fixture
def office(open_office, empty_folder):
    office = open_office(empty_folder, GRAPHS=None, GRAPH=f"asking={asking.__file__}:builder")
    office.pause(asking.builder, "t", graph_id="asking", ask={"question": "Pay?"})
    office.desk.scan()
    return office


def buttons(app):
    return {button.label for button in app.button}


def test_where_checkpoints_are_set_back_behind_an_answer_no_second_one_is_taken(office):
    with closing(sqlite3.connect(office.folder / "demo.sqlite")) as file, closing(sqlite3.connect(":memory:")) as copy:
        file.backup(copy)
        decision = office.desk.decide(office.review().id, "yes", reviewer=ADA)
        assert office.settled(decision).outcome is Outcome.APPLIED
        copy.backup(file)
    office.desk.scan()

    app = office.start(review=office.review().id)

    assert "its checkpoints were set back" in words(app)
    assert "Applied" in {one.label for one in app.expander}
    assert "Submit and resume" not in buttons(app)


def test_why_an_answer_was_not_applied_stands_above_the_form(office):
    review = office.review()
    _, decision = office.desk.rehearse(review.id, "yes", reviewer=ADA)
    office.desk.database.decisions.record(decision, enqueue=lambda tx: None)
    office.desk.database.decisions.settle(decision.id, Outcome.SUPERSEDED, error="it is gone")
    office.desk.scanner.look(["t"])

    app = office.start(review=review.id)

    assert "Not applied" in {one.label for one in app.expander}
    assert "it is gone" in words(app)
    assert "Submit and resume" in buttons(app)
