"""The shapes that answers of an Agent Server have; what something else says at its address has another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Fits = Callable[[Any], bool]
"""Tells whether an answer has a shape."""


def anything(_found: Any) -> bool:
    """Tell that every answer fits."""
    return True


def number(found: Any) -> bool:
    """Tell whether an answer is a number."""
    return isinstance(found, int)


def one(key: str | None = None) -> Fits:
    """Return what tells whether an answer is an object, with this key."""
    return lambda found: isinstance(found, dict) and (key is None or key in found)


def many(key: str) -> Fits:
    """Return what tells whether an answer is a list of objects with this key."""
    return lambda found: isinstance(found, list) and all(map(one(key), found))
