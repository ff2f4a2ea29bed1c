"""What a step changed, when a field changed, and the graph of a thread, as the pages show them."""

import pytest
from pages.screen import words
from streamlit.testing.v1 import AppTest

from signoff.decisions import Reviewer
from signoff.reviews import Query
from signoff.ui.diff import MOST


@pytest.fixture(scope="module")
def decided(office):
    """Grace rejects one payment, with a note."""
    review = office.desk.queue(Query(graph="transaction", limit=1)).reviews[0]
    answer = {"approved": False, "note": "asked twice"}
    decision = office.desk.decide(review.id, answer, reviewer=Reviewer(name="Grace"))
    return office.settled(decision)


def steps(office, thread_id):
    return office.desk.checkpoints.steps(thread_id, limit=50)


def mermaid(app):
    return [node.value for node in app.markdown if "mermaid\n" in node.value]


def test_a_decision_leads_to_what_it_changed(office, decided):
    audit = office.page("audit", decision=decided.id)
    assert "What it changed" in words(audit)

    app = office.page(
        "thread", thread=decided.thread_id, checkpoint=decided.checkpoint_after, against=decided.checkpoint_before
    )

    assert not app.exception
    assert "declined: asked twice" in words(app)
    assert "**approved** added" in words(app)
    assert "**reference**" not in words(app)


def test_a_step_is_compared_with_its_parent(office, decided):
    first = steps(office, decided.thread_id)[-2]

    app = office.page("thread", thread=decided.thread_id, checkpoint=first.checkpoint_id)

    assert "Step 0 · started" in words(app)
    assert "**amount** added" in words(app)


def test_the_same_step_twice_differs_in_nothing(office, decided):
    one = decided.checkpoint_after

    assert "Nothing changed." in words(office.page("thread", thread=decided.thread_id, checkpoint=one, against=one))


def test_a_step_that_is_gone_says_so(office, decided):
    app = office.page("thread", thread=decided.thread_id, checkpoint="gone")

    assert "has no checkpoint 'gone'" in words(app)
    assert not app.exception


def test_a_field_tells_when_it_changed_and_leads_to_the_step(office, decided):
    app = office.page("thread", thread=decided.thread_id)
    picker = next(box for box in app.selectbox if box.label == "When did this field change?")

    picker.set_value("approved").run()
    assert "Step 1 · approve_payment" in words(app)

    next(button for button in app.button if button.label == "All it changed").click().run()

    assert "Step 1 · approve_payment" in words(app)
    assert "**approved** added" in words(app)
    assert app.query_params["checkpoint"]


@pytest.mark.parametrize(("thread", "marked"), [("txn-10482", "✗ book_payment"), ("chat-10458", "? review_tool_calls")])
def test_the_picture_shows_where_a_thread_stands(office, thread, marked):
    [drawn] = mermaid(office.page("thread", thread=thread))

    assert f'"{marked}"' in drawn


def test_subgraphs_are_opened_on_request(office):
    app = office.page("thread", thread="contract-10452")
    [closed] = mermaid(app)

    next(toggle for toggle in app.toggle if "subgraphs" in toggle.label).set_value(True).run()

    [opened] = mermaid(app)
    assert "review_clauses" not in closed
    assert "review_clauses" in opened


def test_the_picture_of_a_step_marks_it(office, decided):
    at = steps(office, decided.thread_id)[1].checkpoint_id  # where the refusal was written down

    [drawn] = mermaid(office.page("thread", thread=decided.thread_id, checkpoint=at))

    assert '"◆ ✓ approve_payment"' in drawn


def test_the_detail_draws_the_picture_only_when_it_is_asked_for(office):
    review = office.review(thread_id="chat-10458")
    app = office.start(review=review.id)
    assert mermaid(app) == []

    app.session_state[f"tabs-{review.id}"] = ":material/account_tree: Graph"
    app.run()

    assert len(mermaid(app)) == 1


def test_two_pictures_of_a_graph_with_subgraphs_stand_on_one_page(office):
    review = office.review(thread_id="contract-10452")
    app = office.page("thread", thread="contract-10452")

    app.session_state[f"tabs-{review.id}"] = ":material/account_tree: Graph"
    app.run()

    assert not app.exception
    assert len(mermaid(app)) == 2


def test_without_its_graph_a_thread_has_no_picture(office, monkeypatch):
    monkeypatch.setattr(type(office.desk), "graph_of", lambda desk, thread: (None, ("this", "that")))

    assert "It may be this or that." in words(office.page("thread", thread="txn-10482"))


def changed(before, after):
    def page(before, after):
        from signoff.ui import diff

        diff.show(before, after)

    app = AppTest.from_function(page, args=(before, after)).run()
    assert not app.exception
    return app


def test_a_text_is_compared_word_by_word(office):
    shown = words(changed({"mail": "we regret to\nsay no"}, {"mail": "we are glad to\nsay no"}))

    assert "changed: we :red-background[~~regret~~] :green-background[are glad] to ↵ say no" in shown


def test_what_came_and_went_has_a_sign_and_a_word(office):
    shown = words(changed({"old": 1, "list": [{"id": "a", "n": 1}]}, {"new": None, "list": [{"id": "a", "n": 2}]}))

    assert ":material/remove_circle:] **old** removed: :red-background[~~1~~]" in shown
    assert ":material/add_circle:] **new** added: :green-background[null]" in shown
    assert ":material/change_circle:] **list[0].n** changed: :red-background[~~1~~] :green-background[2]" in shown


def test_a_changed_secret_is_told_without_it(office):
    shown = words(changed({"a": {"password": "hunter2"}}, {"a": {"password": "hunter3"}}))

    assert "**a.password** changed" in shown
    assert "hunter" not in shown


def test_long_values_are_folded_and_long_texts_shortened(office):
    text = "word " * 1000
    app = changed({"text": f"{text}old {text}", "data": []}, {"text": f"{text}new {text}", "data": [list(range(500))]})

    assert any(len(each.label) < 40 and each.label.startswith("After") for each in app.expander)
    assert max(len(each.value) for each in app.markdown) < 500
    assert "~~old~~" in words(app)


def test_more_changes_than_can_be_read_are_counted(office):
    app = changed({}, {f"n{n:04}": n for n in range(MOST + 1234)})

    assert "… and 1,234 more changes" in words(app)
