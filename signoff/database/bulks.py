"""Which decisions were made together, with one answer to many reviews."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa

from signoff.database.tables import bulks, decisions
from signoff.decisions import Outcome

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


def join(connection: sa.Connection, bulk_id: str, decision_id: str) -> None:
    """Note, in the transaction that records a decision, that it is one of many."""
    connection.execute(sa.insert(bulks).values(decision_id=decision_id, bulk_id=bulk_id))


class BulkStore:
    """The table of decisions that were made together, read."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def others(self, decision_id: str) -> int:
        """Return how many decisions were made together with this one."""
        bulk = sa.select(bulks.c.bulk_id).where(bulks.c.decision_id == decision_id).scalar_subquery()
        query = sa.select(sa.func.count()).where(bulks.c.bulk_id == bulk, bulks.c.decision_id != decision_id)
        with self._reading() as connection:
            return connection.execute(query).scalar_one()

    def outcomes(self, bulk_id: str) -> dict[str, tuple[Outcome, str]]:
        """Return the outcome, and the error or "", of each decision that was made together, by its id."""
        query = sa.select(decisions.c.id, decisions.c.outcome, decisions.c.error).join(
            bulks, bulks.c.decision_id == decisions.c.id
        )
        with self._reading() as connection:
            rows = connection.execute(query.where(bulks.c.bulk_id == bulk_id)).all()
        return {row.id: (Outcome(row.outcome), row.error or "") for row in rows}
