"""Which decision a client's request led to, so that the same request, sent again, is told the same decision."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import sqlalchemy as sa

from signoff.database.tables import idempotency
from signoff.decisions import Decision
from signoff.errors import RequestKeyUsed

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


def remember(connection: sa.Connection, decision: Decision, *, client: str, key: str, request: str) -> None:
    """Note the request in the transaction that records its decision. Raises `RequestKeyUsed`, to undo them both."""
    values = {"client": client, "key": key, "request": request, "decision_id": decision.id, "at": datetime.now(UTC)}
    try:
        connection.execute(sa.insert(idempotency).values(**values))
    except sa.exc.IntegrityError as error:
        raise RequestKeyUsed(key) from error


class IdempotencyStore:
    """The table of requests, read."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def decision_of(self, *, client: str, key: str, request: str) -> str | None:
        """Return the decision of this very request, None for a new key.

        ``request`` is the request's fingerprint. Raises `RequestKeyUsed` when the key belongs to another request.
        """
        query = sa.select(idempotency).where(idempotency.c.client == client, idempotency.c.key == key)
        with self._reading() as connection:
            row = connection.execute(query).first()
        if row is not None and row.request != request:
            raise RequestKeyUsed(key)
        return row.decision_id if row else None
