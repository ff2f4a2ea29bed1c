"""Where settings come from, in words: a flag, a variable, or a place in ``signoff.toml``."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

FILE = "signoff.toml"
_READ = ("db", "graphs", "graph", "sources", "desk")


def origin(name: str, flags: Collection[str]) -> str:
    """Return where the setting ``name`` comes from, when these flags were given and it is not as by default."""
    name = "as" if name == "reviewer" else name
    variable = f"SIGNOFF_{name.upper()}"
    if name in flags:
        return f"--{name.replace('_', '-')}"
    return variable if os.environ.get(variable) else FILE


def told(wrong: Mapping[str, Any], flags: Collection[str]) -> str:
    """Return an error of pydantic (one of its ``errors()``) with where the value comes from, or several do."""
    what = str(wrong["msg"]).removeprefix("Value error, ")
    if not (path := wrong["loc"]):
        return f"{what} ({several(flags, wrong['input'])})"
    where = origin(str(path[0]), flags)
    return f"{where}, {_place(path)}: {what}" if where == FILE else f"{where}: {what}"


def several(flags: Collection[str], given: Iterable[str]) -> str:
    """Return where those of the ``given`` settings come from that say what is read: ``db from SIGNOFF_DB, …``."""
    return ", ".join(f"{name} from {origin(name, flags)}" for name in _READ if name in given)


def _place(path: Sequence[str | int]) -> str:
    """Return a place in the file as it is written there: ``[[timeouts]] 2: after``, ``[sla] warn_after``, ``as``."""
    table = next((at for at, part in enumerate(path) if isinstance(part, int)), None)
    names = ["as" if part == "reviewer" else str(part) for part in path]
    if table is not None and table + 1 < len(path):
        return f"[[{'.'.join(names[:table])}]] {int(path[table]) + 1}: {'.'.join(names[table + 1 :])}"
    return f"[{names[0]}] {'.'.join(names[1:])}" if len(path) > 1 and table is None else ".".join(names)
