"""Time on the pages: what will happen by itself is said beforehand, and a review can be put off and woken."""

from datetime import UTC, datetime, timedelta

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pages.screen import listed, unfold, words
from streamlit.testing.v1 import AppTest

from signoff import timing
from signoff.reviews import Query
from signoff.ui import time


@pytest.fixture
def desk_with(open_office, empty_folder):
    """Open a desk on which one thread asks this payload."""

    def opened(**payload):
        office = open_office(empty_folder, GRAPHS=None)

        def ask(state):
            return {"answer": interrupt({"title": "Pay it?", **payload}, response_schema=SCHEMA)}

        office.pause(StateGraph(dict).add_node(ask).add_edge(START, "ask"), "t")
        office.desk.scan()
        return office

    return opened


SCHEMA = {
    "type": "object",
    "properties": {"approved": {"type": "boolean"}, "why": {"type": "string"}},
    "required": ["approved"],
}


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def ahead(**span):
    return (datetime.now(UTC) + timedelta(**span, seconds=30)).isoformat()


@pytest.mark.parametrize(
    ("on_timeout", "said"),
    [
        ("reject", "rejected in 2 h 5 min unless somebody decides"),
        ({"approved": True}, "answered by itself in 2 h 5 min unless somebody decides"),
        ("escalate", "escalated in 2 h 5 min unless somebody decides"),
    ],
)
def test_a_countdown_says_what_will_happen(desk_with, on_timeout, said):
    app = desk_with(expires_at=ahead(hours=2, minutes=5), on_timeout=on_timeout).start()

    assert said in words(app)
    assert list(listed(app)["Time"]) == ["expires in 2 h"]


@pytest.mark.parametrize(
    ("left", "pace"),
    [
        (timedelta(seconds=-1), None),
        (timedelta(minutes=4), timedelta(seconds=1)),
        (timedelta(minutes=50), timedelta(seconds=20)),
        (timedelta(hours=5), timedelta(minutes=1)),
        (timedelta(days=4), timedelta(minutes=10)),
    ],
)
def test_a_countdown_is_drawn_as_often_as_its_words_change(left, pace):
    assert time._pace(left) == pace


def test_the_answer_that_would_be_given_is_shown(desk_with):
    app = desk_with(expires_at=ahead(hours=2), on_timeout={"approved": True, "why": "late"}).start()

    assert 'its payload says to answer: {"approved": true, "why": "late"}' in words(app)


def test_a_time_that_cannot_be_read_is_said_on_the_card(desk_with):
    app = desk_with(expires_at="soon", on_timeout="reject").start()

    assert 'Its expires_at cannot be read ("soon").' in words(app)
    assert "unless somebody decides" not in words(app)
    assert "Time" not in listed(app)


def test_what_was_escalated_is_urgent_and_says_since_when(desk_with):
    office = desk_with(expires_at="2001-01-01T00:00:00Z")
    timing.tick(office.desk)

    app = office.start()

    assert "overdue: escalated" in words(app)
    assert listed(app)["Priority"][0] == "⇈ urgent"
    assert listed(app)["Time"][0].startswith("! escalated")


def snoozing(office):
    """Open the queue, and the popover that puts the open review off."""
    [review] = office.desk.queue(Query()).reviews
    return unfold(office.start(), f"snooze-{review.id}")


def test_a_review_is_snoozed_by_a_button_leaves_the_queue_and_is_woken_by_another(desk_with):
    office = desk_with()
    app = snoozing(office)

    press(app, "In 1 hour")
    assert "snoozed until" in words(app)
    assert "by Ada" in words(app)
    assert not app.dataframe
    assert app.metric[0].value == "0"
    [review] = office.desk.queue(Query(snoozed=True)).reviews
    assert review.follow_up_at - datetime.now(UTC) > timedelta(minutes=59)

    app = office.start(view="snoozed")
    assert "Snoozed · 1" in words(app)
    assert listed(app)["Time"][0].startswith("back in")

    press(app, "Wake")
    app.run()
    assert "snoozed until" not in words(app)
    assert office.desk.queue(Query(snoozed=False)).total == 1


def test_a_review_is_snoozed_until_a_time_that_somebody_picks(desk_with):
    office = desk_with()
    app = snoozing(office)
    day = datetime.now(UTC).date() + timedelta(days=3)

    next(field for field in app.date_input if field.label == "Day").set_value(day)
    press(app, "Until then")

    [review] = office.desk.queue(Query(snoozed=True)).reviews
    assert review.follow_up_at.date() == day


def test_a_time_that_is_past_is_refused_with_a_reason(desk_with):
    office = desk_with()
    app = snoozing(office)
    next(field for field in app.date_input if field.label == "Day").set_value(datetime.now(UTC).date())
    next(field for field in app.time_input if field.label == "Time").set_value(datetime.min.time())

    press(app, "Until then")

    assert "is past. Nothing was changed" in words(app)
    assert office.desk.queue(Query(snoozed=True)).total == 0


def test_a_timer_that_could_not_fire_says_why_on_the_card_and_on_the_system_page(desk_with):
    office = desk_with(expires_at="2001-01-01T00:00:00Z", on_timeout="reject")
    timing.tick(office.desk)

    assert "Its time is up, but: Signoff cannot tell which graph thread 't' belongs to" in words(office.start())
    assert "Signoff cannot tell which graph thread" in words(office.page("system"))
