"""Spans of time as people and graphs write them: ``90``, ``"PT2H"``, ``"2h 30min"``. Standard library only."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Final

from signoff.reviews import Json

LONGEST: Final = timedelta(days=36_525)
"""A hundred years: what is longer is a mistake, and would not fit a calendar."""

_NUMBER = r"(\d{1,12}(?:\.\d{1,9})?)"
_ISO = re.compile(rf"P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?", re.IGNORECASE)
_SECONDS = (604_800, 86_400, 3_600, 60, 1)
_PART = re.compile(rf"\s*{_NUMBER}\s*(weeks?|w|days?|d|hours?|h|minutes?|min|m|seconds?|sec|s)\b[\s,]*", re.IGNORECASE)
_UNITS = dict(zip("wdhms", _SECONDS, strict=True))


def read_duration(value: Json) -> timedelta | None:
    """Return a positive span of at most `LONGEST`, None for what is none.

    A number, or a text of digits, is seconds; other texts are ISO 8601 with weeks, days, hours, minutes and seconds
    (months and years have no fixed length), or amounts with units, such as ``2h 30min``.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    seconds = _read(value.strip()[:100]) if isinstance(value, str) else value
    if not 0 < seconds <= LONGEST.total_seconds():  # false for NaN, too
        return None
    return timedelta(seconds=seconds) or None


def _read(text: str) -> float:
    if re.fullmatch(_NUMBER, text):
        return float(text)
    if found := _ISO.fullmatch(text):
        return sum(float(part or 0) * size for part, size in zip(found.groups(), _SECONDS, strict=True))
    at, total = 0, 0.0
    while part := _PART.match(text, at):
        at, total = part.end(), total + float(part[1]) * _UNITS[part[2][0].lower()]
    return total if at == len(text) else math.nan
