"""Widgets and JSON: what each kind of widget shows for a value, and which value it says once people changed it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any, Final

import regex

from signoff.forms.equality import identical
from signoff.forms.fields import Leaf, Widget
from signoff.forms.formats import parse_date, parse_datetime, parse_time
from signoff.forms.keywords import matches
from signoff.reviews import ABSENT, Absent, Json

Raws = Mapping[str, Any]
"""The raw values of one leaf by suffix: "" for most, three for date and time."""

_INTEGER: Final = regex.compile(r"[+-]?\d+(\.0+)?", regex.ASCII)
_NUMBER: Final = regex.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", regex.ASCII)
_ZONE: Final = regex.compile(r"([Zz]|[+-]\d{2}:\d{2})$")
_LONGEST: Final = 4000
"""Digits that Python turns into a number without complaint."""


class Unreadable(ValueError):
    """What was typed is no value of this kind."""


def shown(leaf: Leaf) -> dict[str, Any]:
    """Return what the widgets of ``leaf`` show at first, by suffix of its key."""
    return SHOW.get(leaf.kind, _show_text)(leaf.data, leaf)


def read(now: Raws, leaf: Leaf) -> Json | Absent:
    """Return the value that changed widgets say. Raises `Unreadable` with a message for the one who typed."""
    return READ.get(leaf.kind, _read_text)(now, leaf)


def _show_text(data: Any, _leaf: Leaf) -> dict[str, Any]:
    return {"": data if isinstance(data, str) else ""}


def _show_number(data: Any, _leaf: Leaf) -> dict[str, Any]:
    return {"": "" if data is ABSENT or data is None else json.dumps(data)}


def _show_json(data: Any, _leaf: Leaf) -> dict[str, Any]:
    return {"": "" if data is ABSENT else json.dumps(data, ensure_ascii=False, indent=2)}


def _show_choice(data: Any, leaf: Leaf) -> dict[str, Any]:
    return {"": next((at for at, one in enumerate(leaf.options) if identical(one.value, data)), None)}


def _show_choices(data: Any, leaf: Leaf) -> dict[str, Any]:
    chosen = data if isinstance(data, list) else []
    return {"": [_show_choice(one, leaf)[""] for one in chosen]}


def _show_boolean(data: Any, _leaf: Leaf) -> dict[str, Any]:
    return {"": "null" if data is None else data if isinstance(data, bool) else None}


def _show_date(data: Any, _leaf: Leaf) -> dict[str, Any]:
    return {"": parse_date(data) if isinstance(data, str) else None}


def _show_time(data: Any, _leaf: Leaf) -> dict[str, Any]:
    return {"": parse_time(data).replace(tzinfo=None, microsecond=0) if isinstance(data, str) else None}


def _show_datetime(data: Any, _leaf: Leaf) -> dict[str, Any]:
    if not isinstance(data, str):
        return {"?date": None, "?time": None, "?zone": "Z"}
    moment, zone = parse_datetime(data), _ZONE.search(data)
    at = moment.time().replace(microsecond=0)
    return {"?date": moment.date(), "?time": at, "?zone": zone.group().upper() if zone else ""}


def _read_text(now: Raws, leaf: Leaf) -> Json | Absent:
    text: str = now[""] or ""
    if text == "" and (leaf.data is ABSENT or (not leaf.required and _refuses_empty(leaf.hints))):
        return ABSENT
    return text


def _refuses_empty(hints: Mapping[str, Any]) -> bool:
    return bool(hints.get("minLength") or hints.get("format") or not matches(hints.get("pattern", ""), ""))


def _read_integer(now: Raws, leaf: Leaf) -> Json | Absent:
    if isinstance(now[""], int):  # of a slider or of segments
        return leaf.data if leaf.data == now[""] else now[""]
    text = (now[""] or "").strip()
    if not text:
        return ABSENT
    if not _INTEGER.fullmatch(text) or len(text) > _LONGEST:
        raise Unreadable("must be a whole number")
    return int(text.split(".")[0])


def _read_number(now: Raws, _leaf: Leaf) -> Json | Absent:
    text = (now[""] or "").strip()
    if not text:
        return ABSENT
    if not _NUMBER.fullmatch(text) or len(text) > _LONGEST:
        raise Unreadable("must be a number like 3.5")
    if _INTEGER.fullmatch(text) and "." not in text:
        return int(text)
    if not math.isfinite(number := float(text)):
        raise Unreadable("must be a smaller number")
    return number


def _read_json(now: Raws, _leaf: Leaf) -> Json | Absent:
    text = (now[""] or "").strip()
    return read_json(text) if text else ABSENT


def read_json(text: str) -> Json:
    """Return the JSON value that ``text`` is. Raises `Unreadable` with a message for the one who typed it."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"character {error.pos + 1}"
        raise Unreadable(f"must be JSON (texts in double quotes); the mistake is near {where}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("must be JSON: a number is out of range, or it nests too deep") from error


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _read_choice(now: Raws, leaf: Leaf) -> Json | Absent:
    return ABSENT if now[""] is None else leaf.options[now[""]].value


def _read_choices(now: Raws, leaf: Leaf) -> Json | Absent:
    return [leaf.options[at].value for at in now[""]]


def _read_boolean(now: Raws, _leaf: Leaf) -> Json | Absent:
    return {None: ABSENT, "null": None}.get(now[""], now[""]) if not isinstance(now[""], bool) else now[""]


def _read_date(now: Raws, _leaf: Leaf) -> Json | Absent:
    return now[""].isoformat() if isinstance(now[""], date) else ABSENT


def _read_time(now: Raws, leaf: Leaf) -> Json | Absent:
    if not isinstance(now[""], time):
        return ABSENT
    zone = _ZONE.search(leaf.data) if isinstance(leaf.data, str) else None
    return now[""].isoformat() + (zone.group() if zone else "")


def _read_datetime(now: Raws, _leaf: Leaf) -> Json | Absent:
    day, at, zone = now["?date"], now["?time"], now["?zone"]
    if day is None and at is None:
        return ABSENT
    if day is None:
        raise Unreadable("needs a date")
    return f"{day.isoformat()}T{(at or time()).isoformat()}{zone or ''}"


Show = Callable[[Any, Leaf], dict[str, Any]]
Read = Callable[[Raws, Leaf], Json | Absent]

SHOW: Final[dict[Widget, Show]] = {
    Widget.INTEGER: _show_number,
    Widget.NUMBER: _show_number,
    Widget.JSON: _show_json,
    Widget.CHOICE: _show_choice,
    Widget.CHOICES: _show_choices,
    Widget.BOOLEAN: _show_boolean,
    Widget.DATE: _show_date,
    Widget.TIME: _show_time,
    Widget.DATETIME: _show_datetime,
}
READ: Final[dict[Widget, Read]] = {
    Widget.INTEGER: _read_integer,
    Widget.NUMBER: _read_number,
    Widget.JSON: _read_json,
    Widget.CHOICE: _read_choice,
    Widget.CHOICES: _read_choices,
    Widget.BOOLEAN: _read_boolean,
    Widget.DATE: _read_date,
    Widget.TIME: _read_time,
    Widget.DATETIME: _read_datetime,
}
