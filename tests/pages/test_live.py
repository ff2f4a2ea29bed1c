"""What a page does so that it can be drawn again at any moment."""

import pytest

from signoff import claims, comments, service
from signoff.desk import Desk
from signoff.reviews import Query
from signoff.ui import badge, form_canvas, keys, live, parts, session, shared, table
from signoff.ui.form_canvas import CANVASES, Canvas


def test_what_many_tabs_show_is_read_once_until_the_desk_changes(office, monkeypatch):
    reads = []
    read = Desk.counts
    monkeypatch.setattr(Desk, "counts", lambda desk, **about: reads.append(1) or read(desk, **about))
    monkeypatch.setattr(shared, "_LONGEST", 3_600.0)  # no time passes between two drawings of this test
    monkeypatch.setattr(shared, "_readings", shared._Readings())

    office.start()
    office.start()
    assert len(reads) == 1
    office.desk.choose_graph("txn-10402", "transaction", reviewer=session.reviewer())
    office.start()

    assert len(reads) == 2


def test_only_the_parts_are_drawn_again_that_would_show_something_else(office, monkeypatch):
    state, shown, drawn = {}, {"list": 1, "open": 1, "rest": 1}, []
    monkeypatch.setattr(parts.st, "session_state", state)
    monkeypatch.setattr(parts.st, "fragment", lambda draw, key: draw)
    parts.begin()
    assert parts.moved() is None

    parts.draw(lambda: drawn.append("list"), lambda: shown["list"], key="list")
    parts.draw(lambda: drawn.append("open"), lambda: shown["open"])
    assert parts.moved() is None  # nobody has said what the rest shows
    parts.rest(lambda: shown["rest"])
    assert (parts.moved(), drawn) == ([], ["list", "open"])

    shown["list"] = 2
    assert parts.moved() == ["list"]
    state[parts._BOARD].parts[0].draw()
    assert (parts.moved(), drawn) == ([], ["list", "open", "list"])
    for name in ("open", "rest"):
        shown[name] = 2
        assert parts.moved() is None  # the whole page
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
    before = desk.dossier(review.id)

    comments.comment(desk, other.id, "Not this one.", reviewer=session.reviewer())
    assert desk.dossier(review.id) == before

    comments.comment(desk, review.id, "This one.", reviewer=session.reviewer())
    commented = desk.dossier(review.id)
    claims.claim(desk, review.id, reviewer=session.reviewer(), minutes=5)
    assert before != commented != desk.dossier(review.id)


def test_what_was_typed_is_kept_of_every_form_and_drawings_that_are_gone_are_forgotten(monkeypatch):
    typed, untouched, gone = (Canvas(prefix=f"{name}:", draft={}, shown={"/note": ""}) for name in "abc")
    gone.draft["/note"] = "half a sentence"
    state = {"a:/note": "yes", "b:/note": "", CANVASES: {one.prefix: one for one in (typed, untouched, gone)}}
    monkeypatch.setattr(form_canvas.st, "session_state", state)

    form_canvas.save_all()

    assert [one.draft for one in (typed, untouched, gone)] == [{"/note": "yes"}, {}, {"/note": "half a sentence"}]
    assert list(state[CANVASES]) == ["a:", "b:"]


@pytest.mark.parametrize(("known", "drawn"), [(True, 1), (False, 0)])
def test_what_time_alone_changes_is_drawn_where_the_page_says_what_it_shows(monkeypatch, known, drawn):
    redrawn = []
    monkeypatch.setattr(live.shared, "look", lambda: "the same")
    monkeypatch.setattr(live.shared, "mark", lambda: "the same")
    monkeypatch.setattr(live.parts, "tock", lambda: False)
    monkeypatch.setattr(live.parts, "known", lambda: known)
    monkeypatch.setattr(live.parts, "redraw", lambda *_, **about: redrawn.append(about))

    live._ticked()

    assert len(redrawn) == drawn
