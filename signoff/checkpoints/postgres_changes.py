"""Which threads changed since a cursor, told by transaction ids (PostgreSQL 13 and later).

Checkpoint ids are no cursor: an interrupt is written late, on a checkpoint that may be hours old, and transactions
commit in another order than they began. A cursor keeps the server's snapshot instead: what any transaction wrote that
was not over then, carries an id at or above the snapshot's lowest. Its ids count on (64 bits); a row has the lower 32.
Savepoints have ids of their own that no snapshot names, so everything from the lowest on is looked at again: while a
transaction that writes stays open, all that came after its beginning is. Another server, a restart, a promoted standby,
a restored backup or rebuilt tables show as another ``place``: then every thread is looked at.

Three ways to look, the first that is installed (`postgres_index`):
- live: the side table, milliseconds, and deletions are known. A full look now and then finds what triggers missed.
- index: interrupt writes, so that new pauses are seen at once; what else moved is seen by a full look, more rarely.
- stock: a full look, one sequential scan of both tables, each time the server wrote anything at all.
A process begins with a full look, so what a single command prints is complete.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import psycopg

from signoff.checkpoints import Changes, Standing
from signoff.checkpoints.postgres_connection import Connection, ReadingPool
from signoff.checkpoints.postgres_index import SCHEMA, standing
from signoff.errors import BackendUnavailable
from signoff.reviews import Json

_FULL_SECONDS = 600  # what a sequential scan may take
_REST = {"index": (10.0, 20), "live": (300.0, 100)}  # seconds between full looks: at least, and times what one took
_TRIM_EVERY = 600.0
_AROUND = 2**32

_PLACE = """
    SELECT pg_current_snapshot()::text, pg_is_in_recovery(), concat_ws(' ',
        (SELECT oid FROM pg_database WHERE datname = current_database()), pg_postmaster_start_time(),
        pg_relation_filenode('checkpoints'), pg_relation_filenode('checkpoint_writes'))"""
_WRITTEN = "(({t}.xmin::text::bigint - %(low)s) & 4294967295) < %(width)s AND {t}.xmin::text::bigint > 2"
_FULL = f"""
    SELECT c.thread_id FROM checkpoints AS c WHERE c.checkpoint_ns = '' AND {_WRITTEN.format(t="c")}
    UNION SELECT w.thread_id FROM checkpoint_writes AS w WHERE w.checkpoint_ns = '' AND {_WRITTEN.format(t="w")}"""
_PAUSED = f"""
    SELECT DISTINCT w.thread_id FROM checkpoint_writes AS w
    WHERE w.channel = '__interrupt__' AND w.checkpoint_ns = '' AND {_WRITTEN.format(t="w")}"""
_MOVED = f"""
    SELECT DISTINCT thread_id FROM {SCHEMA}.moved WHERE xid >= pg_snapshot_xmin(%(since)s::pg_snapshot)
      AND (%(standby)s OR NOT pg_visible_in_snapshot(xid, %(since)s::pg_snapshot))"""
_COMPLETE = f"SELECT count(*) = 1 AND bool_and(since < pg_snapshot_xmin(%s::pg_snapshot)) FROM {SCHEMA}.complete"


@dataclass(frozen=True, kw_only=True)
class Now:
    """The server this moment: its snapshot as text (``xmin:xmax:…``), and which server and tables these are."""

    snapshot: str
    standby: bool
    place: str

    def since(self, snapshot: str) -> dict[str, int]:
        """Return the window of transaction ids between a snapshot's lowest and now."""
        low = int(snapshot.partition(":")[0])
        return {"low": low, "width": int(self.snapshot.split(":")[1]) - low}


class ChangeReader:
    """Looks for changes in the cheapest way there is; one per process and database."""

    def __init__(self, pool: ReadingPool) -> None:
        self._pool = pool
        self._guard = threading.Lock()
        self._full_due = self._trim_due = 0.0

    def changes(self, since: Any) -> Changes:
        """Return what moved since a cursor of ours: ``place``, the snapshots of the last ``full`` and of any look."""
        with self._pool.transaction(_FULL_SECONDS) as db:
            [row] = db.execute(_PLACE).fetchall()
            now = Now(snapshot=row[0], standby=row[1], place=row[2])
            if not _continues(since, now):
                self._rest("stock", 0.0)
                return Changes(cursor=_cursor(now, now.snapshot), thread_ids=None)
            if since["full"] == now.snapshot and not now.standby:
                return Changes(cursor=since, thread_ids=(), deletions_possible=False)
            means = standing(db)
            found = self._quickly(db, since, now, means)
            if found is None:
                found = self._fully(db, since, now, means)
        self._trim(means)
        return found

    def _quickly(self, db: Connection, since: Any, now: Now, means: Standing) -> Changes | None:
        """Return what the side table or the index tells, None when there is neither or a full look is due."""
        if not (means.live or means.index) or self._due():
            return None
        if since["seen"] == now.snapshot and not now.standby:
            return Changes(cursor=since, thread_ids=(), deletions_possible=False)
        cursor = _cursor(now, since["full"])
        if not means.live:
            paused = [row[0] for row in db.execute(_PAUSED, now.since(since["seen"]))]
            return Changes(cursor=cursor, thread_ids=tuple(sorted(paused)), deletions_possible=False)
        if not db.execute(_COMPLETE, (since["seen"],)).fetchall()[0][0]:
            return None
        moved = [row[0] for row in db.execute(_MOVED, {"since": since["seen"], "standby": now.standby})]
        if None in moved:  # the table was emptied
            return Changes(cursor=cursor, thread_ids=None)
        return Changes(cursor=cursor, thread_ids=tuple(sorted(moved)), deletions_possible=_lost(db, moved))

    def _fully(self, db: Connection, since: Any, now: Now, means: Standing) -> Changes:
        started = time.monotonic()
        moved = sorted(row[0] for row in db.execute(_FULL, now.since(since["full"])))
        self._rest("live" if means.live else "index" if means.index else "stock", time.monotonic() - started)
        return Changes(cursor=_cursor(now, now.snapshot), thread_ids=tuple(moved))

    def _due(self) -> bool:
        with self._guard:
            return time.monotonic() >= self._full_due

    def _rest(self, means: str, took: float) -> None:
        least, times = _REST.get(means, (0.0, 0))
        with self._guard:
            self._full_due = time.monotonic() + max(least, times * took) if times else 0.0

    def _trim(self, means: Standing) -> None:
        """Have the side table forget what is older than a day; who may not do that leaves it to others."""
        with self._guard:
            if not means.live or time.monotonic() < self._trim_due:
                return
            self._trim_due = time.monotonic() + _TRIM_EVERY
        try:
            with self._pool.address.connect() as connection:
                connection.execute("SET statement_timeout = '10s'")
                connection.execute(f"SELECT {SCHEMA}.trim()")
        except (psycopg.Error, BackendUnavailable):
            return


def _cursor(now: Now, full: str) -> Json:
    return {"place": now.place, "seen": now.snapshot, "full": full}


def _continues(since: Any, now: Now) -> bool:
    """Tell whether the cursor is of this place, and not from a future that a restored backup has not seen."""
    if not isinstance(since, dict) or since.get("place") != now.place:
        return False
    newest = int(now.snapshot.split(":")[1])
    ends = [int(since[name].split(":")[1]) for name in ("full", "seen")]
    return max(ends) <= newest and now.since(since["full"])["width"] < _AROUND // 2


def _lost(db: Connection, thread_ids: list[str]) -> bool:
    """Tell whether one of the threads that moved is gone."""
    sql = """SELECT EXISTS (SELECT 1 FROM unnest(%s::text[]) AS wanted(id) WHERE NOT EXISTS (
        SELECT 1 FROM checkpoints AS c WHERE c.thread_id = wanted.id AND c.checkpoint_ns = ''))"""
    return bool(db.execute(sql, (thread_ids,)).fetchall()[0][0])
