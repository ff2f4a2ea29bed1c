"""The plain values inside JSON data, each by its dotted path: what a message from outside can name a review by."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Mapping
from itertools import islice
from json.encoder import encode_basestring_ascii
from math import isfinite

from signoff.reviews import Json

MOST = 100
"""Values read from one payload, state or metadata; those nearest to the top come first."""

_WIDEST = 200  # entries looked at in one object or list
_VISITS = 2_000  # entries looked at in all
_BOOKKEEPING = frozenset(("source", "step", "parents", "writes"))  # langgraph 1.2.22 puts these into every metadata


def read_scalars(data: Json) -> dict[str, str]:
    """Return the texts of at most `MOST` plain values, by path (``order.id``, ``lines.0.sku``), top level first.

    The first of two equal paths counts. Objects that are neither mapping nor list are passed over.
    """
    found: dict[str, str] = {}
    todo: deque[tuple[str, Json]] = deque([("", data)])
    visits = values = 0
    while todo and visits < _VISITS and values < MOST:
        path, value = todo.popleft()
        visits += 1
        if value is None or isinstance(value, (str, int, float)):
            values += 1
            if path not in found:
                found[path] = value if type(value) is str else as_text(value)
        elif isinstance(value, (dict, list, tuple)):
            inside = f"{path}." if path else ""
            entries = _entries(value) if len(value) <= _WIDEST else islice(_entries(value), _WIDEST)
            todo.extend([(f"{inside}{name}", inner) for name, inner in entries])
    return found


def read_keys(*, payload: Json, state: Mapping[str, str], metadata: Mapping[str, Json]) -> dict[str, str]:
    """Return all by which a review can be named; ``state`` holds the scalars of the thread's state.

    The nearest source wins: where a payload says ``order_id``, the ``order_id`` of its thread is another one's.
    """
    tags = {name: value for name, value in metadata.items() if name not in _BOOKKEEPING}
    return read_scalars(tags) | dict(state) | (read_scalars(payload) if isinstance(payload, (dict, list)) else {})


def as_text(value: Json) -> str:
    """Return a plain value as a command line would spell it: texts as they are, all else as JSON."""
    if isinstance(value, str):
        return value
    number = type(value) is int or (type(value) is float and isfinite(value))
    return repr(value) if number else json.dumps(value)  # of numbers both make the same, one of them at once


def mark(key: str, value: str) -> int:
    """Return what stands for a key and its value in an index: 64 bits, so that no value is copied there."""
    spelled = f"[{encode_basestring_ascii(key)}, {encode_basestring_ascii(value)}]"  # as json.dumps has it, in a third
    return int.from_bytes(hashlib.blake2b(spelled.encode(), digest_size=8).digest(), signed=True)


def marks(keys: Mapping[str, str]) -> frozenset[int]:
    """Return the marks of all keys."""
    return frozenset([mark(*pair) for pair in keys.items()])


def _entries(value: dict[str, Json] | list[Json] | tuple[Json, ...]) -> Iterable[tuple[object, Json]]:
    return value.items() if isinstance(value, dict) else enumerate(value)
