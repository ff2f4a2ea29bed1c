"""What tabs are told before they are drawn again: new reviews, decisions, and how those ended; each of it once."""

from types import SimpleNamespace

import pytest
from contract import graphs

from signoff.database import news as news_table
from signoff.decisions import Outcome
from signoff.errors import BackendUnavailable
from signoff.news import Reporter
from signoff.settings_tables import Masking


@pytest.fixture
def desk_news(office):
    return office.desk.database.news


def running(office):
    return SimpleNamespace(desk=office.desk, settings=SimpleNamespace(masking=Masking()))


def unavailable(place):
    raise BackendUnavailable("gone")


def since(office, place):
    found = office.desk.database.news.since(place)
    return found, [(one.title, one.outcome, one.reviewer) for one in found.happened]


def test_nothing_has_happened_since_just_now(office, desk_news):
    office.pause(graphs.one)

    first = desk_news.since(None)
    then = desk_news.since(first.place)

    assert first.happened == then.happened == ()
    assert then.place == first.place


def test_a_pause_a_decision_and_its_outcome_are_told_one_after_another_and_once(office, desk_news):
    place = desk_news.since(None).place
    [review] = office.pause(graphs.one)
    found, told = since(office, place)
    assert told == [(review.title, None, None)]

    decision = office.decide(review, "yes", name="Grace")
    found, told = since(office, found.place)
    assert told == [(review.title, Outcome.RECORDED, "Grace")]

    office.deliver(decision)
    found, told = since(office, found.place)
    assert told == [(review.title, Outcome.APPLIED, "Grace")]
    assert since(office, found.place)[1] == []


def test_of_one_review_the_last_is_told(office, desk_news):
    place = desk_news.since(None).place
    [review] = office.pause(graphs.one)
    office.deliver(office.decide(review, "yes"))

    found, told = since(office, place)

    assert told == [(review.title, Outcome.APPLIED, "Ada")]
    assert found.version == office.desk.version()


def test_what_is_new_comes_first_and_what_was_decided_in_its_order(office, desk_news):
    a, b, c = (office.pause(graphs.one, thread)[0] for thread in ("p", "q", "r"))
    place = desk_news.since(None).place
    office.deliver(office.decide(b, "yes"))
    office.decide(a, "yes")
    new = office.pause(graphs.one, "s")
    office.decide(new[0], "yes")
    waiting = office.pause(graphs.one, "u")

    found, _ = since(office, place)

    assert [one.review_id for one in found.happened] == [one.id for one in (*waiting, b, a, *new)]
    assert c.id not in {one.review_id for one in found.happened}


def test_of_very_many_the_newest_are_told_and_the_others_never(office, desk_news, monkeypatch):
    monkeypatch.setattr(news_table, "MOST", 2)
    place = desk_news.since(None).place
    reviews = [office.pause(graphs.one, thread)[0] for thread in ("p", "q")]
    assert not desk_news.since(place).more
    reviews += office.pause(graphs.one, "r")

    found, _ = since(office, place)

    assert [one.review_id for one in found.happened] == [review.id for review in reviews[1:]]
    assert found.more
    assert since(office, found.place)[1] == []


def test_a_report_says_what_happened_since_the_one_before_and_masks_secrets(office):
    report = Reporter(lambda: running(office)).report
    assert report() is None
    [review] = office.pause(graphs.asking({"question": "Use api_key=abc123 for it?"}))
    office.decide(review, "yes")

    told = report()

    assert told["news"][0]["title"].startswith("Use api_key=")
    assert "abc123" not in str(told)
    assert not told["more"]
    assert told["at"] == office.desk.version()
    assert [(one["review"], one["outcome"], one["by"]) for one in told["news"]] == [(review.id, "recorded", "Ada")]
    assert report() is None


def test_a_desk_that_does_not_answer_has_no_news_and_what_happened_meanwhile_is_told_later(office, monkeypatch):
    report = Reporter(lambda: running(office)).report
    report()
    with monkeypatch.context() as dead:
        dead.setattr(office.desk.database.news, "since", unavailable)
        assert report() is None
    office.pause(graphs.one)

    assert len(report()["news"]) == 1
