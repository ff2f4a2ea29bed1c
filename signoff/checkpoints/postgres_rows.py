"""Rows of a PostgreSQL checkpoint database (langgraph-checkpoint-postgres 3.2.0) as every back end tells them.

A checkpoint is JSON with the plain values of its channels; all other values stand in ``checkpoint_blobs``, one row for
each version of a channel, which ``channel_versions`` names. A value that several checkpoints share is read once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from signoff.checkpoints.decoding import PLAIN_JSON
from signoff.checkpoints.due import internal
from signoff.checkpoints.head import CONTROL, CheckpointRow, WriteRow, mapping

Query = Callable[[str, Any], list[Any]]
Writes = defaultdict[tuple[str, str], list[WriteRow]]

CONTROLLING = ", ".join(f"'{channel}'" for channel in sorted(CONTROL))
COLUMNS = """
    c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.checkpoint::text, c.metadata::text,
    (c.checkpoint -> 'channel_versions')::text"""

_ORDER = '{path} COLLATE "C", w.task_id COLLATE "C", w.idx'  # as LangGraph orders them (`writes_sort_key`, 4.3.2)
_WRITES = """
    SELECT w.checkpoint_ns, w.checkpoint_id, w.task_id, {path}, w.channel, w.type, {value}, w.thread_id
    FROM unnest(%(threads)s::text[], %(spaces)s::text[], %(ids)s::text[]) AS wanted(thread_id, ns, id)
    JOIN checkpoint_writes AS w
      ON w.thread_id = wanted.thread_id AND w.checkpoint_ns = wanted.ns AND w.checkpoint_id = wanted.id
    ORDER BY w.thread_id, w.checkpoint_id, """
_SIZES = """
    SELECT b.thread_id, b.checkpoint_ns, b.channel, b.version, b.type, {blob}
    FROM unnest(%(threads)s::text[], %(spaces)s::text[], %(channels)s::text[], %(versions)s::text[])
      AS wanted(thread_id, ns, channel, version)
    JOIN checkpoint_blobs AS b ON b.thread_id = wanted.thread_id AND b.checkpoint_ns = wanted.ns
     AND b.channel = wanted.channel AND b.version = wanted.version
    WHERE b.type <> 'empty'"""

Row = tuple[CheckpointRow, Mapping[str, str]]
"""A checkpoint without what is stored apart, and the version of each of its channels."""


def checkpoint_row(row: Sequence[Any]) -> Row:
    """Return a row of `COLUMNS`."""
    thread, namespace, checkpoint, parent, stored, metadata, versions = row
    found = CheckpointRow(
        thread_id=thread,
        checkpoint_ns=namespace,
        checkpoint_id=checkpoint,
        parent_id=parent,
        checkpoint=(PLAIN_JSON, stored.encode()),
        metadata=metadata,
    )
    return found, {str(name): str(version) for name, version in mapping(json.loads(versions or "{}")).items()}


def with_blobs(
    query: Query, rows: Sequence[Row], *, steering: bool = False, most: int | None = None
) -> list[CheckpointRow]:
    """Return the rows with the values of their channels; with ``steering`` only of those that say what runs next.

    A checkpoint whose values, as far as they are read, have more than ``most`` bytes comes without any (None).
    """
    wanted: set[tuple[str, ...]] = {
        (row.thread_id, row.checkpoint_ns, channel, version)
        for row, versions in rows
        for channel, version in versions.items()
        if not steering or internal(channel)
    }
    blobs = _blobs(query, wanted, most)
    return [_completed(row, versions, blobs, most) for row, versions in rows]


def _blobs(query: Query, wanted: set[tuple[str, ...]], most: int | None) -> dict[tuple[str, ...], Any]:
    if not wanted:
        return {}
    blob = "b.blob" if most is None else f"CASE WHEN octet_length(b.blob) <= {most} THEN b.blob END"
    names = ("threads", "spaces", "channels", "versions")
    parameters = {name: list(column) for name, column in zip(names, zip(*sorted(wanted), strict=True), strict=True)}
    return {tuple(row[:4]): (row[4], row[5]) for row in query(_SIZES.format(blob=blob), parameters)}


def _completed(
    row: CheckpointRow, versions: Mapping[str, str], blobs: Mapping[tuple[str, ...], Any], most: int | None
) -> CheckpointRow:
    places = ((name, (row.thread_id, row.checkpoint_ns, name, version)) for name, version in versions.items())
    own = {name: blobs[place] for name, place in places if place in blobs}
    if most is not None:
        size = len(row.checkpoint[1] or b"") + sum(most + 1 if blob is None else len(blob) for _, blob in own.values())
        if size > most:
            return replace(row, checkpoint=(PLAIN_JSON, None))
    return replace(row, blobs=own)


def writes_on(
    query: Query, path: str, places: Sequence[tuple[str, str, str]], *, value: str = "w.blob"
) -> dict[tuple[str, str], list[WriteRow]]:
    """Return the writes on checkpoints, given as (thread, namespace, id), by thread and id, in LangGraph's order."""
    found: Writes = defaultdict(list)
    if places:
        names = ("threads", "spaces", "ids")
        parameters = {name: list(column) for name, column in zip(names, zip(*places, strict=True), strict=True)}
        sql = (_WRITES + _ORDER).format(path=path, value=value)
        for row in query(sql, parameters):
            found[row[7], row[1]].append(write_row(row))
    return found


def write_row(row: Sequence[Any]) -> WriteRow:
    """Return a write as the statements here select it: namespace, checkpoint, task, path, channel, type, bytes."""
    return WriteRow(task_id=row[2], task_path=row[3] or "", channel=row[4], value=(row[5], row[6]))


def order_of(path: str) -> str:
    """Return in which order the writes on one checkpoint come."""
    return _ORDER.format(path=path)
