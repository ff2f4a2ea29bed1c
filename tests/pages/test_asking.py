"""What graphs ask and people answer, on the page: alike but for what is proposed, with secrets, at the end of time."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from pages.asking import builder
from pages.screen import texts, words

from signoff import bulk
from signoff.decisions import Outcome, Reviewer
from signoff.ui import bulk as panel
from signoff.ui import detail, shared

ADA = Reviewer(name="Ada")
GRAPH = f"asking={Path(__file__).with_name('asking.py')}:builder"
SECRET = "hunter2hunter2"
ENDS = ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")


def pay(amount):
    config = {name: True for name in ("allow_ignore", "allow_respond", "allow_edit", "allow_accept")}
    return {"action_request": {"action": "pay", "args": {"amount": amount}}, "config": config, "description": "Pay?"}


@pytest.fixture
def desk(open_office, empty_folder):
    return open_office(empty_folder, GRAPHS=None, GRAPH=GRAPH)


def asked(office, **asks):
    """Have threads of these names ask; return the ids of their reviews."""
    for thread, ask in asks.items():
        office.pause(builder, thread, "asking", **(ask if "ask" in ask else {"ask": ask}))
    office.desk.scan()
    return tuple(office.review(thread_id=thread).id for thread in asks)


def selecting(office, chosen):
    app = office.start()
    app.session_state["bulk_on"], app.session_state["bulk_turn"] = True, "a"
    return select(app, chosen)


def select(app, chosen, turn="a"):
    app.session_state["bulk_chosen"], app.session_state["bulk_turn"] = chosen, turn
    return app.run()


def way(app):
    return next(group for group in app.button_group if "bulk-" in group.key)


def amounts(app):
    return [field.value for field in app.text_input if field.label.startswith("Amount")]


def test_a_form_for_many_holds_nothing_that_was_proposed_or_typed_for_others(desk):
    hundreds = asked(desk, a1=pay(100), a2=pay(100))
    two_hundreds = asked(desk, b1=pay(200), b2=pay(200), b3=pay(200))
    app = selecting(desk, hundreds)
    way(app).set_value("Edit").run()
    assert amounts(app) == ["100"]
    next(field for field in app.text_input if field.label.startswith("Amount")).set_value("150").run()

    others = select(app, two_hundreds)
    assert (way(others).value, amounts(others)) == (None, [])
    way(others).set_value("Edit").run()
    assert amounts(others) == ["200"]
    back = select(others, hundreds)
    assert amounts(back) == ["150"]  # what was typed stays until nothing is selected any more
    assert amounts(select(back, hundreds, turn="b")) == []
    assert amounts(select(way(selecting(desk, two_hundreds)).set_value("Edit").run(), two_hundreds[:2])) == ["200"]


def test_what_was_left_out_is_looked_at_again_with_the_next_selection(desk, monkeypatch):
    (one,) = asked(desk, t1={"question": "ok?"})
    state = {panel._FOUND: ((one,), "as it was"), panel._CHOSEN: (one,)}
    monkeypatch.setattr(panel.st, "session_state", state)

    panel._choose([one])
    assert state[panel._FOUND] is None


def test_more_than_can_be_answered_at_a_time_are_not_selected_without_a_word(monkeypatch):
    said, state = [], {}
    monkeypatch.setattr(panel.st, "session_state", state)
    monkeypatch.setattr(panel.st, "toast", lambda text, **_: said.append(text))

    panel._choose([str(number) for number in range(bulk.MOST)])
    assert said == []
    panel._choose([str(number) for number in range(bulk.MOST + 1)])
    assert (len(state[panel._CHOSEN]), said) == (bulk.MOST, ["500 at a time: 1 not selected."])


def test_a_secret_stays_masked_whatever_becomes_of_the_question_that_holds_it(desk):
    titled = {"title": f"Call with password='{SECRET}'", "question": "ok?"}
    cut = {"title": "Call with " + "x" * 270 + f" password='{SECRET}{SECRET}'", "question": "ok?"}
    again = {"ask": titled, "then": {"title": f"Again api_key={SECRET}", "question": "ok?"}}
    ended, asks, fails, long = asked(
        desk, t1=titled, t2=again, t3={"ask": titled, "fail": f"refused: password='{SECRET}'"}, t4=cut
    )
    decided = [desk.desk.decide(one, "yes", reviewer=ADA, raw=True) for one in (ended, asks, fails)]
    assert [desk.settled(one).outcome for one in decided] == [Outcome.APPLIED, Outcome.APPLIED, Outcome.FAILED]
    stuck = desk.review(thread_id="t3")

    shown = [desk.start(review=one) for one in (stuck.id, fails, long)]
    shown += [desk.start(error=stuck.reason), desk.page("audit"), desk.page("audit", decision=decided[2].id)]
    shown += [desk.page("trouble"), desk.page("thread", thread="t3")]
    for decision in decided[:2]:
        app = desk.start()
        app.session_state[detail.FOLLOWED] = app.session_state[detail.LAST] = decision.id
        app.session_state["review"] = decision.review_id
        shown.append(app.run())
    assert [[one for one in texts(app) if SECRET in one[1].replace("\\", "")] for app in shown] == [[]] * len(shown)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_times_at_the_ends_of_the_calendar_are_shown_in_every_zone(desk, zone):
    asks = [{"question": "ok?", "due_at": end, "follow_up_at": end} for end in ENDS]
    for review_id in asked(desk, first=asks[0], second=asks[1]):
        app = desk.start(review=review_id)
        app.context = {"timezone": zone}
        assert not app.run().exception
        assert "Submit and resume" in [button.label for button in app.button]


def test_a_decision_whose_thread_was_deleted_since_leads_on(desk):
    (review_id,) = asked(desk, t1={"question": "ok?"})
    decision = desk.settled(desk.desk.decide(review_id, "yes", reviewer=ADA, raw=True))
    with closing(sqlite3.connect(desk.folder / "demo.sqlite")) as connection:
        SqliteSaver(connection).delete_thread("t1")

    app = desk.start()
    app.session_state[detail.FOLLOWED], app.session_state["review"] = decision.id, review_id
    assert "The thread has been deleted since" in words(app.run())
    assert "Next in queue" in [button.label for button in app.button]


def test_readings_are_shared_and_not_kept_for_longer_than_tabs_look_at_them(desk):
    desk.start()
    clock, made = iter(range(1000)), []
    readings = shared._Readings(clock=lambda: float(next(clock)))

    def read(_desk):
        return made.append(1)

    for mark in [*range(50), 49, 49]:  # a second each
        readings.once(mark, read)

    assert len(made) == 50
    assert list(readings._at) == list(range(41, 50))
    for _ in range(30):  # one tab alone, at a mark that stays
        readings.once(49, read)
    assert len(made) == 50 + 2


@pytest.mark.parametrize(("name", "told"), [("Bo", True), ("Ada", False)])
def test_who_comes_too_late_is_told_that_nothing_of_theirs_was_sent(desk, name, told):
    (review_id,) = asked(desk, t1={"question": "ok?"})
    app = desk.start(review=review_id)
    desk.settled(desk.desk.decide(review_id, "yes", reviewer=Reviewer(name=name), raw=True))

    said = words(app.run())
    assert f"{name} has decided this review." in said
    assert ("Nothing was sent from this page" in said) is told
