"""What a page does so that it can be drawn again at any moment."""

import pytest

from signoff import claims, comments, service
from signoff.desk import Desk
from signoff.reviews import Query
from signoff.ui import badge, detail, keys, parts, session, shared, table


def test_what_many_tabs_show_is_read_once_until_the_desk_changes(office, monkeypatch):
    reads = []
    read = Desk.counts
    monkeypatch.setattr(Desk, "counts", lambda desk, **about: reads.append(1) or read(desk, **about))
    shared._once.cache_clear()

    office.start()
    office.start()
    assert len(reads) == 1
    office.desk.choose_graph("txn-10402", "transaction", reviewer=session.reviewer())
    office.start()

    assert len(reads) == 2


def test_a_page_is_drawn_again_only_where_it_would_show_something_else(office, monkeypatch):
    state, shown = {}, {"list": 1, "open": 1, "rest": 1}
    monkeypatch.setattr(parts.st, "session_state", state)
    parts.begin()
    assert parts.moved()

    for name in ("list", "open"):
        parts.draw(lambda: None, lambda name=name: shown[name])
    parts.rest(lambda: shown["rest"])
    assert not parts.moved()

    for name in shown:
        shown[name] = 2
        assert parts.moved()
        shown[name] = 1


def test_the_tab_counts_what_nobody_has_claimed_or_the_reviewer_has(office):
    store = office.desk.database.mine
    office.start()

    assert store.count("Ada") == store.count("Grace") == office.desk.queue(Query(limit=1)).total
    assert badge.title() == f"({store.count('Ada')}) Signoff"


@pytest.mark.parametrize(("start", "way", "expected"), [(0, "on", 1), (1, "back", 0), (0, "back", 0), (None, "on", 0)])
def test_j_and_k_go_one_row_on_or_back_and_stop_at_the_ends(monkeypatch, start, way, expected):
    rows = ("a", "b", "c")
    state = {"keys": {"step": way}, keys._ROWS: rows, table.SELECTED: None if start is None else rows[start]}
    monkeypatch.setattr(keys.st, "session_state", state)

    keys._step()

    assert state[table.SELECTED] == rows[expected]


def test_the_mark_is_another_one_when_something_is_wrong(office, monkeypatch):
    running = service.service()
    before = running.mark()

    monkeypatch.setattr(running.steps[0], "problem", "The database is away.")

    assert running.mark() != before


def test_the_open_review_is_not_drawn_again_for_what_happens_elsewhere(office):
    review, other = office.desk.queue(Query(graph="transaction", limit=2)).reviews
    desk = office.desk
    before = detail._standing(desk, review.id)

    comments.comment(desk, other.id, "Not this one.", reviewer=session.reviewer())
    assert detail._standing(desk, review.id) == before

    comments.comment(desk, review.id, "This one.", reviewer=session.reviewer())
    commented = detail._standing(desk, review.id)
    claims.claim(desk, review.id, reviewer=session.reviewer(), minutes=5)
    assert before != commented != detail._standing(desk, review.id)
