"""Each page on a desk with a day's work on it, opened through the dashboard and alone."""

import pytest
from pages.screen import words

from signoff.decisions import Reviewer
from signoff.reviews import Query
from signoff.ui import frame

PAGES = [
    ("queue", {}, "Review queue"),
    ("thread", {"thread": "txn-10402"}, "Thread txn-10402"),
    ("thread", {}, "Threads"),
    ("trouble", {}, "Trouble"),
    ("audit", {}, "Audit"),
    ("insights", {}, "Insights"),
    ("system", {}, "System"),
]


@pytest.fixture(scope="module", autouse=True)
def one_decision(office):
    """Every page has something to show."""
    review = office.desk.queue(Query(graph="transaction", limit=1)).reviews[0]
    answer = {"approved": False, "note": "asked twice"}
    return office.desk.decide(review.id, answer, reviewer=Reviewer(name="Grace"))


@pytest.mark.parametrize(("name", "query", "title"), PAGES)
@pytest.mark.parametrize("way", ["page", "cold"])
def test_a_page_shows_itself_inside_the_frame(office, monkeypatch, way, name, query, title):
    drawn = []
    navigation = frame._navigation
    monkeypatch.setattr(frame, "_navigation", lambda: drawn.append("frame") or navigation())

    app = getattr(office, way)(name, **query)

    assert not app.exception
    assert [each.value.replace("\\", "") for each in app.title] == [title]
    assert drawn  # page settings and navigation, whoever drew them


def test_a_page_opened_first_is_drawn_once(office):
    assert words(office.cold("system")).count("Databases and engine") == 1


def test_the_dashboard_leads_a_link_with_a_thread_to_that_thread(office):
    app = office.start(thread="txn-10402")

    assert "Thread txn-10402" in words(app)
    assert app.query_params["thread"] == "txn-10402"
