"""Two texts become one row of words from which both can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.words import pieces

texts = st.text() | st.lists(st.sampled_from(["the ", "order", " is", ", ", "late", "\n", "  "])).map("".join)


def side(row, how):
    return "".join(piece.text for piece in row if piece.how in ("same", how))


@given(texts, texts)
def test_both_texts_can_be_read_from_the_row(before, after):
    row = pieces(before, after)

    assert (side(row, "removed"), side(row, "added")) == (before, after)
    assert all(piece.text for piece in row)


@given(texts)
def test_a_text_does_not_differ_from_itself(text):
    assert {piece.how for piece in pieces(text, text)} <= {"same"}


@pytest.mark.parametrize(
    ("before", "after", "row"),
    [
        (
            "pay 100 euros",
            "pay 250 euros",
            [("same", "pay "), ("removed", "100 "), ("added", "250 "), ("same", "euros")],
        ),
        ("we regret", "we are glad", [("same", "we "), ("removed", "regret"), ("added", "are glad")]),
        ("", "new", [("added", "new")]),
        ("gone", "", [("removed", "gone")]),
    ],
)
def test_what_differs_is_told_by_words(before, after, row):
    assert list(pieces(before, after)) == row


def test_of_a_long_text_only_the_lines_that_differ_are_told():
    lines = [f"line {n} of many words that all stay as they are\n" for n in range(1000)]
    edited = [*lines[:10], "new\n", *lines[10:900], *lines[901:]]

    changed = [piece for piece in pieces("".join(lines), "".join(edited)) if piece.how != "same"]

    assert changed == [("added", "new\n"), ("removed", lines[900])]


def test_of_texts_with_nothing_in_common_the_whole_differs():
    before, after = ("".join(f"{word}{n} " for n in range(40_000)) for word in ("one", "two"))

    assert list(pieces(before, after)) == [("removed", before), ("added", after)]
