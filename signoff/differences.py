"""What differs between two JSON values, place by place. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from signoff.alignment import aligned
from signoff.forms.equality import identical
from signoff.reviews import ABSENT, Absent, Json

Path = tuple[str | int, ...]

LONGEST = 120
"""Characters of a value in `Difference.said`."""

_DEEP = 20  # levels below which lists are compared by position, as pairing reads each level anew
_CONTEXT = 20  # characters of what two texts have in common that are left around what differs


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place at which two values differ; ``before`` is `ABSENT` where something was added, ``after`` where removed.

    ``path`` holds names and positions; it is empty where the whole values differ. Positions are those in the value
    after, but for that of a removed item itself; ``was`` is the same path with the positions in the value before.
    """

    path: Path
    was: Path
    before: Json | Absent
    after: Json | Absent

    @property
    def how(self) -> str:
        """Return ``added``, ``removed`` or ``changed``."""
        return "added" if self.before is ABSENT else "removed" if self.after is ABSENT else "changed"

    @property
    def place(self) -> str:
        """Return the path for people: ``order.lines[0].price``, nothing for the whole value."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")

    @property
    def said(self) -> str:
        """Return the difference without its place, on one line: ``100 → 250``. See `signoff.dialects.masking`."""
        before, after = _texts(self.before, self.after)
        return {"added": f"added {after}", "removed": f"removed {before}"}.get(self.how, f"{before} → {after}")

    @property
    def line(self) -> str:
        """Return the difference with its place: ``amount: 100 → 250``."""
        return f"{self.place}: {self.said}" if self.path else self.said

    def to_json(self) -> Json:
        """Return the difference as JSON; a side that is absent is left out."""
        sides = {"before": self.before, "after": self.after}
        return {"path": list(self.path), "how": self.how} | {k: v for k, v in sides.items() if v is not ABSENT}


def differences(before: Json | Absent, after: Json | Absent) -> tuple[Difference, ...]:
    """Return where two values are written differently, in the order in which they are read; none when identical.

    Objects are compared name by name, lists item by item as `signoff.alignment` pairs them; 1, 1.0 and true all differ.
    """
    return tuple(_found(before, after))


def _found(before: Json | Absent, after: Json | Absent) -> Iterator[Difference]:
    todo: list[tuple[Path, Path, Json | Absent, Json | Absent]] = [((), (), before, after)]
    while todo:
        path, was, one, two = todo.pop()
        if isinstance(one, dict) and isinstance(two, dict):
            names = list(dict.fromkeys([*one, *two]))
            todo += [((*path, n), (*was, n), one.get(n, ABSENT), two.get(n, ABSENT)) for n in reversed(names)]
        elif isinstance(one, list) and isinstance(two, list):
            pairs = aligned(one, two, by_position=len(path) > _DEEP)
            todo += [_items(path, was, one, two, i, j) for i, j in reversed(pairs)]
        elif not _same(one, two):
            yield Difference(path=path, was=was, before=one, after=two)


def _items(
    path: Path, was: Path, one: list[Json], two: list[Json], i: int | None, j: int | None
) -> tuple[Path, Path, Json | Absent, Json | Absent]:
    """Return what is to be compared of two lists at a pair of positions; one of them may have none."""
    before = ABSENT if i is None else one[i]
    after = ABSENT if j is None else two[j]
    return (*path, i if j is None else j), (*was, j if i is None else i), before, after  # type: ignore[arg-type]


def _same(one: Json | Absent, two: Json | Absent) -> bool:
    if type(one) is type(two) and isinstance(one, str | int | None):
        return one == two
    if isinstance(one, float) and isinstance(two, float):
        return repr(one) == repr(two)
    return identical(one, two)


def _texts(before: Json | Absent, after: Json | Absent) -> tuple[str, str]:
    """Return both sides as JSON; of long texts, what they begin and end with alike is left out."""
    one, two = _text(before), _text(after)
    if not (isinstance(before, str) and isinstance(after, str)) or max(len(one), len(two)) <= LONGEST:
        return _cut(one), _cut(two)
    same = _alike(one, two)
    tail = _alike(one[same:][::-1], two[same:][::-1])
    begin, end = max(0, same - _CONTEXT), max(0, tail - _CONTEXT)
    cut = [_cut("…" * bool(begin) + text[begin : len(text) - end] + "…" * bool(end)) for text in (one, two)]
    return cut[0], cut[1]


def _alike(one: str, two: str) -> int:
    """Return how many characters both begin with."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((at for at, (here, there) in pairs if here != there), min(len(one), len(two)))


def _text(value: Json | Absent) -> str:
    return "" if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
