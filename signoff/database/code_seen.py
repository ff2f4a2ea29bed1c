"""Which code a node had when its thread was first seen to pause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import sqlalchemy as sa

from signoff.database.among import among
from signoff.database.tables import code_seen

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


_KNOWN = sa.select(code_seen.c.review_id).where(among(code_seen.c.review_id, "review_ids"))
_OF = sa.select(code_seen.c.fingerprint, code_seen.c.seen_at).where(code_seen.c.review_id == sa.bindparam("review_id"))


class CodeSeenStore:
    """The table of fingerprints by review; the first one of a review stays."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def keep(self, told: Mapping[str, str | None]) -> None:
        """Remember the fingerprint of each review that has none yet, so that later changes of its code can be told."""
        found = {review_id: fingerprint for review_id, fingerprint in told.items() if fingerprint}
        if not found:
            return
        asked = {"review_ids": list(found)}
        with self._reading() as connection:
            new = found.keys() - set(connection.execute(_KNOWN, asked).scalars())
        if not new:
            return
        with self._writing() as connection:
            new -= set(connection.execute(_KNOWN, asked).scalars())
            rows = [{"review_id": each, "fingerprint": found[each], "seen_at": datetime.now(UTC)} for each in new]
            if rows:
                connection.execute(sa.insert(code_seen), rows)

    def find(self, review_id: str) -> tuple[str, datetime] | None:
        """Return the fingerprint and when it was taken."""
        with self._reading() as connection:
            row = connection.execute(_OF, {"review_id": review_id}).first()
        return (row.fingerprint, row.seen_at) if row else None
