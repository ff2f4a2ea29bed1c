"""Sharing out the work on a page: who has a review, what colleagues remark, what comes next."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from pages.screen import until, words
from pages.test_queue import choose, press

from signoff import claims, comments, overrides
from signoff.database.tables import decisions
from signoff.decisions import Reviewer
from signoff.reviews import Priority, Query
from signoff.ui import advance, table

GRACE, ADA = Reviewer(name="Grace"), Reviewer(name="Ada")


@pytest.fixture
def review(office):
    """A review that waits and that nobody has; whoever has it afterwards gives it back."""
    waiting = office.desk.queue(Query(graph="transaction", limit=500)).reviews
    found = next(r for r in waiting if r.state == "waiting")
    yield found
    if held := claims.held(office.desk, found.id):
        claims.release(office.desk, found.id, reviewer=Reviewer(name=held.holder))


def fill(app, label, text):
    next(field for field in app.text_input if field.label == label).input(text)


def opened(app, key):
    app.session_state[key] = True
    return app.run()


def holder(office, review):
    held = claims.held(office.desk, review.id)
    return held and held.holder


def test_a_reviewer_claims_keeps_releases_and_undoes(office, review):
    app = office.start(review=review.id)
    assert "Nobody has it." in words(app)

    press(app, "Claim")
    assert "You have it since" in words(app)
    assert holder(office, review) == "Ada"
    before = claims.held(office.desk, review.id).expires_at
    press(app, "Keep it")
    assert claims.held(office.desk, review.id).expires_at > before
    press(app, "Release")
    assert holder(office, review) is None
    press(app, "Undo")

    assert holder(office, review) == "Ada"
    assert "Undo" not in [button.label for button in app.button]
    assert "You have it since" in words(app)


def test_undo_is_not_offered_when_somebody_acted_since(office, review):
    app = press(office.start(review=review.id), "Claim")

    claims.take_over(office.desk, review.id, reason="Ada is away", reviewer=GRACE, minutes=30)
    app.run()

    assert "Undo" not in [button.label for button in app.button]
    assert "Grace took it over, " in words(app)
    assert "“Ada is away”" in words(app)


def test_what_somebody_else_has_is_shown_and_taken_over_with_a_reason(office, review):
    claims.claim(office.desk, review.id, reviewer=GRACE, minutes=30)
    app = office.start(review=review.id)
    assert "Grace has it since" in words(app)
    opened(app, f"take-over-{review.id}")

    press(app, "Take over")
    assert "Say why" in words(app)
    fill(app, "Reason · required", "Grace is ill")
    press(app, "Take over")

    assert holder(office, review) == "Ada"
    assert "Say why" not in words(app)


def test_an_answer_to_what_somebody_else_has_is_refused_and_kept_in_the_form(office, review):
    app = choose(office.start(review=review.id), "Approve")
    claims.claim(office.desk, review.id, reviewer=GRACE, minutes=30)

    press(app, "Submit and resume")

    assert f"Review {review.id} is held by Grace since" in words(app)
    assert office.desk.decisions_on(review.id) == ()
    claims.release(office.desk, review.id, reviewer=GRACE)
    press(app, "Submit and resume")
    [decision] = office.desk.decisions_on(review.id)
    assert decision.answer["approved"] is True


def test_a_review_is_given_to_a_colleague_and_its_history_told(office, review):
    app = opened(office.start(review=review.id), f"assign-{review.id}")
    fill(app, "To · required", "Grace")
    fill(app, "Reason · required", "knows the customer")
    press(app, "Assign")

    assert holder(office, review) == "Grace"
    assert "given by Ada: “knows the customer”" in words(app)
    opened(app, f"claims-{review.id}")
    assert "Ada gave it to Grace: “knows the customer”" in words(app)


def test_claim_next_opens_the_first_free_review_of_the_filtered_list(office, review):
    app = office.start(graph="transaction")

    press(app, "Claim next")

    chosen = app.session_state[table.SELECTED]
    assert holder(office, office.desk.review(chosen)) == "Ada"
    assert office.desk.review(chosen).graph == "transaction"
    assert "You have it since" in words(app)


def test_claim_next_says_when_nothing_is_free(office):
    app = office.start(q="CLM-10449", graph="insurance_claim")

    press(app, "Claim next")

    assert "Nothing in this list is free for you." in [toast.value for toast in app.toast]


def test_comments_are_written_counted_withdrawn_and_seen_in_the_record(office, review):
    app = office.start(review=review.id)
    assert "Comments (0)" in words(app)

    opened(app, f"comments-{review.id}")
    next(field for field in app.text_area if field.label == "Comment").input("Called *them*.")
    press(app, "Add comment")
    comments.comment(office.desk, review.id, "I agree.", reviewer=GRACE)
    until(app, "Comments (2)")
    assert [text.value for text in app.text if text.value in ("Called *them*.", "I agree.")] == [
        "Called *them*.",
        "I agree.",
    ]
    press(app, "Withdraw")

    assert "Comments (1)" in words(app)
    assert "Called *them*." not in [text.value for text in app.text]
    office.desk.decide(review.id, {"approved": False}, reviewer=ADA)
    for seen in (office.page("audit", q=review.thread_id), office.page("thread", thread=review.thread_id)):
        assert "I agree." in [text.value for text in seen.text]
        assert "Called *them*." not in [text.value for text in seen.text]


def test_priority_and_tags_are_set_by_hand_and_reset(office, review):
    app = opened(office.start(review=review.id), f"overrides-{review.id}")
    [box for box in app.selectbox if box.label == "Priority"][-1].select("low")  # behind the one of the filters
    fill(app, "Tags", "vip, vip, call back")
    [button for button in app.button if button.label == "Save"][-1].click().run()  # behind that of the views

    now = office.desk.review(review.id)
    assert (now.priority, now.tags) == (Priority.LOW, ("vip", "call back"))
    opened(app, f"overrides-{review.id}")
    assert "Tags set by Ada" in words(app)
    press(app, "Reset")
    assert office.desk.review(review.id).priority is review.priority
    assert [one.field for one in overrides.on_review(office.desk, review.id)] == ["tags"]


def test_after_an_applied_answer_the_next_review_opens_and_the_last_stays_in_sight(office, review):
    app = choose(office.start(review=review.id), "Reject")

    press(app, "Submit and resume")
    while app.session_state[table.SELECTED] == review.id:
        until(app, "applied")
        app.run()

    assert review.title in words(app)
    assert "applied" in words(app)


def test_the_failure_of_an_answer_that_was_left_behind_is_seen(office, review):
    app = choose(office.start(review=review.id), "Reject")
    press(app, "Submit and resume")
    [decision] = office.desk.decisions_on(review.id)
    office.settled(decision)
    with office.desk.database.writing() as connection:
        connection.execute(sa.update(decisions).values(outcome="failed").where(decisions.c.id == decision.id))

    app.session_state[table.SELECTED] = office.review(graph="contract").id
    app.run()

    assert "failed" in words(app)
    assert review.title in words(app)


def test_without_auto_advance_the_outcome_stays(office, review):
    app = choose(office.start(review=review.id, advance="false"), "Reject")

    press(app, "Submit and resume")
    until(app, "The thread has finished.")
    app.session_state[advance._SINCE] = ("", 0.0)
    app.run()

    assert app.session_state[table.SELECTED] == review.id


def test_who_is_away_is_announced_and_ended(office):
    app = opened(office.start(), "absence")
    fill(app, "What is mine goes to", "Kim")
    press(app, "Announce")

    assert f"Kim stands in for Ada, {datetime.now(UTC):%-d %b %Y}\n" in f"{words(app)}\n"
    [absence] = claims.absences(office.desk)
    assert (absence.person, absence.deputy, absence.made_by) == ("Ada", "Kim", "Ada")
    press(app, "End it")
    assert claims.absences(office.desk) == ()
