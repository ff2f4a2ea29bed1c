"""What reviewers were shown, by its fingerprint, so that one whose answer comes too late is told what changed."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from signoff.database.tables import reviews, shown
from signoff.errors import BackendUnavailable
from signoff.reviews import Json, State

Transaction = Callable[[], AbstractContextManager[sa.Connection]]
KEPT = timedelta(days=30)
"""How long it is kept after the review was closed."""

_TIDY_SECONDS = 3600.0
_log = logging.getLogger(__name__)
_MOST = 10_000  # pairs of review and digest of which a process knows that they are kept


class ShownStore:
    """The table of payloads and schemas that somebody has looked at."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing
        self._known: set[tuple[str, str]] = set()
        self._waiting: dict[tuple[str, str], Json] = {}  # to be written
        self._writer = ThreadPoolExecutor(1, "signoff-shown")
        self._tidied_at = -math.inf

    def keep(self, review_id: str, digest: str, what: Json) -> None:
        """Remember what a reviewer is shown, without waiting: it is written by a thread of its own, this moment.

        What a crash of the machine prevents from being written is missing from an explanation, and from nothing else.
        """
        about = review_id, digest
        if about in self._known:
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known.add(about)
        self._waiting[about] = what
        with suppress(RuntimeError):  # the process is ending
            self._writer.submit(self._write)

    def close(self) -> None:
        """Write what waits for that, and nothing more."""
        self._writer.shutdown()

    def _write(self) -> None:
        batch = dict(self._waiting)
        if not batch:
            return  # written with what came before it
        try:
            with self._writing() as connection:
                self._tidy(connection)
                for (review_id, digest), what in batch.items():
                    if connection.execute(_of(review_id, digest)).first() is None:
                        row = {"review_id": review_id, "digest": digest, "what": what, "shown_at": datetime.now(UTC)}
                        connection.execute(sa.insert(shown).values(**row))
        except BackendUnavailable as error:
            _log.warning("What was shown is not kept: %s", error)
            self._known -= batch.keys()
        finally:
            for about in batch:
                self._waiting.pop(about, None)

    def _tidy(self, connection: sa.Connection) -> None:
        """Drop what was kept of reviews that are closed for long, once an hour."""
        if time.monotonic() - self._tidied_at < _TIDY_SECONDS:
            return
        self._tidied_at = time.monotonic()
        closed = sa.select(reviews.c.id).where(
            reviews.c.state == State.CLOSED.value, reviews.c.closed_at < datetime.now(UTC) - KEPT
        )
        connection.execute(sa.delete(shown).where(shown.c.review_id.in_(closed)))

    def find(self, review_id: str, digest: str) -> Json | None:
        """Return the ``payload`` and ``schema`` that have this digest, None when nobody was shown any such."""
        if waiting := self._waiting.get((review_id, digest)):
            return waiting
        with self._reading() as connection:
            row = connection.execute(_of(review_id, digest)).first()
        return row.what if row else None


def _of(review_id: str, digest: str) -> sa.Select[tuple[Json]]:
    return sa.select(shown.c.what).where(shown.c.review_id == review_id, shown.c.digest == digest)
