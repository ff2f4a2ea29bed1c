"""From stored rows to `Step`s: the whole state of single checkpoints, as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from signoff.checkpoints import Checkpoints, Step, Write
from signoff.checkpoints.decoding import to_json
from signoff.checkpoints.delta import Deltas
from signoff.checkpoints.due import internal, left_of, next_nodes, node_of
from signoff.checkpoints.head import (
    CONTROL,
    CheckpointRow,
    WriteRow,
    created_at,
    decoded,
    mapping,
    metadata_of,
    read_tasks,
    step_of,
    value_of,
)
from signoff.checkpoints.strand import Strand


def read_steps(strand: Strand, *, limit: int, before: str | None = None) -> tuple[Step, ...]:
    """Return at most ``limit`` steps, newest first, older than ``before``, each with its whole state."""
    return _read(strand, strand.rows(limit=limit, before=before))


def read_some(strand: Strand, checkpoint_ids: Sequence[str]) -> dict[str, Step]:
    """Return the steps with these ids that exist, by id, each with its whole state."""
    return {step.checkpoint_id: step for step in _read(strand, strand.named(checkpoint_ids))}


def step_at(checkpoints: Checkpoints, thread_id: str, checkpoint_id: str) -> Step | None:
    """Return one root step of a thread, None where it has no such checkpoint."""
    found = checkpoints.steps(thread_id, limit=1, before=f"{checkpoint_id}~")  # the first that sorts behind the id
    return found[0] if found and found[0].checkpoint_id == checkpoint_id else None


def _read(strand: Strand, rows: Sequence[CheckpointRow]) -> tuple[Step, ...]:
    writes = strand.writes([row.checkpoint_id for row in rows], values=True)
    deltas = Deltas(strand)
    return tuple(_step(row, writes.get(row.checkpoint_id, ()), deltas) for row in rows)


def _step(row: CheckpointRow, writes: Sequence[WriteRow], deltas: Deltas) -> Step:
    """Return one checkpoint as history shows it; what cannot be decoded is said in its ``error``."""
    problems: list[str] = []
    checkpoint, metadata = decoded(row, problems), metadata_of(row.metadata)
    stored = mapping(checkpoint.get("channel_values"))
    values, rebuilt = deltas.complete(row, checkpoint) if checkpoint else ({}, ())
    tasks = read_tasks(writes, stored, problems)
    outputs = [w for w in writes if w.channel not in CONTROL and not internal(w.channel)]
    written = tuple(_write(w, stored, problems) for w in outputs)
    errors = [task.error for task in tasks if task.error]
    due = next_nodes(stored)
    return Step(
        checkpoint_id=row.checkpoint_id,
        checkpoint_ns=row.checkpoint_ns,
        parent_id=row.parent_id,
        step=step_of(metadata),
        source=str(metadata.get("source", "")),
        created_at=created_at(checkpoint, row.checkpoint_id),
        next=due,
        values={name: _json(value) for name, value in values.items() if not internal(name)},
        writes=written,
        interrupts=tuple(q for task in tasks for q in task.questions),
        metadata=metadata,
        error="; ".join([*errors, *problems]) or None,
        asked={task.id: frozenset(q.interrupt_id for q in task.questions) for task in tasks},
        rebuilt=rebuilt,
        tasks=tasks,
        to_run=left_of(due, tasks),
    )


def _write(row: WriteRow, values: Mapping[str, Any], problems: list[str]) -> Write:
    value = _json(value_of(row, problems, f"a write to {row.channel}"))
    return Write(task_id=row.task_id, node=node_of(row.task_path, values), channel=row.channel, value=value)


def _json(value: Any) -> Any:
    return to_json(value, name_binary=True)
