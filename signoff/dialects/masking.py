"""Masking: secrets in a payload are not put on a screen, a notification or a log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from signoff.differences import Difference, Path
from signoff.reviews import ABSENT, Absent, Json

DEFAULT_KEYS: Final = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "private_key",
    "access_key",
    "authorization",
    "credential",
    "credentials",
    "cookie",
)
"""Keys whose values are masked; a key counts when it ends in one of these, whatever its case and separators."""

MASK: Final = "••••••"
DEEPEST: Final = 100
"""Levels that are looked into; what lies deeper is not shown at all, as nobody has looked at it."""

_BEARER = re.compile(r"\b(Bearer|Basic)\s+[\w\-.~+/]{8,}=*", re.IGNORECASE)


def secret_keys(own: Iterable[str]) -> tuple[str, ...]:
    """Return the keys whose values a desk does not show: those always masked, and its ``own``."""
    return (*DEFAULT_KEYS, *own)


def mask_secrets(value: Json, keys: Iterable[str] = DEFAULT_KEYS) -> Json:
    """Return a copy of ``value`` for display, secrets replaced by `MASK`; the value itself is left alone.

    Masked are the values of secret keys (``accessToken``, ``db-password``), and in texts what is written like one
    (``'password': 'x'``, ``api_key=x``, ``Authorization: Bearer x``), because agents print arguments into descriptions.
    """
    return _masked(value, _plain_keys(tuple(keys)), 0)


def mask_difference(one: Difference, keys: Iterable[str] = DEFAULT_KEYS) -> Difference:
    """Return a difference for display: its sides masked as they would be at their place in the whole value."""
    keys = tuple(keys)
    before, after = (_masked_at(one.path, side, keys) for side in (one.before, one.after))
    return replace(one, before=before, after=after)


def _masked_at(path: Path, value: Json | Absent, keys: tuple[str, ...]) -> Json | Absent:
    if value is ABSENT:
        return value
    whole: Json = value
    for part in reversed(path):
        whole = [whole] if isinstance(part, int) else {part: whole}
    found = mask_secrets(whole, keys)
    for part in path:
        if isinstance(found, list):
            found = found[0]
        elif isinstance(found, dict):
            found = found[part]
    return found


def _masked(value: Json, keys: frozenset[str], deep: int) -> Json:
    if isinstance(value, str):
        return _masked_text(value, keys)
    if not isinstance(value, dict | list):
        return value
    if deep >= DEEPEST:
        return MASK
    if isinstance(value, list):
        return [_masked(item, keys, deep + 1) for item in value]
    return {
        key: MASK if item not in (None, "") and _is_secret(key, keys) else _masked(item, keys, deep + 1)
        for key, item in value.items()
    }


def _is_secret(key: str, keys: frozenset[str]) -> bool:
    return _plain(key).endswith(tuple(keys))


@lru_cache(maxsize=16)
def _plain_keys(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(filter(None, map(_plain, keys)))


def _plain(key: str) -> str:
    return re.sub(r"[\W_]+", "", str(key)).lower()


def _masked_text(text: str, keys: frozenset[str]) -> str:
    if not keys:
        return text
    return _BEARER.sub(rf"\1 {MASK}", _written(keys).sub(rf"\g<before>{MASK}", text))


@lru_cache(maxsize=16)
def _written(keys: frozenset[str]) -> re.Pattern[str]:
    """Return the pattern of a secret written in text: its key, ``=`` or ``:``, and a quoted or bare value."""
    spelled = "|".join(r"[_\-\s]?".join(map(re.escape, key)) for key in sorted(keys, key=len, reverse=True))
    quoted = r"'[^'\n]*(?:'|$)|\"[^\"\n]*(?:\"|$)"  # what was cut has no second quote
    return re.compile(
        rf"(?P<before>(?:{spelled})(?:['\"]\s*:\s*|\s*[=:]\s*(?=['\"])|=))(?:{quoted}|[^\s'\",;&)}}\]]+)", re.IGNORECASE
    )
