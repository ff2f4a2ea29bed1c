"""The outline of a thread: who made each step, when and how long it took, without reading its state as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from signoff.checkpoints.decoding import time_of, to_json
from signoff.checkpoints.due import internal, left_of, next_nodes, node_of, nodes_of
from signoff.checkpoints.head import (
    CONTROL,
    ERROR,
    INPUT_TASK,
    INTERRUPT,
    RESUME,
    RETURN,
    CheckpointRow,
    WriteRow,
    created_at,
    decoded,
    mapping,
    metadata_of,
    step_of,
    value_of,
)
from signoff.checkpoints.strand import ALL, Find, Inner, Strand

_UPDATE = "~__interrupt__"  # the path of what `update_state` writes (langgraph 1.2.22)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one task did on a step.

    ``called`` tells of a finished one that a node's own code called it (``@task``), ``edit`` that it was a call of
    ``update_state``.
    """

    task_id: str
    node: str | None
    channels: tuple[str, ...]
    asked: bool
    answered: bool
    error: str | None
    finished: bool
    called: bool
    edit: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step in outline.

    ``made_by`` are the tasks that made the step, ``runs`` those that ran on it later; ``took`` is the time since its
    parent. ``next`` and ``to_run`` are those of `Step`, None where the state is too large to look into. ``inner`` are
    the subgraphs that ran on it.
    """

    checkpoint_id: str
    checkpoint_ns: str
    parent_id: str | None
    step: int
    source: str
    created_at: datetime
    took: timedelta | None
    next: tuple[str, ...] | None
    to_run: tuple[str, ...] | None
    made_by: tuple[Run, ...] = ()
    runs: tuple[Run, ...] = ()
    inner: tuple[Inner, ...] = ()
    problem: str | None = None

    @property
    def nodes(self) -> tuple[str, ...]:
        """Return the nodes that made the step, once for each of their tasks."""
        return nodes_of(self.made_by)

    @property
    def wrote(self) -> tuple[str, ...]:
        """Return the channels that were written to make the step, each once."""
        return tuple(dict.fromkeys(channel for run in self.made_by for channel in run.channels))

    @property
    def asked(self) -> bool:
        """Tell whether a task on it asked a question."""
        return any(run.asked for run in self.runs)

    @property
    def error(self) -> str | None:
        """Return the first error of a task on it, or why it cannot be read."""
        return next((run.error for run in self.runs if run.error), self.problem)

    def matches(self, find: Find) -> bool:
        """Tell whether the step is among those looked for."""
        return (
            (not find.node or find.node in (*self.nodes, *(run.node for run in self.runs)))
            and (not find.channel or find.channel in self.wrote)
            and (not find.failed or any(run.error for run in self.runs))
            and (not find.asked or self.asked)
            and (find.at is None or self.checkpoint_id in find.at)
        )


def read_lines(strand: Strand, *, limit: int, before: str | None = None, find: Find = ALL) -> tuple[Line, ...]:
    """Return at most ``limit`` steps that match, newest first, older than checkpoint ``before`` when given."""
    found: list[Line] = []
    while len(found) < limit:
        rows = strand.rows(limit=limit, before=before, find=find, brief=True)
        found += [line for line in _outlined(strand, rows) if line.matches(find)]
        if len(rows) < limit:
            break
        before = rows[-1].checkpoint_id
    shown = found[:limit]
    inner = strand.inner([line.checkpoint_id for line in shown])
    return tuple(replace(line, inner=_nearest(inner.get(line.checkpoint_id, ()))) for line in shown)


def _outlined(strand: Strand, rows: Sequence[CheckpointRow]) -> Iterable[Line]:
    listed = {row.checkpoint_id for row in rows}
    around = [*rows, *strand.named({row.parent_id for row in rows if row.parent_id} - listed, brief=True)]
    writes = strand.writes([row.checkpoint_id for row in around], values=False)
    problems: dict[str, list[str]] = {row.checkpoint_id: [] for row in around}
    stored = {row.checkpoint_id: _read(row, problems[row.checkpoint_id]) for row in around}
    runs = {place: _runs(writes.get(place, ()), _values(checkpoint)) for place, checkpoint in stored.items()}
    for row in rows:
        yield _line(row, stored[row.checkpoint_id], runs, problems[row.checkpoint_id])


def _line(
    row: CheckpointRow,
    checkpoint: Mapping[str, Any] | None,
    runs: Mapping[str, tuple[Run, ...]],
    problems: list[str],
) -> Line:
    metadata = metadata_of(row.metadata)
    source = str(metadata.get("source", ""))
    due = None if checkpoint is None else next_nodes(_values(checkpoint))
    return Line(
        checkpoint_id=row.checkpoint_id,
        checkpoint_ns=row.checkpoint_ns,
        parent_id=row.parent_id,
        step=step_of(metadata),
        source=source,
        created_at=created_at(checkpoint or {}, row.checkpoint_id),
        took=None if source == "fork" else _between(row.parent_id, row.checkpoint_id),  # a copy takes no time
        next=due,
        to_run=None if due is None else left_of(due, runs[row.checkpoint_id]),
        made_by=made_by(source, runs.get(row.parent_id or "", ())),
        runs=runs[row.checkpoint_id],
        problem="; ".join(problems) or None,
    )


def made_by(source: str, runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return those of the runs on a step that made its child of this source; a copy or an input is made by none."""
    if source == "update":
        return tuple(run for run in runs if run.edit)
    return tuple(run for run in runs if run.finished and not run.edit) if source == "loop" else ()


def _runs(writes: Sequence[WriteRow], values: Mapping[str, Any]) -> tuple[Run, ...]:
    by_task: dict[str, list[WriteRow]] = {}
    for write in writes:
        if write.task_id != INPUT_TASK:
            by_task.setdefault(write.task_id, []).append(write)
    return tuple(_run(task, own, values) for task, own in by_task.items())


def _run(task_id: str, writes: Sequence[WriteRow], values: Mapping[str, Any]) -> Run:
    channels = {write.channel: write for write in writes}
    problems: list[str] = []
    error = to_json(value_of(channels.get(ERROR), problems, "an error"))
    return Run(
        task_id=task_id,
        node=node_of(writes[0].task_path, values),
        channels=tuple(channel for channel in channels if not internal(channel)),
        asked=INTERRUPT in channels,
        answered=RESUME in channels,
        error=None if ERROR not in channels else "; ".join(problems) or str(error),
        finished=any(channel not in CONTROL for channel in channels),
        called=RETURN in channels,
        edit=writes[0].task_path.startswith(_UPDATE),
    )


def _read(row: CheckpointRow, problems: list[str]) -> Mapping[str, Any] | None:
    return None if row.checkpoint[1] is None else decoded(row, problems)


def _values(checkpoint: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return mapping(checkpoint.get("channel_values")) if checkpoint else {}


def _between(parent_id: str | None, checkpoint_id: str) -> timedelta | None:
    since, until = time_of(parent_id or ""), time_of(checkpoint_id)
    return until - since if since > datetime.fromtimestamp(0, UTC) <= until else None


def _nearest(inner: Sequence[Inner]) -> tuple[Inner, ...]:
    """Return the namespaces that lie directly inside: those within another one are listed when that one is opened."""
    names = {one.namespace for one in inner}
    return tuple(one for one in inner if not any(one.namespace.startswith(f"{name}|") for name in names))
