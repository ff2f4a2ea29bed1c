"""How far the scanner has read, which threads it could not read, and which graph a person chose for a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import sqlalchemy as sa

from signoff.database import pulse
from signoff.database.among import among
from signoff.database.tables import chosen_graphs, scans, unreadable
from signoff.reviews import Json

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


_CURSOR = sa.select(scans).where(scans.c.source == sa.bindparam("of"))
_LEFT = sa.delete(scans).where(scans.c.source == sa.bindparam("of"))
_UNREAD = among(unreadable.c.thread_id, "thread_ids")
_FIRST_UNREAD, _READ = sa.select(unreadable.c.thread_id).where(_UNREAD).limit(1), sa.delete(unreadable).where(_UNREAD)
_CHOSEN = sa.select(chosen_graphs).where(among(chosen_graphs.c.thread_id, "thread_ids"))


class ScanStore:
    """The scanner's memory."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def cursor(self, source: str, fingerprint: str) -> tuple[Json, datetime | None]:
        """Return where the last scan of ``source`` ended and when; (None, None) after a change of ``fingerprint``."""
        with self._reading() as connection:
            row = connection.execute(_CURSOR, {"of": source}).first()
        return (row.cursor, row.scanned_at) if row and row.fingerprint == fingerprint else (None, None)

    def save_cursor(self, source: str, fingerprint: str, cursor: Json) -> None:
        """Remember where a scan ended."""
        with self._writing() as connection:
            connection.execute(_LEFT, {"of": source})
            values = {"source": source, "fingerprint": fingerprint, "cursor": cursor, "scanned_at": datetime.now(UTC)}
            connection.execute(sa.insert(scans), values)

    def forget(self) -> None:
        """Make the next scan read everything again."""
        with self._writing() as connection:
            connection.execute(sa.delete(scans))

    def note_unreadable(self, problems: Mapping[str, str | None]) -> None:
        """Remember what could not be read of each thread; None says that all of it could, and mostly costs one look."""
        mine, now = {"thread_ids": list(problems)}, datetime.now(UTC)
        rows = [{"thread_id": thread, "problem": said, "seen_at": now} for thread, said in problems.items() if said]
        if not rows:
            with self._reading() as connection:
                if connection.execute(_FIRST_UNREAD, mine).first() is None:
                    return
        with self._writing() as connection:
            connection.execute(_READ, mine)
            if rows:
                connection.execute(sa.insert(unreadable), rows)

    def unreadable(self) -> dict[str, str]:
        """Return what could not be read, by thread id."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(unreadable).order_by(unreadable.c.thread_id))
            return {row.thread_id: row.problem for row in rows}

    def choose_graph(self, thread_id: str, graph: str, *, chosen_by: str) -> None:
        """Record which graph a thread belongs to, and who said so."""
        with self._writing() as connection:
            connection.execute(sa.delete(chosen_graphs).where(chosen_graphs.c.thread_id == thread_id))
            values = {"thread_id": thread_id, "graph": graph, "chosen_by": chosen_by, "chosen_at": datetime.now(UTC)}
            connection.execute(sa.insert(chosen_graphs).values(**values))
            pulse.beat(connection)

    def chosen_graphs(self, thread_ids: Sequence[str] | None = None) -> dict[str, str]:
        """Return the chosen graphs of those of the given threads, or of all, that have one."""
        query = sa.select(chosen_graphs) if thread_ids is None else _CHOSEN
        asked = None if thread_ids is None else {"thread_ids": thread_ids}
        with self._reading() as connection:
            return {row.thread_id: row.graph for row in connection.execute(query, asked)}

    def version(self) -> int:
        """Return a counter that moves whenever reviews or decisions change."""
        with self._reading() as connection:
            return pulse.read(connection)
