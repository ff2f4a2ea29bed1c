"""How the corpus is written down: a schema, a valid answer, the kind of widget each leaf needs, and what breaks it."""

from __future__ import annotations

import copy
from typing import Any

from pydantic import TypeAdapter

DROP = object()
"""As a wrong value: the key is left out."""


Kinds = str | dict[tuple[str | int, ...], str]


def case(name: str, schema: Any, data: Any, kinds: Kinds, *wrong: Any) -> dict[str, Any]:
    """Return one case of the corpus.

    ``schema`` is JSON Schema or a Python type. ``kinds`` reads "a:text b.0.c:number"; ``wrong`` holds
    (path, value) or (path, value, path of the message); a path of "" replaces the whole answer.
    """
    return {
        "name": name,
        "schema": schema if isinstance(schema, dict | bool) else TypeAdapter(schema).json_schema(),
        "valid": data,
        "kinds": [[list(path), kind] for path, kind in _kinds(kinds).items()],
        "invalid": [_broken(data, *one) for one in wrong],
    }


def _kinds(kinds: Kinds) -> dict[tuple[str | int, ...], str]:
    if isinstance(kinds, dict):
        return kinds
    pairs = (word.rsplit(":", 1) for word in kinds.split())
    return {_path(path): kind for path, kind in pairs}


def _path(path: Any) -> tuple[str | int, ...]:
    if not isinstance(path, str):
        return tuple(path)
    return tuple(int(step) if step.isdigit() else step for step in path.split(".") if step)


def _broken(data: Any, where: Any, value: Any, told: Any = None) -> dict[str, Any]:
    path = _path(where)
    if not path:
        return {"data": value, "path": list(_path(told or ()))}
    whole = copy.deepcopy(data)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    if value is DROP:
        del inner[path[-1]]
    elif isinstance(inner, list) and path[-1] == len(inner):
        inner.append(value)
    else:
        inner[path[-1]] = value
    return {"data": whole, "path": list(path if told is None else _path(told))}
