"""Which threads changed since a cursor, told by rowids (tables of langgraph-checkpoint-sqlite 3.1.2).

SQLite gives every inserted or replaced row a rowid above all that are there; deleted rows free theirs, and the highest
are used again. So a cursor keeps the newest rows of each table, by rowid and key. While one of them is in its place, no
rowid below it can have been used again: what is above it is new, and what stood above it and is gone, is known by name.

What is deleted below leaves no trace by name, but most often pages that nothing uses any more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from signoff.reviews import Json

_ANCHORS = 32
_THREAD = "CAST(thread_id AS TEXT)"  # damaged rows may hold bytes, which no cursor can keep
_TABLES = {
    "checkpoint": ("checkpoints", f"{_THREAD}, checkpoint_ns, checkpoint_id"),
    "write": ("writes", f"{_THREAD}, checkpoint_ns, checkpoint_id, task_id, idx"),
}
_NEWEST = "SELECT rowid, {keys} FROM {table} ORDER BY rowid DESC LIMIT {limit}"
_AMONG = "SELECT rowid, {keys} FROM {table} WHERE rowid BETWEEN {oldest} AND {newest}"
_ABOVE = "SELECT {id} FROM {table} WHERE rowid > {rowid} AND checkpoint_ns = ''"  # by rowid; DISTINCT would not be

Standing = Mapping[str, set[tuple[Any, ...]]]
"""Rows by table, each as its rowid and key."""


def cursor(db: sqlite3.Connection) -> Json:
    """Return where the tables end now, for `changed_since`: the newest rows of each, newest first; and the pages."""
    newest: Json = {
        name: [list(row) for row in db.execute(_NEWEST.format(table=table, keys=keys, limit=_ANCHORS))]
        for name, (table, keys) in _TABLES.items()
    }
    pages = [db.execute(f"PRAGMA {count}").fetchone()[0] for count in ("page_count", "freelist_count")]
    return {**newest, "pages": pages}


def standing(db: sqlite3.Connection, since: Json) -> Standing:
    """Return what stands now where the newest rows of a cursor stood, or between them."""
    found = {}
    for name, (table, keys) in _TABLES.items():
        rowids = [anchor[0] for anchor in since.get(name) or ()]
        oldest = min(rowids) if len(rowids) == _ANCHORS else 0  # of a short table all rows are known
        among = _AMONG.format(table=table, keys=keys, oldest=oldest, newest=max(rowids, default=0))
        found[name] = set(db.execute(among))
    return found


def changed_since(db: sqlite3.Connection, since: Json, found: Standing) -> tuple[str, ...] | None:
    """Return the ids of threads with new, replaced or lost rows, sorted; None when every thread may have changed."""
    changed: set[str] = set()
    for name, (table, _) in _TABLES.items():
        anchors = _anchors(since, name)
        firm = [anchor[0] for anchor in anchors & found[name]]
        if anchors and not firm:
            return None
        changed |= {anchor[1] for anchor in anchors - found[name]}
        above: list[Any] = db.execute(_ABOVE.format(id=_THREAD, table=table, rowid=max(firm, default=0))).fetchall()
        changed |= {row[0] for row in above}
    return tuple(sorted(changed))


def may_be_back(since: Json, now: Json, found: Standing, *, told: bool) -> bool:
    """Tell whether rows below the newest ones may have come back since a cursor, in a file put back from its copy.

    So it is where the very newest row is gone, where there is another among those that were the newest, and where they
    are as they were though something was written, unless another process has ``told`` of that already.
    """
    if all(since.get(name) == now[name] for name in _TABLES):
        return not told or since.get("pages") != now["pages"]
    for name in _TABLES:
        anchors = _anchors(since, name)
        newest = max((anchor[0] for anchor in anchors), default=0)
        if found[name] - anchors or all(row[0] < newest for row in now[name]):
            return True
    return False


def _anchors(since: Json, name: str) -> set[tuple[Any, ...]]:
    return {tuple(anchor) for anchor in since.get(name) or ()}


def freed(before: Json, now: Json) -> bool:
    """Tell whether pages came free between two cursors, as they do when more than a few rows are deleted."""
    if not before or "pages" not in before:
        return False
    (pages, free), (pages_now, free_now) = before["pages"], now["pages"]
    return bool(free_now > free or pages_now < pages)
