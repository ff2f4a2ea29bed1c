"""Going back to a step of a thread from its page: what it means is said first, and asked once."""

import shutil

import pytest
from pages.screen import listed, texts, until, words

from signoff.decisions import Outcome


@pytest.fixture
def office(open_office, seeded, tmp_path):
    shutil.copy(seeded, tmp_path)
    return open_office(tmp_path)


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def submit(app):
    return (
        next(button for button in app.button if str(button.key).startswith("travel-") and ":" in button.key)
        .click()
        .run()
    )


def fill(app, label, text):
    field = next(one for one in [*app.text_input, *app.text_area] if one.label.startswith(label))
    return field.set_value(text).run()


def decided(office, thread):
    [decision] = office.desk.database.decisions.of_thread(thread)
    return office.settled(decision)


def asking(office):
    """Return a thread that asks its second question."""
    return office.review(graph="intake", node="ask_budget").thread_id


def test_a_step_says_what_would_run_again_and_asks_for_a_reason(office):
    thread = asking(office)
    app = press(office.page("thread", thread=thread), "Run again from here")

    assert "ask_budget runs again from the first line, then whatever follows." in words(app)
    assert "Side effects happen again" in words(app)
    app = submit(app)
    assert "One field needs attention." in words(app)
    assert office.desk.database.decisions.of_thread(thread) == ()


def test_what_the_step_asked_is_beside_it(office):
    app = office.page("thread", thread=asking(office))
    question = ("html", "What is your budget?")
    assert not asks(app, *question)

    app.session_state["step_tabs"] = ":material/edit_note: Writes"

    assert asks(press(app.run(), "Run again from here"), *question)


def asks(app, kind, words):
    return any(words in text for found, text in texts(app) if found == kind)


def test_the_state_is_edited_and_the_thread_run_again(office):
    thread = asking(office)
    app = press(office.page("thread", thread=thread), "Edit the state and run")
    app = fill(app, "Request", "A training for two")
    app = fill(app, "Reason", "there are two of them")

    app = submit(app)

    decision = decided(office, thread)
    assert (decision.outcome, decision.comment) == (Outcome.APPLIED, "there are two of them")
    assert decision.resume["values"] == {"request": "A training for two"}
    assert decision.reviewer.name == "Ada"
    assert office.desk.history(thread, limit=1)[0].step.values["request"] == "A training for two"
    until(app.run(), "Edit the state and run again from step")
    assert not app.exception


def test_a_fork_leads_to_its_thread_and_leaves_this_one_alone(office):
    thread = asking(office)
    before = office.desk.history(thread, limit=100)
    app = press(office.page("thread", thread=thread), "Fork to a new thread")
    app = fill(app, "New thread's id", "trial")
    app = fill(app, "Reason", "to try")

    app = submit(app)

    assert decided(office, thread).outcome is Outcome.APPLIED
    until(app, "Open thread trial")
    assert [one.step for one in office.desk.history(thread, limit=100)] == [one.step for one in before]
    assert office.desk.history("trial", limit=1)[0].step.values == before[0].step.values
    fork, left = office.page("thread", thread="trial"), before[0].step.checkpoint_id
    assert f"Forked from step {before[0].step.step} of thread {thread}" in words(fork)
    assert "not run" in words(fork)
    assert ("page_link", f"thread={thread}&checkpoint={left}") in texts(fork)


def listing(app, step):
    """Return the line of a step in the timeline."""
    return listed(app).set_index("Step").loc[str(step)]


def test_a_fork_is_no_answer_to_what_its_step_asked(office):
    thread = asking(office)
    before = listing(office.page("thread", thread=thread), 2)
    assert before["What happened"].startswith("? ")
    app = fill(press(office.page("thread", thread=thread), "Fork to a new thread"), "New thread's id", "trial")

    submit(fill(app, "Reason", "to try"))
    assert decided(office, thread).outcome is Outcome.APPLIED

    app = office.page("thread", thread=thread)
    line = listing(app, 2)
    assert line["What happened"] == f"{before['What happened']} · Forked to trial by Ada"
    assert "Decided by" not in line or not line["Decided by"]
    assert "Forked to trial by Ada: applied" in words(app)
    next(box for box in app.checkbox if box.label == "Decided by a person").check().run()
    assert "No step matches." in words(app)


def test_a_step_from_which_a_thread_was_run_again_says_so(office):
    thread = asking(office)
    app = fill(press(office.page("thread", thread=thread), "Run again from here"), "Reason", "once more")

    submit(app)
    decision = decided(office, thread)

    app = office.page("thread", thread=thread, checkpoint=decision.checkpoint_id)
    assert "Run again by Ada" in listing(app, 2)["What happened"]
    assert "Run again by Ada: applied" in words(app)


def test_the_audit_tells_a_fork_as_one_and_leads_to_its_thread(office):
    thread = asking(office)
    app = fill(press(office.page("thread", thread=thread), "Fork to a new thread"), "New thread's id", "trial")
    submit(fill(app, "Reason", "to try"))
    decision = decided(office, thread)

    app = office.page("audit", decision=decision.id)

    said = words(app)
    assert "**Fork**" in said
    assert not any(word in said for word in ("**Asked**", "**Answered**", "What it changed"))
    assert ("page_link", f"thread=trial&checkpoint={decision.checkpoint_after}") in texts(app)
