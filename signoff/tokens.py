"""Tokens of programs that use the API: how they are made, told apart and kept from asking too often."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from signoff.decisions import Reviewer
from signoff.errors import NotAllowed, SignoffError
from signoff.settings_tables import Api

_SOURCE = "token"


class ApiOff(NotAllowed):
    """No token is configured, so nobody may use the API."""

    def __init__(self) -> None:
        super().__init__(
            "The API of this desk is off. To enable it, run `signoff token NAME`, add the lines that it prints "
            "to signoff.toml, and start `signoff serve` again."
        )


class TokenUnknown(NotAllowed):
    """The request shows no token, or one that is not configured."""

    def __init__(self) -> None:
        super().__init__("This needs a token that the desk knows: send the header `Authorization: Bearer TOKEN`.")


class TooManyRequests(SignoffError):
    """A token was used too often; ``retry_after`` says in how many seconds it may be used again."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many requests with this token. Nothing was sent; try again in {retry_after} s.")


def new_token() -> str:
    """Return a token of 256 random bits; it begins with ``signoff_``, so that scanners for leaked secrets find it."""
    return f"signoff_{secrets.token_urlsafe(32)}"


def fingerprint(token: str) -> str:
    """Return what ``signoff.toml`` keeps of a token. Tokens are random, so that one round of sha256 will do."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass
class _Bucket:
    left: float
    since: float


class Gate:
    """Lets in who shows a configured token, each at most ``per_minute`` times in a row and as often in a minute.

    Counts in memory, so each process of a desk counts for itself. Not safe to share between threads.
    """

    def __init__(self, settings: Api, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._buckets = {token.name: _Bucket(settings.per_minute, clock()) for token in settings.tokens}

    def enter(self, authorization: str) -> Reviewer:
        """Return who sent a request with this ``Authorization`` header.

        Raises `ApiOff`, `TokenUnknown` or `TooManyRequests`.
        """
        if not self._settings.tokens:
            raise ApiOff
        scheme, _, token = authorization.strip().partition(" ")
        shown = fingerprint(token.strip()) if scheme.lower() == "bearer" else ""
        known = [each.name for each in self._settings.tokens if hmac.compare_digest(each.sha256, shown)]
        if not known:
            raise TokenUnknown
        self._count(known[0])
        return Reviewer(name=known[0], source=_SOURCE)

    def _count(self, name: str) -> None:
        bucket, now, rate = self._buckets[name], self._clock(), self._settings.per_minute / 60
        left = min(self._settings.per_minute, bucket.left + (now - bucket.since) * rate)
        bucket.left, bucket.since = left, now
        if left < 1:
            raise TooManyRequests(math.ceil((1 - left) / rate))
        bucket.left -= 1
