"""What an answer must not hold, because LangGraph's serializer would change it on its way to the graph."""

from __future__ import annotations

import math
from collections.abc import Iterator

from signoff.forms import Problem
from signoff.reviews import Json

_DEEPEST = 200  # ormsgpack 1.x packs 255 levels; the state, and what LangGraph keeps of a task, have some of their own
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1  # what ormsgpack 1.x packs as an integer


def find_unstorable(answer: Json, path: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    """Yield a problem for every value that msgpack cannot hold exactly (langgraph-checkpoint 4.3.2, ormsgpack).

    Texts with a lone surrogate would arrive with a question mark, integers beyond 64 bits and NaN not at all; what is
    nested too deep would be taken, and could never be stored.
    """
    if len(path) > _DEEPEST:
        yield Problem(path=path[:3], message=f"is nested deeper than {_DEEPEST} levels, which cannot be stored")
    elif isinstance(answer, dict):
        for name, value in answer.items():
            yield from find_unstorable(name, path)
            yield from find_unstorable(value, (*path, name))
    elif isinstance(answer, list):
        for place, value in enumerate(answer):
            yield from find_unstorable(value, (*path, place))
    elif (wrong := _why(answer)) is not None:
        yield Problem(path=path, message=wrong)


def _why(value: Json) -> str | None:
    if isinstance(value, str):
        return None if _encodes(value) else "holds half of a character, which cannot be stored"
    if isinstance(value, int) and not _SMALLEST <= value <= _LARGEST:
        return "is too large to be stored: whole numbers go up to 64 bits"
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a finite number"
    return None


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
