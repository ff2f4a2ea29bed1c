"""From stored rows to a `Head`: the rules by which LangGraph's rows say where a thread stands.

The same for every back end. Control writes as in langgraph 1.2.22 (``_internal/_constants.py``): ``__interrupt__``,
``__resume__``, ``__error__`` and ``__error_source_node__`` control a task.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from langgraph.types import _interrupt_id  # private; tests/unit/checkpoints guard its meaning

from signoff.checkpoints import Head, Question, Task
from signoff.checkpoints.decoding import Undecodable, decode, time_of, to_json
from signoff.checkpoints.due import internal, left_of, next_nodes, node_of
from signoff.reviews import Json
from signoff.scalars import read_scalars

INTERRUPT, RESUME, ERROR = "__interrupt__", "__resume__", "__error__"
RETURN = "__return__"  # what a node's own code gets of a task that it calls
CONTROL = frozenset((INTERRUPT, RESUME, ERROR, "__error_source_node__"))
_log = logging.getLogger(__name__)
_STEPS = 2**31  # what a desk can note
INPUT_TASK = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, kw_only=True)
class CheckpointRow:
    """One stored checkpoint; ``checkpoint`` is (serializer type, bytes), ``metadata`` JSON text or a mapping.

    ``blobs`` holds the values of channels that are stored apart, as (serializer type, bytes).
    """

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str
    parent_id: str | None
    checkpoint: tuple[str | None, bytes | None]
    metadata: bytes | str | Mapping[str, Any] | None
    blobs: Mapping[str, tuple[str | None, bytes | None]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WriteRow:
    """One stored write; ``value`` is (serializer type, bytes), or None where the reader did not ask for it."""

    task_id: str
    task_path: str
    channel: str
    value: tuple[str | None, bytes | None] | None


def read_head(row: CheckpointRow, writes: Sequence[WriteRow]) -> Head:
    """Return where the thread stands; what cannot be decoded is said in ``problem`` and costs nothing else.

    Rows in which no sense can be made, as another version of LangGraph may write them, cost their thread alone.
    """
    try:
        return _read_head(row, writes)
    except Exception as error:  # noqa: BLE001 - whatever it is, it costs this thread alone
        _log.exception("No sense was made of the rows of thread %s", row.thread_id)
        written = time_of(row.checkpoint_id)
        return Head(
            thread_id=row.thread_id, checkpoint_id=row.checkpoint_id, created_at=written, problem=unexpected(error)
        )


def unexpected(error: Exception) -> str:
    """Return the problem of a thread of which no sense is made."""
    return f"it is in a form that this version of Signoff does not know ({type(error).__name__}: {error})"[:500]


def _read_head(row: CheckpointRow, writes: Sequence[WriteRow]) -> Head:
    problems: list[str] = []
    checkpoint = decoded(row, problems)
    values = mapping(checkpoint.get("channel_values"))
    metadata = metadata_of(row.metadata)
    due, tasks = next_nodes(values), read_tasks(writes, values, problems)
    state = {name: value for name, value in values.items() if not internal(name)} if due or tasks else {}
    return Head(
        thread_id=row.thread_id,
        checkpoint_id=row.checkpoint_id,
        created_at=created_at(checkpoint, row.checkpoint_id),
        step=step_of(metadata),
        source=str(metadata.get("source", "")),
        metadata=metadata,
        next=left_of(due, tasks),
        versions=mapping(checkpoint.get("channel_versions")),
        seen=mapping(checkpoint.get("versions_seen")),
        tasks=tasks,
        scalars=read_scalars(state) if state else {},
        problem="; ".join(problems) or None,
    )


def read_tasks(
    writes: Sequence[WriteRow], values: Mapping[str, Any], problems: list[str], *, namespace: str = ""
) -> tuple[Task, ...]:
    """Return the tasks that wrote on one checkpoint, in the order of their first writes."""
    by_task: dict[str, list[WriteRow]] = {}
    for write in writes:
        if write.task_id != INPUT_TASK:
            by_task.setdefault(write.task_id, []).append(write)
    return tuple(_task(own, values, problems, namespace) for own in by_task.values())


def _task(writes: list[WriteRow], values: Mapping[str, Any], problems: list[str], namespace: str) -> Task:
    node = node_of(writes[0].task_path, values)
    control = {w.channel: w for w in writes if w.channel in CONTROL}
    asked = value_of(control.get(INTERRUPT), problems, "an interrupt") or ()
    resumed = value_of(control.get(RESUME), problems, "an answer")
    error = value_of(control.get(ERROR), problems, "an error")
    return Task(
        id=writes[0].task_id,
        path="|".join(filter(None, (namespace, f"{node}:{writes[0].task_id}"))),
        node=node,
        questions=tuple(_questions(asked, node)),
        resumed=tuple(to_json(resumed)) if isinstance(resumed, (list, tuple)) else (),
        error=None if error is None else str(to_json(error)),
        finished=any(w.channel not in CONTROL for w in writes),
        called=any(w.channel == RETURN for w in writes),
    )


Rows = Mapping[tuple[str, str], Sequence[WriteRow]]
"""Writes of a thread by (namespace, checkpoint id), outer namespaces first."""


def innermost(writes: Rows, interrupt_id: str) -> Task | None:
    """Return the task that waits for the answer to this question in the deepest namespace, or None.

    ``writes`` holds all writes on the newest checkpoint of each namespace. A finished task with this question, or
    another open question inside the subgraph of the task that repeats this one, tells that it was answered.
    """
    tasks = [(ns, task) for (ns, _), rows in writes.items() for task in read_tasks(rows, {}, [], namespace=ns)]
    asking = [(ns, task) for ns, task in tasks if interrupt_id in _ids(task)]
    if not asking or any(task.finished for _, task in asking):
        return None
    deepest = asking[-1][1]
    inside = [task for ns, task in tasks if ns == deepest.path or ns.startswith(f"{deepest.path}|")]
    return None if any(task.questions and not task.finished for task in inside) else deepest


def answers_to(writes: Rows, interrupt_id: str) -> tuple[Json, ...]:
    """Return the answers to this question that any task holds; ``writes`` holds the control writes of the thread.

    The n-th answer of a task belongs to the question whose id is made of the task's path and n. Where the path is not
    known (``Send`` and functional-API tasks), a task's newest answer belongs to its newest question. The last answer of
    a task with several questions is not kept when the task succeeds (langgraph-checkpoint-sqlite 3.1.2).
    """
    found: list[Json] = []
    for (namespace, _), rows in writes.items():
        for task in read_tasks(rows, {}, [], namespace=namespace):
            slots = [n for n in range(len(task.resumed)) if _interrupt_id(task.path, n) == interrupt_id]
            if slots:
                found.append(task.resumed[slots[0]])
            elif task.node is None and task.resumed and interrupt_id in _ids(task):
                found.append(task.resumed[-1])
    return tuple(found)


def _ids(task: Task) -> set[str]:
    return {question.interrupt_id for question in task.questions}


def is_stuck(task: Task, interrupt_id: str) -> bool:
    """Tell whether the task already holds an answer to this question and failed with it (langgraph 1.2.22).

    It would be given that answer again for ever. An answer that was refused by its schema is not kept. The id of a
    task's n-th question is made of the task's path and n, which says how many answers there were when it was asked.
    """
    if not task.error or not task.resumed:
        return False
    before = [n for n in range(len(task.resumed) + 1) if _interrupt_id(task.path, n) == interrupt_id]
    return len(task.resumed) > before[0] if before else "validation error" not in task.error


def _questions(asked: Any, node: str | None) -> Iterable[Question]:
    for interrupt in asked if isinstance(asked, (list, tuple)) else (asked,):
        interrupt_id = getattr(interrupt, "id", None)
        if isinstance(interrupt_id, str):
            schema = to_json(getattr(interrupt, "response_schema", None))
            yield Question(
                interrupt_id=interrupt_id,
                node=node,
                payload=to_json(getattr(interrupt, "value", None)),
                schema=schema if isinstance(schema, (dict, bool)) else None,
            )


def value_of(row: WriteRow | None, problems: list[str], what: str) -> Any:
    """Return a decoded write, None when it was not read or cannot be; why is added to ``problems``."""
    if row is None or row.value is None:
        return None
    stored = row.value
    return _attempt(lambda: decode(*stored), problems, what)


def _attempt(read: Any, problems: list[str], what: str) -> Any:
    try:
        return read()
    except Undecodable as reason:
        problems.append(f"{what} cannot be decoded ({reason})")
        return None


def decoded(row: CheckpointRow, problems: list[str]) -> Mapping[str, Any]:
    """Return a stored checkpoint, empty when it cannot be decoded; why is added to ``problems``.

    A channel stored apart that cannot be decoded costs itself alone.
    """
    stored = mapping(_attempt(lambda: decode(*row.checkpoint), problems, f"checkpoint {row.checkpoint_id}"))
    apart: dict[str, Any] = {}
    for channel, blob in row.blobs.items():
        try:
            apart[channel] = decode(*blob)
        except Undecodable as reason:
            problems.append(f"channel {channel} of checkpoint {row.checkpoint_id} cannot be decoded ({reason})")
    return {**stored, "channel_values": {**mapping(stored.get("channel_values")), **apart}} if row.blobs else stored


def mapping(stored: Any) -> Mapping[str, Any]:
    """Return what is a mapping, anything else as an empty one."""
    return stored if isinstance(stored, Mapping) else {}


def step_of(metadata: Mapping[str, Json]) -> int:
    """Return the number of a step."""
    step = metadata.get("step", 0)
    return step if isinstance(step, int) and abs(step) < _STEPS else 0


def metadata_of(stored: bytes | str | Mapping[str, Any] | None) -> Mapping[str, Json]:
    """Return stored metadata as JSON, empty when it cannot be read."""
    if isinstance(stored, Mapping):
        return {str(key): to_json(value) for key, value in stored.items()}
    try:
        loaded = json.loads(stored) if stored else {}
    except (ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def created_at(checkpoint: Mapping[str, Any], checkpoint_id: str) -> datetime:
    """Return when a checkpoint was written, by its id where it does not say, or what no clock can have said."""
    try:
        written = datetime.fromisoformat(checkpoint["ts"])
    except (KeyError, TypeError, ValueError):
        return time_of(checkpoint_id)
    if not MINYEAR < written.year < MAXYEAR:
        return time_of(checkpoint_id)
    return written if written.tzinfo else written.replace(tzinfo=UTC)
