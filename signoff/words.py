"""What differs between two texts, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_MOST = 1_500  # words, or else lines, that are compared; of longer texts the whole is said to differ
_WORD = re.compile(r"\s+|\w+\s*|[^\w\s]\s*")
_SPLITS: tuple[Callable[[str], list[str]], ...] = (_WORD.findall, lambda text: text.splitlines(keepends=True))


class Piece(NamedTuple):
    """A stretch of text: ``same``, ``removed`` or ``added``."""

    how: str
    text: str


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Return both texts as one row of pieces: without the added ones it is ``before``, without the removed ``after``.

    Long texts are compared line by line; where too many lines differ, everything from the first to the last of them is
    one change.
    """
    for split in _SPLITS:
        one, two = split(before), split(after)
        begin = _alike(one, two)
        end = _alike(one[begin:][::-1], two[begin:][::-1])
        middle = one[begin : len(one) - end], two[begin : len(two) - end]
        if max(map(len, middle)) <= _MOST:
            break
    changed = _compared(*middle) if max(map(len, middle)) <= _MOST else _replaced(*middle)
    row = [Piece("same", "".join(one[:begin])), *changed, Piece("same", "".join(one[len(one) - end :]))]
    return tuple(piece for piece in row if piece.text)


def _alike(one: list[str], two: list[str]) -> int:
    pairs = enumerate(zip(one, two, strict=False))
    return next((at for at, (here, there) in pairs if here != there), min(len(one), len(two)))


def _compared(one: list[str], two: list[str]) -> Iterator[Piece]:
    for how, a, b, c, d in SequenceMatcher(None, one, two).get_opcodes():
        if how == "equal":
            yield Piece("same", "".join(one[a:b]))
        else:
            yield from _replaced(one[a:b], two[c:d])


def _replaced(one: list[str], two: list[str]) -> Iterator[Piece]:
    yield Piece("removed", "".join(one))
    yield Piece("added", "".join(two))
