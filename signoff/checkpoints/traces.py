"""From stored rows to `Trace`s: the course of a thread and one channel of its state, for less than a `Step`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from signoff.checkpoints import Trace
from signoff.checkpoints.due import next_nodes, node_of
from signoff.checkpoints.head import (
    CheckpointRow,
    WriteRow,
    created_at,
    decoded,
    mapping,
    metadata_of,
    read_tasks,
    step_of,
)
from signoff.reviews import ABSENT


def read_trace(row: CheckpointRow, writes: Sequence[WriteRow], channel: str) -> Trace:
    """Return one checkpoint without its state but for one channel, which is not turned into JSON yet."""
    problems: list[str] = []
    checkpoint = decoded(row, problems)
    values = mapping(checkpoint.get("channel_values"))
    tasks, metadata = read_tasks(writes, values, problems), metadata_of(row.metadata)
    return Trace(
        checkpoint_id=row.checkpoint_id,
        parent_id=row.parent_id,
        step=step_of(metadata),
        source=str(metadata.get("source", "")),
        created_at=created_at(checkpoint, row.checkpoint_id),
        next=next_nodes(values),
        ran=_nodes(task.node for task in tasks if task.finished),
        asking=_nodes(task.node for task in tasks if task.questions and not task.finished),
        failed=_nodes(task.node for task in tasks if task.error and not task.finished),
        wrote=_nodes(node_of(write.task_path, values) for write in writes if write.channel == channel),
        version=mapping(checkpoint.get("channel_versions")).get(channel),
        stored=values.get(channel, ABSENT),
    )


def _nodes(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))
