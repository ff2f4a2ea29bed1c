"""One namespace of a thread in a SQLite checkpoint database; every statement runs along the primary keys."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from signoff.checkpoints.head import ERROR, INTERRUPT, CheckpointRow, WriteRow
from signoff.checkpoints.strand import ALL, BRIEF, Find, Inner

_NEWEST = "\x7f"  # sorts behind every checkpoint id

_ROWS = """
    SELECT c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.type, {blob}, c.metadata
    FROM checkpoints AS c WHERE c.thread_id = :thread AND c.checkpoint_ns = :ns AND c.checkpoint_id < :before {found}
    ORDER BY c.checkpoint_id DESC LIMIT :limit"""
_NAMED = """
    SELECT c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.type, {blob}, c.metadata
    FROM json_each(:ids) AS wanted CROSS JOIN checkpoints AS c
      ON c.thread_id = :thread AND c.checkpoint_ns = :ns AND c.checkpoint_id = wanted.value"""
_WRITES = """
    SELECT w.checkpoint_id, w.task_id, {task_path} AS path, w.channel, w.type, {value}
    FROM json_each(:ids) AS wanted CROSS JOIN writes AS w
      ON w.thread_id = :thread AND w.checkpoint_ns = :ns AND w.checkpoint_id = wanted.value
    ORDER BY w.checkpoint_id, path, w.task_id, w.idx"""
_INNER = """
    WITH places(low, high) AS (
        SELECT value, coalesce((SELECT min(n.checkpoint_id) FROM checkpoints AS n WHERE n.thread_id = :thread
                                AND n.checkpoint_ns = :ns AND n.checkpoint_id > value), :newest) FROM json_each(:ids))
    SELECT low, c.checkpoint_ns, count(*) FROM checkpoints AS c JOIN places
      ON c.checkpoint_id > low AND c.checkpoint_id < high
    WHERE c.thread_id = :thread AND c.checkpoint_ns > :inside AND c.checkpoint_ns < :behind
    GROUP BY low, c.checkpoint_ns ORDER BY low, min(c.checkpoint_id)"""
_ANCESTORS = """
    WITH RECURSIVE line(id) AS (
        SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :thread AND checkpoint_ns = :ns
        UNION
        SELECT c.parent_checkpoint_id FROM line CROSS JOIN checkpoints AS c
          ON c.thread_id = :thread AND c.checkpoint_ns = :ns AND c.checkpoint_id = line.id
        WHERE c.parent_checkpoint_id >= :low)
    SELECT id FROM line WHERE id IS NOT NULL"""
_CHILD = """
    SELECT max(checkpoint_id) FROM checkpoints
    WHERE thread_id = :thread AND checkpoint_ns = :ns AND checkpoint_id > :id AND parent_checkpoint_id = :id"""
_HAS = """ AND EXISTS (SELECT 1 FROM writes AS w WHERE w.thread_id = c.thread_id AND w.checkpoint_ns = c.checkpoint_ns
    AND w.checkpoint_id {where})"""


class SqliteStrand:
    """One namespace of a thread; ``query`` runs a statement on the database."""

    def __init__(self, query: Callable[[str, Any], list[Any]], task_path: str, thread_id: str, namespace: str) -> None:
        self.thread_id, self.namespace = thread_id, namespace
        self._query, self._task_path = query, task_path
        self._place = {"thread": thread_id, "ns": namespace}

    def rows(
        self, *, limit: int, before: str | None = None, find: Find = ALL, brief: bool = False
    ) -> list[CheckpointRow]:
        """Return at most ``limit`` checkpoints, newest first, older than ``before``."""
        condition, wanted = self._condition(find)
        sql = _ROWS.format(blob=_blob(brief), found=condition)
        parameters = {**self._place, **wanted, "before": before or _NEWEST, "limit": limit}
        return [checkpoint_row(row) for row in self._query(sql, parameters)]

    def named(self, checkpoint_ids: Collection[str], *, brief: bool = False) -> list[CheckpointRow]:
        """Return the checkpoints with these ids that exist, in any order."""
        parameters = {**self._place, "ids": json.dumps(list(checkpoint_ids))}
        return [checkpoint_row(row) for row in self._query(_NAMED.format(blob=_blob(brief)), parameters)]

    def writes(self, checkpoint_ids: Collection[str], *, values: bool) -> Mapping[str, Sequence[WriteRow]]:
        """Return the writes on some checkpoints, by checkpoint; without ``values`` only those of errors have one."""
        value = "w.value" if values else f"CASE WHEN w.channel = '{ERROR}' THEN w.value END"
        sql = _WRITES.format(task_path=self._task_path, value=value)
        found: defaultdict[str, list[WriteRow]] = defaultdict(list)
        for checkpoint, task, path, channel, kind, blob in self._query(
            sql, {**self._place, "ids": json.dumps(list(checkpoint_ids))}
        ):
            stored = (kind, blob) if values or channel == ERROR else None
            found[checkpoint].append(WriteRow(task_id=task, task_path=path or "", channel=channel, value=stored))
        return found

    def inner(self, checkpoint_ids: Collection[str]) -> Mapping[str, Sequence[Inner]]:
        """Return the namespaces inside this one, by the checkpoint after which their steps were made."""
        inside = f"{self.namespace}|" if self.namespace else ""
        behind = f"{self.namespace}}}" if self.namespace else "\U0010ffff"  # "}" is the character after "|"
        parameters = {**self._place, "inside": inside, "behind": behind, "newest": _NEWEST}
        found: defaultdict[str, list[Inner]] = defaultdict(list)
        for low, namespace, steps in self._query(_INNER, {**parameters, "ids": json.dumps(list(checkpoint_ids))}):
            found[low].append(Inner(namespace=namespace, steps=steps))
        return found

    def ancestors(self, *, down_to: str) -> frozenset[str]:
        """Return the newest checkpoint and its ancestors, as far as their ids are not below ``down_to``."""
        return frozenset(row[0] for row in self._query(_ANCESTORS, {**self._place, "low": down_to}))

    def child_of(self, checkpoint_id: str) -> str | None:
        """Return the newest checkpoint whose parent this one is, or None."""
        [row] = self._query(_CHILD, {**self._place, "id": checkpoint_id})
        return None if row[0] is None else str(row[0])

    def _condition(self, find: Find) -> tuple[str, dict[str, Any]]:
        parts, wanted = [], dict[str, Any]()
        if find.at is not None:
            parts.append(" AND c.checkpoint_id IN (SELECT value FROM json_each(:at))")
            wanted["at"] = json.dumps(sorted(find.at))
        for is_wanted, channel in ((find.failed, ERROR), (find.asked, INTERRUPT)):
            if is_wanted:
                parts.append(_HAS.format(where=f"= c.checkpoint_id AND w.channel = '{channel}'"))
        if find.channel:
            parts.append(_HAS.format(where="= c.parent_checkpoint_id AND w.channel = :channel"))
            wanted["channel"] = find.channel
        if find.node:
            paths = f"({self._task_path} = :pull OR {self._task_path} LIKE '~\\_\\_pregel\\_push%' ESCAPE '\\')"
            parts.append(_HAS.format(where=f"IN (c.checkpoint_id, c.parent_checkpoint_id) AND {paths}"))
            wanted["pull"] = f"~__pregel_pull, {find.node}"
        return "".join(parts), wanted


def checkpoint_row(row: Sequence[Any]) -> CheckpointRow:
    """Return a row of the table ``checkpoints``, its columns in their order."""
    thread, namespace, checkpoint, parent, kind, blob, metadata = row
    return CheckpointRow(
        thread_id=thread,
        checkpoint_ns=namespace,
        checkpoint_id=checkpoint,
        parent_id=parent,
        checkpoint=(kind, blob),
        metadata=metadata,
    )


def _blob(brief: bool) -> str:
    return f"CASE WHEN length(c.checkpoint) <= {BRIEF} THEN c.checkpoint END" if brief else "c.checkpoint"
