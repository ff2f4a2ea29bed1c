"""From the JSON that a reviewer edited back to the objects that a channel held: what was not edited stays what it was.

JSON has no dates, messages, bytes or tuples. So an edited value is not taken for the whole: it is laid over the stored
one, which keeps every part that reads as it did. What is new gets the channel's declared type where it has one, else
that of what stood in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import AnyMessage, BaseMessage
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from signoff.checkpoints.decoding import STRICT, Undecodable, decode, to_json
from signoff.forms.equality import identical
from signoff.graphs.shape import typed
from signoff.reviews import ABSENT, Json

_PLAIN = (str, int, float, bool, type(None))
_MESSAGE: TypeAdapter[BaseMessage] = TypeAdapter(AnyMessage)


def edited_value(channel: Any, value: Json, stored: Any = ABSENT) -> Any:
    """Return what a channel is to hold: ``stored``, as far as ``value`` says the same, with what was edited in it.

    Raises `ValueError` where a value does not fit its type, or where what was edited was binary.
    """
    made = typed(channel, value)
    return made if stored is ABSENT else _laid_over(stored, value, made)


def _as_read(stored: Any) -> Json:
    """Return a stored value as reviewers were shown it, who read it without the graph's classes."""
    try:
        return to_json(decode(*STRICT.dumps_typed(stored)), name_binary=True)
    except (Undecodable, TypeError, ValueError):
        return to_json(stored, name_binary=True)


def _laid_over(stored: Any, value: Json, made: Any) -> Any:
    """Return ``stored`` with what differs in ``value``, which the channel's type has ``made`` an object of."""
    if identical(_as_read(stored), value):
        return stored
    if isinstance(stored, Mapping) and isinstance(value, dict) and isinstance(made, dict):
        return _mapping(stored, value, made)
    if isinstance(stored, (list, tuple)) and isinstance(value, list) and isinstance(made, (list, tuple)):
        return _sequence(stored, value, made)
    if to_json(stored) != to_json(stored, name_binary=True):
        raise ValueError("what was edited is or holds binary data, which cannot be edited as text")
    if isinstance(stored, _PLAIN):
        return made
    made = made if type(made) not in (dict, list, *_PLAIN) else _like(stored, value)
    return _object(stored, value, made) if type(made) is type(stored) and isinstance(value, dict) else made


def _mapping(stored: Mapping[Any, Any], value: dict[str, Json], made: dict[Any, Any]) -> dict[Any, Any]:
    """Keep keys as they are, and what the declared type does not know."""
    old, new, found = _by_name(stored), _by_name(made), {}
    for name, one in value.items():
        item = made[new[name]] if name in new else one
        if name in old:
            found[old[name]] = _laid_over(stored[old[name]], one, item)
        else:
            found[new.get(name, name)] = item
    return found


def _by_name(keys: Mapping[Any, Any]) -> dict[str, Any]:
    """Return keys by what JSON calls them."""
    return {str(next(iter(shown), key)): key for key in keys if isinstance(shown := to_json({key: None}), dict)}


def _sequence(stored: Sequence[Any], value: list[Json], made: Sequence[Any]) -> Any:
    """Keep items by their place where none came or went, else those that read alike."""
    if len(stored) == len(value):
        items = [_laid_over(*three) for three in zip(stored, value, made, strict=True)]
    else:
        left = [(_as_read(one), one) for one in stored]
        items = [_same_of(left, one, new) for one, new in zip(value, made, strict=True)]
        if stored and all(isinstance(one, BaseMessage) for one in stored):
            items = [_MESSAGE.validate_python(one) if isinstance(one, dict) else one for one in items]
    return items if isinstance(stored, list) else tuple(items)


def _same_of(left: list[tuple[Json, Any]], value: Json, made: Any) -> Any:
    """Take the first of what is left that reads as the value does; without one, what was made of it."""
    place = next((at for at, (read, _) in enumerate(left) if identical(read, value)), None)
    return made if place is None else left.pop(place)[1]


def _like(stored: Any, value: Json) -> Any:
    """Return a value as the type of what stood in its place."""
    try:
        return TypeAdapter(type(stored)).validate_json(json.dumps(value))
    except (PydanticUserError, ValidationError, TypeError) as error:
        raise ValueError(f"it is no {type(stored).__name__} any more: {error}") from error


def _object(stored: Any, value: dict[str, Json], made: Any) -> Any:
    """Return a model or a dataclass whose fields are laid over each for itself; what else it is, as it was made."""
    names = type(stored).model_fields if isinstance(stored, BaseModel) else getattr(stored, "__dataclass_fields__", ())
    kept = {
        name: _laid_over(getattr(stored, name), value[name], getattr(made, name)) for name in names if name in value
    }
    return made.model_copy(update=kept) if isinstance(made, BaseModel) else replace(made, **kept) if kept else made
