"""Payload metadata: the optional keys by which a graph tells the queue what a question is about and how urgent it is.

Read from the payload, then from the thread's metadata, then from the rules of the desk. What is no good is left out;
reading never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, TypeVar

from signoff.dialects.wording import one_line
from signoff.reviews import Json, Priority

T = TypeVar("T")

WORDS: Final = {
    **{str(one): one for one in Priority},
    "lowest": Priority.LOW,
    "minor": Priority.LOW,
    "medium": Priority.NORMAL,
    "default": Priority.NORMAL,
    "major": Priority.HIGH,
    "highest": Priority.URGENT,
    "critical": Priority.URGENT,
}
_DUE: Final = ("due_at", "due", "dueAt", "due_date", "deadline")
_EXPIRES: Final = ("expires_at", "expiresAt")
_FOLLOW_UP: Final = ("follow_up_at", "followUpAt")
_ASSIGNEES: Final = ("assignees", "assignee")
_GROUPS: Final = ("groups", "group")
_TAGS: Final = ("tags", "tag")
_REQUESTED_BY: Final = ("requested_by", "requestedBy", "requester")
_BUSINESS_KEY: Final = ("business_key", "businessKey", "correlation_id", "correlationId")
_SPELLED: Final = frozenset(("title", "description", "priority")).union(
    _DUE, _EXPIRES, _FOLLOW_UP, _ASSIGNEES, _GROUPS, _TAGS, _REQUESTED_BY, _BUSINESS_KEY
)
MOST: Final = 100
"""Assignees, groups or tags read from one payload; longer lists are cut."""


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a graph says about its question. Times are aware and UTC; None, or empty, where it says nothing."""

    title: str | None = None
    description: str | None = None
    priority: Priority = Priority.NORMAL
    due_at: datetime | None = None
    expires_at: datetime | None = None
    follow_up_at: datetime | None = None
    assignees: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    business_key: str | None = None
    tags: tuple[str, ...] = ()
    requested_by: str | None = None


_SILENT: Final = Metadata()


def read_metadata(
    value: Json, thread_metadata: Mapping[str, Json], rules: Mapping[str, Json] = MappingProxyType({})
) -> Metadata:
    """Return the metadata of one question; the payload's words win over the thread's, and these over the ``rules``.

    Keys are snake case or camel case, with the spellings PAYLOADS section 10 lists. A ``title`` or ``description`` is
    taken from the payload only: the thread's would name every question alike.
    """
    payload = value if isinstance(value, dict) else {}
    every = (payload, thread_metadata if isinstance(thread_metadata, Mapping) else {}, rules)
    if all(map(_SPELLED.isdisjoint, every)):
        return _SILENT
    return Metadata(
        title=_first((payload,), ("title",), _line),
        description=_first((payload,), ("description",), _text),
        priority=_first(every, ("priority",), read_priority) or Priority.NORMAL,
        due_at=_first(every, _DUE, read_time),
        expires_at=_first(every, _EXPIRES, read_time),
        follow_up_at=_first(every, _FOLLOW_UP, read_time),
        assignees=_first(every, _ASSIGNEES, _names) or (),
        groups=_first(every, _GROUPS, _names) or (),
        business_key=read_business_key(*every),
        tags=_first(every, _TAGS, _names) or (),
        requested_by=_first(every, _REQUESTED_BY, _line),
    )


def read_business_key(*sources: Mapping[str, Json]) -> str | None:
    """Return the key by which a business knows its case, from the first of some payloads or metadata that has one."""
    return _first(sources, _BUSINESS_KEY, _line)


def read_priority(value: Json) -> Priority | None:
    """Return a priority from its word, or from a number as trackers use it: 1 is urgent, 4 and more is low."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip().lower()
    if text.isascii() and text.lstrip("p").isdigit() and len(text) < 9:
        return list(reversed(Priority))[min(max(int(text.lstrip("p")), 1), len(Priority)) - 1]
    return WORDS.get(text)


def read_time(value: Json) -> datetime | None:
    """Return an aware UTC time from ISO 8601 text (naive means UTC), or epoch seconds or milliseconds."""
    try:
        if isinstance(value, str):
            text = value.strip()
            return _epoch(float(text)) if text.replace(".", "", 1).isdigit() and len(text) > 8 else _iso(text)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _epoch(value)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _epoch(number: float) -> datetime | None:
    """Epoch values below 1973 are counts, not times; those of 13 digits are milliseconds."""
    if number < 1e8:
        return None
    return datetime.fromtimestamp(number / 1000 if number >= 1e11 else number, UTC)


def _first(
    sources: tuple[Mapping[str, Json], ...], keys: tuple[str, ...], read: Callable[[Json], T | None]
) -> T | None:
    """Return the first readable value under any of the keys, looking through the sources in order."""
    found = (read(source[key]) for source in sources for key in keys if key in source)
    return next((item for item in found if item), None)


def _line(value: Json) -> str | None:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return one_line(str(value)) or None
    return None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _names(value: Json) -> tuple[str, ...] | None:
    """Return names from a list, from one text, or from text with commas."""
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(dict.fromkeys(_each_name(listed[:MOST]))) or None


def _each_name(listed: list[Json]) -> Iterator[str]:
    for one in listed:
        if name := _line(one):
            yield name
