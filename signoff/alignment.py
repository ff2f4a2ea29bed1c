"""Which item of one list is which item of another: by id, else by what the items hold. Pure; O(n log n)."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence

from signoff.reviews import Json

Pair = tuple[int | None, int | None]

_encode = json.JSONEncoder(sort_keys=True).encode
_NAMES = ("id", "key", "name")  # what names an object in a list, the first that names all of them apart


def aligned(one: Sequence[Json], two: Sequence[Json], *, by_position: bool = False) -> list[Pair]:
    """Return the positions to be compared, in the order of reading; an item without a partner is paired with None.

    Messages and other objects that all carry an ``id`` (or ``key``, or ``name``) are paired by it. Of other items those
    that hold the same are left out, and what stands between them is paired by position. Pairs never cross: what has
    moved past another item is taken out at one place and put in at another.
    """
    name = None if by_position else _name_of(one, two)
    anchors = [] if by_position else _uncrossed(_tokens(one, name), _tokens(two, name))
    found: list[Pair] = []
    here = there = 0
    for i, j in [*anchors, (len(one), len(two))]:
        found += _between(range(here, i), range(there, j), named=bool(name))
        if name and i < len(one):
            found.append((i, j))
        here, there = i + 1, j + 1
    return found


def _between(one: range, two: range, *, named: bool) -> list[Pair]:
    """Return the pairs of two stretches that have nothing in common: by position, none where names tell them apart."""
    both = 0 if named else min(len(one), len(two))
    pairs: list[Pair] = list(zip(one[:both], two[:both], strict=True))
    return [*pairs, *((i, None) for i in one[both:]), *((None, j) for j in two[both:])]


def _name_of(one: Sequence[Json], two: Sequence[Json]) -> str | None:
    for name in _NAMES:
        if all(_names(items, name) for items in (one, two)):
            return name
    return None


def _names(items: Sequence[Json], name: str) -> bool:
    if not all(isinstance(item, dict) and type(item.get(name)) in (str, int) for item in items):
        return False
    return len({item[name] for item in items}) == len(items)


def _tokens(items: Sequence[Json], name: str | None) -> list[Hashable]:
    """Return for each item what it is known by; the n-th of several that hold the same is known as the n-th."""
    if name:
        return [(type(item[name]), item[name]) for item in items]
    seen: Counter[str] = Counter()
    tokens: list[Hashable] = []
    for item in items:
        try:
            held = _encode(item)
        except RecursionError:
            tokens.append(object())  # too deep to be known by what it holds
        else:
            seen[held] += 1
            tokens.append((held, seen[held]))
    return tokens


def _uncrossed(one: Sequence[Hashable], two: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the most pairs of equal tokens that do not cross: the longest increasing row of positions."""
    places = {token: j for j, token in enumerate(two)}
    ends: list[int] = []  # the least last position of a row of each length
    last: list[tuple[int, int]] = []
    before: dict[int, tuple[int, int] | None] = {}
    for i, token in enumerate(one):
        if (j := places.get(token)) is None:
            continue
        length = bisect_left(ends, j)
        before[i] = last[length - 1] if length else None
        ends[length : length + 1] = [j]
        last[length : length + 1] = [(i, j)]
    row: list[tuple[int, int]] = []
    pair = last[-1] if last else None
    while pair:
        row.append(pair)
        pair = before[pair[0]]
    return row[::-1]
