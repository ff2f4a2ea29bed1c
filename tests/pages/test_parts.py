"""What of a page is drawn again, and when: parts that show something else, and nothing but those."""

from types import SimpleNamespace

import pytest

from signoff.errors import BackendUnavailable
from signoff.ui import parts, turns


class Rerun(Exception):
    """What Streamlit is asked to draw in place of what it is drawing."""


class Page:
    """A page of parts without a browser: what they show, and what was drawn."""

    def __init__(self, monkeypatch):
        self.shown, self.drawn, self.said, self.now = {}, [], [], 100.0
        self.context = SimpleNamespace(fragment_ids_this_run=["clicked"])
        stand_in = SimpleNamespace(
            session_state={},
            fragment=lambda draw, key: draw,
            rerun=self.rerun,
            error=lambda text, icon: self.said.append(text),
        )
        monkeypatch.setattr(parts, "st", stand_in)
        monkeypatch.setattr(parts, "save_all", lambda: None)
        monkeypatch.setattr(parts.shared, "look_at_own", lambda: None)
        monkeypatch.setattr(parts, "get_script_run_ctx", lambda: self.context)
        monkeypatch.setattr(parts.time, "monotonic", lambda: self.now)

    def rerun(self, scope="app"):
        raise Rerun(scope)

    def draw(self, *keys, body=lambda: None):
        parts.begin()
        for key in keys:
            self.shown[key] = 1
            parts.draw(lambda key=key: (self.drawn.append(key), body()), lambda key=key: self.show(key), key=key)
        parts.serve(lambda: self.shown.get("purpose"))
        parts.rest(lambda: self.shown.get("rest"))

    def show(self, key):
        if isinstance(self.shown[key], Exception):
            raise self.shown[key]
        return self.shown[key]

    def part(self, key):
        return next(part for part in parts._board().parts if part.key == key)

    def asked(self):
        """Return what is drawn after a callback that says that something has changed."""
        with pytest.raises(Rerun) as asked:
            parts.redraw()
        return asked.value.args[0]


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


def test_a_click_draws_what_shows_something_else_by_then_and_the_listener(page):
    page.draw("rows", "opened", "figures")
    page.shown |= {"rows": 2, "opened": 2}

    assert page.asked() == ["rows", "opened", parts.LISTENER]


def test_where_nothing_else_shows_anything_new_only_what_was_clicked_is_drawn(page):
    page.draw("rows", "opened")

    parts.redraw()

    with pytest.raises(Rerun) as asked:
        parts.redraw("opened")
    assert asked.value.args[0] == ["opened", parts.LISTENER]


@pytest.mark.parametrize("name", ["purpose", "rest"])
def test_the_page_is_drawn_when_it_is_for_something_else(page, name):
    page.draw("rows")
    page.shown[name] = 2

    assert page.asked() == "app"


def test_a_click_that_came_together_with_another_is_not_lost_and_the_page_is_drawn_after_it(page):
    page.draw("rows", "opened")
    page.shown["opened"] = 2
    page.context.fragment_ids_this_run = ["rows", "another"]

    parts.redraw()

    with pytest.raises(Rerun, match="app"):
        page.part("rows").draw()


def test_parts_that_are_drawn_together_do_not_ask_for_the_page_in_between(page):
    page.draw("rows", "opened")
    page.shown |= {"rows": 2, "opened": 2}
    page.asked()
    page.shown["purpose"] = 2  # while they are being drawn

    page.part("rows").draw()
    with pytest.raises(Rerun, match="app"):
        page.part("rows").draw()  # clicked


def test_a_part_is_drawn_again_when_its_time_has_come_and_not_before(page):
    went_on = []
    page.draw("opened", body=lambda: parts.tick(2.5, lambda: went_on.append(1)))
    assert (parts.next_tick(), parts.tock(), parts.moved()) == (2.5, False, [])

    page.now += 2.5

    assert (parts.next_tick(), parts.tock(), went_on, parts.moved()) == (0, True, [1], ["opened"])


def test_the_soonest_of_several_times_counts_and_a_page_at_large_has_none(page):
    page.draw("opened", body=lambda: (parts.tick(9), parts.tick(3), parts.tick(6)))
    assert parts.next_tick() == 3

    parts.tick(1)  # in no part

    assert parts.next_tick() == 3
    assert parts.inside() is None


def test_a_part_that_cannot_be_read_says_why_and_the_others_are_drawn(page):
    page.draw("rows", "opened")
    page.shown["opened"] = BackendUnavailable("The database is away.")

    assert page.asked() == ["opened", parts.LISTENER]
    page.part("opened").draw()
    page.part("rows").draw()

    assert page.said == ["The database is away\\."]
    assert parts.next_tick() == 2
    assert page.drawn == ["rows", "opened", "rows"]


def test_what_is_being_drawn_is_counted_and_a_part_within_a_page_counts_with_it(page):
    seen = []
    page.draw("rows", body=lambda: seen.append(turns.under_way()))
    with turns.turn():
        page.part("rows").draw()
    page.part("rows").draw()

    assert seen == [0, 1, 1]
    assert turns.under_way() == 0


def test_a_drawing_that_fails_is_counted_no_longer(page):
    with pytest.raises(Rerun), turns.drawing():
        page.rerun()

    assert turns.under_way() == 0


def test_what_is_not_among_the_parts_that_were_asked_about_is_not_looked_at(page):
    page.draw("rows", "opened", "figures")
    page.shown |= {"rows": 2, "figures": 2, "rest": 2}

    with pytest.raises(Rerun) as asked:
        parts.redraw(among=parts.CHOOSING)

    assert asked.value.args[0] == ["rows", parts.LISTENER]
