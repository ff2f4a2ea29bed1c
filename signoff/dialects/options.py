"""The choices a payload offers, in the ways graphs write them: texts, numbers, or objects with a value and a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from signoff.dialects.wording import one_line
from signoff.reviews import Json

VALUES: Final = ("value", "id", "key", "name", "label", "title", "text")
LABELS: Final = ("label", "title", "name", "text", "value", "id", "key")
MOST: Final = 200


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice: the value the graph gets, the label people read."""

    value: Json
    label: str


def options(listed: Json) -> tuple[Option, ...]:
    """Return the choices in a list, each value once; none where the list is not one of choices."""
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        return ()
    found = [_option(one) for one in listed]
    if any(one is None for one in found):
        return ()
    unique: dict[str, Option] = {}
    for one in filter(None, found):
        unique.setdefault(repr(one.value), one)
    return tuple(unique.values())


def _option(one: Json) -> Option | None:
    if isinstance(one, dict) and not any(isinstance(item, dict | list) for item in one.values()):
        value, label = _first(one, VALUES), _first(one, LABELS)
        return Option(value=value, label=one_line(str(label))) if value is not None else None
    if isinstance(one, str | int | float):
        return Option(value=one, label=one_line(str(one)))
    return None


def _first(one: dict[str, Json], keys: tuple[str, ...]) -> Json:
    """Return the first of these keys that holds a single value; None where none does."""
    return next((one[key] for key in keys if isinstance(one.get(key), str | int | float)), None)
