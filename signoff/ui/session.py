"""Who is here, on which desk; and texts for people: times, ages, and untrusted words made harmless."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from signoff.decisions import Reviewer
from signoff.desk import Desk
from signoff.dialects.masking import mask_difference, mask_secrets, secret_keys
from signoff.differences import Difference
from signoff.reviews import Json
from signoff.service import Service, service

JOINER = "\u2060"
"""An invisible character; what it stands in is no address, icon or arrow."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_MEANING = re.compile(
    r"[\\`*~\[\]<>#$|&:]|(?<![^\W_])_|_(?![^\W_])|^[-+]|-(?=-)|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d{3})[.)]"
)
_ONE_COLON = re.compile(r"[^:]*:(\s[^:]*)?")
_SIGN = re.compile(r"://|www\.|@|:material[/_]|:streamlit:|(?<!\S)(?:<->|<-|->|--|[<>~]=)(?!\S)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def running() -> Service:
    """Return this process's service; started by the server, or here when a plain script was started."""
    return service()


def desk() -> Desk:
    """Return the desk. Raises `SignoffError` when it cannot open."""
    return running().desk


def reviewer() -> Reviewer:
    """Return who decides in this browser session: the name given at start, until there is a sign-in."""
    return Reviewer(name=running().settings.reviewer, source="local")


def masked(value: Json) -> Json:
    """Return a copy of ``value`` for the screen: secrets masked, those of the desk's own ``[masking] keys`` too."""
    return mask_secrets(value, secret_keys(running().settings.masking.keys))


def masked_differences(found: Iterable[Difference]) -> list[Difference]:
    """Return differences for the screen, with the same secrets masked."""
    return [mask_difference(one, secret_keys(running().settings.masking.keys)) for one in found]


def plain(text: str) -> str:
    """Return untrusted text for a place where Streamlit reads Markdown: punctuation escaped, addresses no links."""
    return _PUNCTUATION.sub(r"\\\1", _broken(text)).replace("\n", "  \n")


def label(text: str) -> str:
    """Return untrusted text of one line for a widget's label: only what Markdown would take for more is escaped.

    Screen readers are given the label as it is written, backslashes included (streamlit 1.67).
    """
    kept = ":" if _ONE_COLON.fullmatch(text) else ""
    return _MEANING.sub(lambda found: found[0] if found[0] == kept else "\\" + found[0], _broken(text))


def _broken(text: str) -> str:
    """Return text without control characters, in which nothing is taken for an address, an icon or an arrow.

    Streamlit 1.67 finds them behind Markdown, where nothing is escaped any more.
    """
    return _SIGN.sub(lambda found: found[0][0] + JOINER + found[0][1:], _CONTROL.sub(" ", text))


def markup(text: str) -> str:
    """Return untrusted text for a place that takes HTML."""
    return html.escape(_CONTROL.sub(" ", text))


def keyed(value: object) -> str:
    """Return a name for a widget about a value that may hold what is not to be sent: keys are."""
    return hashlib.sha256(repr(value).encode()).hexdigest()


def zone() -> ZoneInfo:
    """Return the reviewer's time zone as the browser gives it, UTC otherwise."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def today() -> datetime:
    """Return when the reviewer's day began."""
    return datetime.now(zone()).replace(hour=0, minute=0, second=0, microsecond=0)


def local(time: datetime) -> datetime:
    """Return a time in the reviewer's zone; one at the very end of the calendar, where that has none, as it is."""
    try:
        return time.astimezone(zone())
    except OverflowError:
        return time


def moment(time: datetime) -> str:
    """Return a time in the reviewer's zone, as ``21 Nov 2026, 14:05``."""
    return f"{local(time):%-d %b %Y, %H:%M}"


def age(since: datetime | None) -> str:
    """Return how long ago something was, in its two largest units: ``3 d 11 h``."""
    if since is None:
        return "—"
    return duration(datetime.now(UTC) - since)


def duration(span: timedelta) -> str:
    """Return a span of time in its two largest units; under a minute, in seconds."""
    seconds = max(int(span.total_seconds()), 0)
    parts = ((seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    first = next((i for i, (count, _) in enumerate(parts) if count), 3)
    shown = parts[first : first + 2] if first < 2 else parts[first : first + 1]
    return " ".join(f"{count} {unit}" for count, unit in shown if count) or "0 s"


def roughly(span: timedelta) -> str:
    """Return a span of time in its largest unit."""
    return " ".join(duration(span).split()[:2])


def span(time: timedelta) -> str:
    """Return how long a step took: ``12 ms``, ``1.2 s``, from a minute on in its two largest units."""
    seconds = time.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else duration(time)
