"""A query as the parameters of an address, and back. Pure; what an address says wrong is said, never raised."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from signoff.reviews import Due, Grouping, Priority, Query, Sort, State

_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SPAN = re.compile(r"(\d{1,5})([mhd])", re.ASCII)
_LONGEST = 500  # characters of a value
_LAST_PAGE = 1_000_000


class Snoozed(StrEnum):
    """Whether a list has what is put off until later."""

    NO = "no"
    ONLY = "only"
    ALSO = "also"


SNOOZED: Final = {Snoozed.NO: False, Snoozed.ONLY: True, Snoozed.ALSO: None}
"""The same as a condition of a `Query`."""


@dataclass(frozen=True)
class _Parameter:
    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    choices: tuple[str, ...] = ()


def _text(value: str) -> str:
    if len(value) > _LONGEST:
        raise ValueError(f"it has more than {_LONGEST} characters")
    return value


def _states(value: str) -> tuple[State, ...]:
    return tuple(dict.fromkeys(State(one) for one in value.split(",")))


def read_span(text: str) -> timedelta:
    """Return a time span written as ``30m``, ``4h`` or ``2d``. Raises ValueError."""
    if not (found := _SPAN.fullmatch(text)):
        raise ValueError("write it as 30m, 4h or 2d")
    return int(found[1]) * _UNITS[found[2]]


def span_text(span: timedelta) -> str:
    """Return a time span as `read_span` takes it, in the largest unit that fits; parts of a minute are dropped."""
    unit = next((u for u in ("d", "h") if span and not span % _UNITS[u]), "m")
    return f"{span // _UNITS[unit]}{unit}"


def _snoozed_text(value: bool | None) -> str:
    return next(text for text, said in SNOOZED.items() if said is value)


def _choice(kind: Any) -> dict[str, Any]:
    return {"read": kind, "choices": tuple(one.value for one in kind)}


PARAMETERS: Final[dict[str, _Parameter]] = {
    "q": _Parameter("search", _text),
    "state": _Parameter("states", _states, ",".join, tuple(State)),
    "source": _Parameter("source", _text),
    "graph": _Parameter("graph", _text),
    "node": _Parameter("node", _text),
    "dialect": _Parameter("dialect", _text),
    "priority": _Parameter("priority", **_choice(Priority)),
    "assignee": _Parameter("assignee", _text),
    "group": _Parameter("group", _text),
    "tag": _Parameter("tag", _text),
    "due": _Parameter("due", **_choice(Due)),
    "older": _Parameter("older", read_span, span_text),
    "key": _Parameter("key", _text),
    "error": _Parameter("error", _text),
    "in": _Parameter("thread_id", _text),
    "snoozed": _Parameter("snoozed", lambda text: SNOOZED[Snoozed(text)], _snoozed_text, tuple(SNOOZED)),
    "sort": _Parameter("sort", **_choice(Sort)),
    "by": _Parameter("by", **_choice(Grouping)),
}
"""Each parameter of a queue's address, besides ``page``, ``view`` and ``review``."""

PLAIN: Final = Query(snoozed=False)
"""What an address without parameters asks for: all that is open and not put off until later."""


def read_query(given: Mapping[str, str], base: Query = PLAIN) -> tuple[Query, tuple[str, ...]]:
    """Return the query of an address, and a sentence about each parameter that says nothing that can be looked for.

    What is not given stays as in ``base``; parameters of other meaning are passed over.
    """
    found: dict[str, Any] = {}
    wrong = []
    for name, parameter in PARAMETERS.items():
        if text := given.get(name, ""):
            try:
                found[parameter.field] = parameter.read(text)
            except (ValueError, KeyError) as error:
                known = f"choose {', '.join(parameter.choices)}" if parameter.choices else str(error)
                wrong.append(f"{name}={text[:40]} was passed over: {known}.")
    page = given.get("page", "")
    number = min(int(page), _LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1
    return replace(base, **found, offset=(max(number, 1) - 1) * base.limit), tuple(wrong)


def query_params(query: Query) -> dict[str, str]:
    """Return the parameters of a query's address; what is as by default is left out."""
    said = {
        name: parameter.write(value)
        for name, parameter in PARAMETERS.items()
        if (value := getattr(query, parameter.field)) != getattr(PLAIN, parameter.field)
    }
    page = {"page": str(query.offset // query.limit + 1)} if query.offset else {}
    return {name: text for name, text in said.items() if text} | page


def query_text(query: Query) -> str:
    """Return the address of a query as one text, as views keep it."""
    return urlencode(query_params(replace(query, offset=0)))


def from_text(text: str) -> Query:
    """Return the query that `query_text` has written; what is not understood any more is passed over."""
    return read_query(dict(parse_qsl(text)))[0]
