"""Threads that would go on but were written to only just now: to be looked at again, though nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

import sqlalchemy as sa

from signoff.database.among import among
from signoff.database.tables import watch

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


_THESE = among(watch.c.thread_id, "thread_ids")
_KNOWN, _FORGET = sa.select(watch).where(_THESE), sa.delete(watch).where(_THESE)
_DUE = (
    sa.select(watch.c.thread_id)
    .where(watch.c.source == sa.bindparam("source"), watch.c.again_at <= sa.bindparam("now"))
    .order_by(watch.c.again_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


class WatchStore:
    """The list of watched threads."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def due(self, now: datetime, *, source: str = "", limit: int = 500) -> list[str]:
        """Return threads whose time has come, the longest waiting first; one index probe when there are none."""
        with self._reading() as connection:
            return list(connection.execute(_DUE, {"source": source, "now": now, "most": limit}).scalars())

    def keep(self, thread_ids: Sequence[str], again_at: Mapping[str, datetime], *, source: str = "") -> None:
        """Watch those of ``thread_ids`` that have a time in ``again_at``, and none of the others."""
        with self._reading() as connection:
            known = connection.execute(_KNOWN, {"thread_ids": thread_ids}).all()
        if {row.thread_id: row.again_at for row in known} == dict(again_at):
            return
        with self._writing() as connection:
            connection.execute(_FORGET, {"thread_ids": thread_ids})
            if again_at:
                rows = [{"thread_id": thread, "source": source, "again_at": time} for thread, time in again_at.items()]
                connection.execute(sa.insert(watch), rows)
