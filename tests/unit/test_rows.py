"""What a click in a table meant, whatever the rows have become since."""

import pytest

from signoff.ui import rows
from signoff.ui.rows import Shown


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(rows, "time", clock)
    return clock


def test_a_click_on_a_cell_means_the_row_that_was_shown_when_it_was_made(clock):
    shown = Shown()
    first = shown.draw(("a", "b", "c"), ())
    second = shown.draw(("b", "c", "d"), ())
    assert first != second
    assert shown.clicked([], [(1, f"Request{first}")]) == "b"
    assert shown.clicked([], [(1, f"Request{second}")]) == "c"


def test_a_click_on_rows_too_long_ago_means_nothing(clock):
    shown = Shown()
    old = shown.draw(("old",), ())
    for number in range(rows._KEPT):
        shown.draw((number,), ())
    assert shown.clicked([], [(0, f"Request{old}")]) is None
    assert len(shown.orders) == rows._KEPT == len(dict(shown.orders))


def test_the_mark_of_an_earlier_drawing_is_no_click(clock):
    shown = Shown()
    shown.draw(("a", "b"), (0,))
    clock.now += 60
    shown.draw(("new", "a", "b"), (1,))
    assert shown.clicked([0], []) is None  # sent by a tab that had not drawn the new row yet
    clock.now += rows._ECHO
    assert shown.clicked([0], []) == "new"


def test_a_click_that_a_tab_sends_twice_opens_nothing_again(clock):
    shown = Shown()
    shown.draw(("a", "b"), (0,))
    assert shown.clicked([], [(1, "Request")]) == "b"
    shown.draw(("a", "b"), (1,))
    shown.draw(("a", "b"), (0,))  # a key has led back
    assert shown.clicked([], [(1, "Request")]) is None
    clock.now += rows._ECHO
    assert shown.clicked([], [(1, "Request")]) == "b"


def test_the_marker_of_another_row_is_a_click_at_once(clock):
    shown = Shown()
    shown.draw(("a", "b", "c"), (0,))
    assert shown.clicked([2], []) == "c"
    shown.draw(("a", "b", "c"), (2,))
    assert shown.clicked([1], []) == "b"


@pytest.mark.parametrize(("marked", "cells"), [([], []), ([5], []), ([], [(5, "Request")])])
def test_no_row_is_no_click(clock, marked, cells):
    shown = Shown()
    shown.draw(("a",), ())
    assert shown.clicked(marked, cells) is None
