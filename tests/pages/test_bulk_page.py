"""Many reviews on the queue page: ticked by id, answered after a dry run that counts for nothing else."""

import pytest
from pages.screen import until, words

from signoff.decisions import Reviewer
from signoff.reviews import Kind, Query

WHERE = {"graph": "transaction", "node": "approve_payment"}


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def buttons(app):
    return [button.label for button in app.button]


def choose(app, option):
    group = next(group for group in app.button_group if option in group.options)
    return group.set_value(option).run()


def payments(office):
    found = office.desk.queue(Query(limit=500, **WHERE)).reviews
    return [review for review in found if review.kind is Kind.INTERRUPT]


@pytest.fixture
def many(office):
    app = office.start(**WHERE)
    next(toggle for toggle in app.toggle if toggle.label == "Select many").set_value(True).run()
    return press(app, next(label for label in buttons(app) if label.startswith("Select all")))


@pytest.fixture
def tried(many):
    return press(choose(many, "Approve"), "Dry run")


def test_all_that_match_are_selected_and_form_one_group(office, many):
    assert f"{len(payments(office))} reviews selected" in words(many)
    assert "Dry run" in buttons(many)


def test_a_selection_that_asks_different_things_has_to_be_told_apart(office):
    app = office.start()
    next(toggle for toggle in app.toggle if toggle.label == "Select many").set_value(True).run()
    app = press(app, next(label for label in buttons(app) if label.startswith("Select all")))

    [group] = [box for box in app.selectbox if box.label == "Answer these"]
    assert len(group.options) > 5
    assert "They do not all ask the same" in words(app)


def test_a_dry_run_sends_nothing_and_says_to_how_many_it_would(office, tried):
    count = len(payments(office))

    assert f"Send to {count} threads" in buttons(tried)
    assert list(tried.dataframe[-1].value["What"]) == ["will be sent"] * count
    assert office.desk.decisions() == ((), 0)


def test_a_dry_run_counts_for_no_other_selection(office, tried):
    tried.session_state["bulk_chosen"] = tuple(review.id for review in payments(office)[:2])

    assert not any(label.startswith("Send to") for label in buttons(tried.run()))


def test_the_answer_can_be_changed_and_is_still_in_the_form(tried):
    app = press(tried, "Change the answer")

    assert next(group for group in app.button_group if "Approve" in group.options).value is True
    assert not any(label.startswith("Send to") for label in buttons(app))


def test_nothing_is_sent_without_a_reason(office, tried):
    app = press(tried, f"Send to {len(payments(office))} threads")

    assert "Say why in a comment" in words(app)
    assert office.desk.decisions() == ((), 0)


def test_each_outcome_is_told_and_who_was_faster_keeps_the_decision(office, tried):
    chosen = payments(office)
    office.desk.decide(chosen[0].id, {"approved": False, "note": ""}, reviewer=Reviewer(name="Grace"))
    next(box for box in tried.text_input if box.label == "Why").set_value("Checked.")

    app = until(press(tried, f"Send to {len(chosen)} threads"), f"{len(chosen) - 1} of {len(chosen)} answers applied")

    said = list(app.dataframe[-1].value["What"])
    assert "already decided by Grace" in said[0]
    assert set(said[1:]) == {"applied"}
    names = [decision.reviewer.name for decision in office.desk.decisions(limit=100)[0]]
    assert (names.count("Grace"), len(names)) == (1, len(chosen))
    assert "Tick reviews on the left" in words(press(app, "Done"))
