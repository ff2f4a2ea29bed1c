"""From widgets back to JSON: what each widget shows at first, and what it says once people changed it.

A widget that still shows what it was given gives back the value it was given, not what the widget made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from signoff.forms.equality import identical
from signoff.forms.fields import TEXTS, Entry, Field, Group, Leaf, List, Path, Raw, Union, Widget
from signoff.forms.readings import Unreadable, read, shown
from signoff.reviews import ABSENT, Absent, Json

REQUIRED: Final = "is required"


@dataclass(frozen=True, kw_only=True)
class Misread:
    """A field whose text could not be read, and why."""

    path: Path
    message: str


def collect(field: Field, raw: Raw, misread: list[Misread]) -> Json | Absent:
    """Return the value of ``field``; what cannot be read stays as typed and is added to ``misread``."""
    if raw.get(field.null_key, field.null):
        return None
    if isinstance(field, Leaf):
        return _leaf(field, raw, misread)
    if isinstance(field, Group):
        return _group(field, raw, misread)
    if isinstance(field, List):
        return _list(field, raw, misread)
    if isinstance(field, Union) and field.child is not None:
        return collect(field.child, raw, misread)
    return ABSENT if field.touched else field.data


def _leaf(leaf: Leaf, raw: Raw, misread: list[Misread]) -> Json | Absent:
    if leaf.kind is Widget.CONST or leaf.read_only:
        return leaf.data
    first = shown(leaf)
    now = {suffix: raw.get(leaf.raw_key + suffix, value) for suffix, value in first.items()}
    if now == first and not (leaf.nullable and leaf.data is None):
        return "" if leaf.data is ABSENT and _is_row(leaf) else leaf.data
    try:
        value = read(now, leaf)
    except Unreadable as trouble:
        misread.append(Misread(path=leaf.path, message=str(trouble)))
        return str(now.get("", ""))
    return "" if value is ABSENT and _is_row(leaf) else value


def _is_row(leaf: Leaf) -> bool:
    """Tell whether an empty text is a text here: a row of a list cannot be left out."""
    return bool(leaf.path) and isinstance(leaf.path[-1], int) and leaf.kind in TEXTS


def _group(group: Group, raw: Raw, misread: list[Misread]) -> Json | Absent:
    if group.collapsed:
        return group.data
    inside: list[Misread] = []
    value = named_values(group, raw, inside)
    taken: set[str] = {str(child.path[-1]) for child in group.children}
    for entry in group.entries:
        name = str(raw.get(entry.name_key, entry.name) or "")  # a list has None where nothing is chosen
        if problem := _name_problem(name, entry, taken):
            inside.append(Misread(path=group.path, message=problem))
        taken.add(name)
        if (one := collect(entry.field, raw, inside)) is not ABSENT:
            value[name] = one
    if group.data is ABSENT and not group.required and not inside and not _changed(group, value):
        return ABSENT
    misread.extend(inside)
    return _in_order(value, group.data)


def named_values(group: Group, raw: Raw, misread: list[Misread]) -> dict[str, Json]:
    """Return what the named children of ``group`` say, whether or not anybody touched them."""
    values = {str(child.path[-1]): collect(child, raw, misread) for child in group.children}
    return {name: value for name, value in values.items() if value is not ABSENT}


def _changed(group: Group, value: dict[str, Json]) -> bool:
    """Tell whether people did something inside: a structure by hand, or a value other than the untouched one."""
    if any_touched(group):
        return True
    untouched = named_values(group, {}, [])
    untouched |= {one.name: initial for one in group.entries if (initial := collect(one.field, {}, [])) is not ABSENT}
    return not identical(value, untouched)


def any_touched(field: Field) -> bool:
    """Tell whether the structure of ``field`` or of anything in it was changed by hand."""
    return field.touched or any(any_touched(part) for part in field.parts)


def _in_order(value: dict[str, Json], data: Json | Absent) -> dict[str, Json]:
    if not isinstance(data, dict):
        return value
    first = [name for name in data if name in value]
    return {name: value[name] for name in dict.fromkeys([*first, *value])}


def _name_problem(name: str, entry: Entry, taken: set[str]) -> str:
    if name in taken:
        return f"has the name “{name}” twice"
    return "" if name or (entry.given and entry.name == "") else "has an entry without a name"


def _list(field: List, raw: Raw, misread: list[Misread]) -> Json | Absent:
    inside: list[Misread] = []
    values = [collect(item, raw, inside) for item in field.items]
    if field.data is ABSENT and not any_touched(field):
        untouched = [collect(item, {}, []) for item in field.items]
        same = not inside and all(identical(one, two) for one, two in zip(values, untouched, strict=True))
        if same and not field.required:
            return ABSENT
    misread.extend(inside)
    while values and values[-1] is ABSENT and field.least < len(values) <= field.fixed:
        values.pop()
    missing = [item.path for item, one in zip(field.items, values, strict=False) if one is ABSENT]
    misread.extend(Misread(path=path, message=REQUIRED) for path in missing)
    return [None if one is ABSENT else one for one in values]
