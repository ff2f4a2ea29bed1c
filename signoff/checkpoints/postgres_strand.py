"""One namespace of a thread in PostgreSQL: the rows from which its history is read.

Checkpoint ids are compared as LangGraph compares them, by the database's own collation: all order hexadecimal alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from signoff.checkpoints.head import ERROR, INTERRUPT, CheckpointRow, WriteRow
from signoff.checkpoints.postgres_rows import COLUMNS, Query, checkpoint_row, with_blobs, writes_on
from signoff.checkpoints.strand import ALL, BRIEF, Find, Inner

_HERE = "c.thread_id = %(thread)s AND c.checkpoint_ns = %(ns)s"
_ROWS = f"""
    SELECT {COLUMNS} FROM checkpoints AS c
    WHERE {_HERE} AND (%(before)s::text IS NULL OR c.checkpoint_id < %(before)s) {{found}}
    ORDER BY c.checkpoint_id DESC LIMIT %(limit)s"""
_NAMED = f"SELECT {COLUMNS} FROM checkpoints AS c WHERE {_HERE} AND c.checkpoint_id = ANY(%(ids)s::text[])"
_INNER = """
    WITH places AS (
        SELECT low, (SELECT min(n.checkpoint_id) FROM checkpoints AS n WHERE n.thread_id = %(thread)s
                     AND n.checkpoint_ns = %(ns)s AND n.checkpoint_id > low) AS high
        FROM unnest(%(ids)s::text[]) AS wanted(low))
    SELECT low, c.checkpoint_ns, count(*) FROM checkpoints AS c JOIN places
      ON c.checkpoint_id > low AND (high IS NULL OR c.checkpoint_id < high)
    WHERE c.thread_id = %(thread)s AND c.checkpoint_ns <> '' AND starts_with(c.checkpoint_ns, %(inside)s)
    GROUP BY low, c.checkpoint_ns ORDER BY low, min(c.checkpoint_id)"""
_ANCESTORS = f"""
    WITH RECURSIVE line(id) AS (
        SELECT max(c.checkpoint_id) FROM checkpoints AS c WHERE {_HERE}
        UNION
        SELECT c.parent_checkpoint_id FROM line JOIN checkpoints AS c ON {_HERE} AND c.checkpoint_id = line.id
        WHERE c.parent_checkpoint_id >= %(low)s)
    SELECT id FROM line WHERE id IS NOT NULL"""
_CHILD = f"""
    SELECT max(c.checkpoint_id) FROM checkpoints AS c
    WHERE {_HERE} AND c.checkpoint_id > %(id)s AND c.parent_checkpoint_id = %(id)s"""
_HAS = """ AND EXISTS (SELECT 1 FROM checkpoint_writes AS w WHERE w.thread_id = c.thread_id
    AND w.checkpoint_ns = c.checkpoint_ns AND w.checkpoint_id {where})"""


class PostgresStrand:
    """One namespace of a thread; ``query`` runs a statement on the database."""

    def __init__(self, query: Query, task_path: str, thread_id: str, namespace: str) -> None:
        self.thread_id, self.namespace = thread_id, namespace
        self._query, self._task_path = query, task_path
        self._place = {"thread": thread_id, "ns": namespace}

    def rows(
        self, *, limit: int, before: str | None = None, find: Find = ALL, brief: bool = False
    ) -> list[CheckpointRow]:
        """Return at most ``limit`` checkpoints, newest first, older than ``before``.

        ``brief`` reads no state at all, only the channels that say what runs next.
        """
        condition, wanted = self._condition(find)
        parameters = {**self._place, **wanted, "before": before, "limit": limit}
        return self._completed(self._query(_ROWS.format(found=condition), parameters), brief)

    def named(self, checkpoint_ids: Collection[str], *, brief: bool = False) -> list[CheckpointRow]:
        """Return the checkpoints with these ids that exist, in any order."""
        return self._completed(self._query(_NAMED, {**self._place, "ids": list(checkpoint_ids)}), brief)

    def writes(self, checkpoint_ids: Collection[str], *, values: bool) -> Mapping[str, Sequence[WriteRow]]:
        """Return the writes on some checkpoints, by checkpoint; without ``values`` only those of errors have one."""
        value = "w.blob" if values else f"CASE WHEN w.channel = '{ERROR}' THEN w.blob END"
        places = [(self.thread_id, self.namespace, checkpoint_id) for checkpoint_id in checkpoint_ids]
        found = writes_on(self._query, self._task_path, places, value=value)
        return {
            checkpoint: rows if values else [_blank(row) for row in rows] for (_, checkpoint), rows in found.items()
        }

    def inner(self, checkpoint_ids: Collection[str]) -> Mapping[str, Sequence[Inner]]:
        """Return the namespaces inside this one, by the checkpoint after which their steps were made."""
        inside = f"{self.namespace}|" if self.namespace else ""
        found: defaultdict[str, list[Inner]] = defaultdict(list)
        for low, namespace, steps in self._query(
            _INNER, {**self._place, "inside": inside, "ids": list(checkpoint_ids)}
        ):
            found[low].append(Inner(namespace=namespace, steps=steps))
        return found

    def ancestors(self, *, down_to: str) -> frozenset[str]:
        """Return the newest checkpoint and its ancestors, as far as their ids are not below ``down_to``."""
        return frozenset(row[0] for row in self._query(_ANCESTORS, {**self._place, "low": down_to}))

    def child_of(self, checkpoint_id: str) -> str | None:
        """Return the newest checkpoint whose parent this one is, or None."""
        found = self._query(_CHILD, {**self._place, "id": checkpoint_id})
        return found[0][0] if found else None

    def _completed(self, found: Sequence[Any], brief: bool) -> list[CheckpointRow]:
        rows = [checkpoint_row(row) for row in found]
        return with_blobs(self._query, rows, steering=brief, most=BRIEF if brief else None)

    def _condition(self, find: Find) -> tuple[str, dict[str, Any]]:
        parts, wanted = [], dict[str, Any]()
        if find.at is not None:
            parts.append(" AND c.checkpoint_id = ANY(%(at)s::text[])")
            wanted["at"] = sorted(find.at)
        for is_wanted, channel in ((find.failed, ERROR), (find.asked, INTERRUPT)):
            if is_wanted:
                parts.append(_HAS.format(where=f"= c.checkpoint_id AND w.channel = '{channel}'"))
        if find.channel:
            parts.append(_HAS.format(where="= c.parent_checkpoint_id AND w.channel = %(channel)s"))
            wanted["channel"] = find.channel
        if find.node:
            paths = f"({self._task_path} = %(pull)s OR starts_with({self._task_path}, '~__pregel_push'))"
            parts.append(_HAS.format(where=f"IN (c.checkpoint_id, c.parent_checkpoint_id) AND {paths}"))
            wanted["pull"] = f"~__pregel_pull, {find.node}"
        return "".join(parts), wanted


def _blank(row: WriteRow) -> WriteRow:
    if row.channel == ERROR:
        return row
    return WriteRow(task_id=row.task_id, task_path=row.task_path, channel=row.channel, value=None)
