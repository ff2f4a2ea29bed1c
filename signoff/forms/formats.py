"""The formats of JSON Schema (draft 2020-12, section 7.3): does this text have it, and how to say what it looks like.

Times are taken with or without an offset: RFC 3339 wants one, Python's isoformat() and naive types write none.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Final

import regex
from jsonschema import FormatChecker

_EMAIL = regex.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*")
_URI = regex.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
_REFERENCE = regex.compile(r"[^\s<>\"{}|\\^`]*")
_HOST = regex.compile(r"(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_UUID = regex.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DURATION = regex.compile(
    r"P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)|"
    r"-?P(?=.)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
)
_DATE = regex.compile(r"\d{4}-\d{2}-\d{2}", regex.ASCII)
_TIME = regex.compile(r"\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})?", regex.ASCII)
_POINTER = regex.compile(r"(/([^~/]|~[01])*)*")
_RELATIVE_POINTER = regex.compile(r"(0|[1-9][0-9]*)(#|(/([^~/]|~[01])*)*)")


def parse_time(text: str) -> time:
    """Return the time that ``text`` says, with its offset if it has one. Raises ValueError."""
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(_seconds(text).upper())


def parse_datetime(text: str) -> datetime:
    """Return the moment that ``text`` says, with its offset if it has one. Raises ValueError."""
    day, at = text[:10], text[11:]
    if text[10:11] not in ("T", "t", " ") or not _DATE.fullmatch(day) or not _TIME.fullmatch(at):
        raise ValueError(text)
    return datetime.fromisoformat(f"{day}T{_seconds(at).upper()}")


def parse_date(text: str) -> date:
    """Return the day that ``text`` says. Raises ValueError."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _seconds(text: str) -> str:
    """Write a leap second as the second before it: RFC 3339 has them, Python's clock does not."""
    return text.replace(":60", ":59") if text[6:8] == "60" else text


def _compiles(text: str) -> bool:
    regex.compile(text)
    return True


def _matches(pattern: regex.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    return lambda text: parse(text) is not None


def _is_ipv6(text: str) -> bool:
    return "%" not in text and bool(ipaddress.IPv6Address(text))


FORMATS: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "date": (_parses(parse_date), "a date like 2026-11-21"),
    "time": (_parses(parse_time), "a time like 14:30:00"),
    "date-time": (_parses(parse_datetime), "a date and time like 2026-11-21T14:30:00Z"),
    "duration": (_matches(_DURATION), "a duration like P3DT4H"),
    "email": (_matches(_EMAIL), "an e-mail address like ada@example.com"),
    "idn-email": (_matches(_EMAIL), "an e-mail address like ada@example.com"),
    "uri": (_matches(_URI), "a web address like https://example.com"),
    "url": (_matches(_URI), "a web address like https://example.com"),
    "iri": (_matches(_URI), "a web address like https://example.com"),
    "uri-reference": (_matches(_REFERENCE), "a web address or part of one"),
    "iri-reference": (_matches(_REFERENCE), "a web address or part of one"),
    "hostname": (_matches(_HOST), "a host name like example.com"),
    "idn-hostname": (_parses(lambda text: text.encode("idna")), "a host name like example.com"),
    "ipv4": (_parses(ipaddress.IPv4Address), "an address like 192.0.2.1"),
    "ipv6": (_is_ipv6, "an address like 2001:db8::1"),
    "uuid": (_matches(_UUID), "a UUID like 123e4567-e89b-12d3-a456-426614174000"),
    "regex": (_compiles, "a regular expression"),
    "json-pointer": (_matches(_POINTER), "a JSON pointer like /a/b"),
    "relative-json-pointer": (_matches(_RELATIVE_POINTER), "a relative JSON pointer like 1/a"),
}
"""For each format: the check (False or ValueError refuses), and what a fitting text is called."""


def _checker() -> FormatChecker:
    checker = FormatChecker(())
    for name, (check, _) in FORMATS.items():
        checker.checks(name, raises=(ValueError, regex.error))(_texts_only(check))
    return checker


def _texts_only(check: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or check(value)


CHECKER: Final = _checker()
"""`FORMATS` as jsonschema takes them; other values than text pass."""
