"""From what an Agent Server says of a thread to `Head`s, and to rows as a checkpoint database would store them.

The server shows states, not checkpoints: ``ThreadState`` of langgraph-api 0.16.7 has values, what is next, and per task
its result, interrupts and error. Versions of channels and stored answers it does not tell. A row of ``threads.search``
has neither the checkpoint's id nor the names of the nodes that ask.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from langgraph.types import Interrupt, Send

from signoff.checkpoints import Head, Question, Task
from signoff.checkpoints.decoding import STRICT, time_of
from signoff.checkpoints.head import ERROR, INTERRUPT, CheckpointRow, WriteRow
from signoff.reviews import Json
from signoff.scalars import read_scalars

PAUSED, FAILED, RUNNING = "interrupted", "error", "busy"
_NO_WRITES = "__no_writes__"  # what a task leaves that wrote nothing (langgraph 1.2.22)
_PAUSE = {"__start__": 1}  # versions that say of a head: something moved since the last static pause
_NOISE = ("langgraph_", "__")
_DROPPED = frozenset({"run_attempt", "user_id", "created_by", "checkpoint_map", "thread_id"})


def is_told(row: Mapping[str, Any]) -> bool:
    """Tell whether a row says all that the queue has to know, so that the thread's state need not be asked for.

    A failed resume leaves ``interrupts`` empty although the question still waits; at a static breakpoint it is empty
    too. Older servers leave it out, or leave out the ids. A row is ``idle`` although its thread asks: of a copy, whose
    state no run has moved, and after a run was cancelled before it began.
    """
    status, asked = row.get("status"), row.get("interrupts")
    if status == FAILED:
        return False
    if status == PAUSED:
        return bool(asked) and all(isinstance(one.get("id"), str) for one in _flat(asked or {}))
    copied = "graph_id" in (row.get("metadata") or {}) and row.get("state_updated_at") == row.get("created_at")
    return status == RUNNING or not (asked or copied)


def head_of_row(row: Mapping[str, Any]) -> Head:
    """Return a thread's head as far as its row tells it: without checkpoint, and questions without their nodes."""
    tasks = _tasks_of_row(row)
    values = row.get("values")
    return Head(
        thread_id=str(row["thread_id"]),
        checkpoint_id="",
        created_at=moment(row.get("state_updated_at") or row.get("updated_at")),
        metadata=plain_metadata(row.get("metadata")),
        tasks=tasks,
        scalars=read_scalars(values) if tasks and isinstance(values, dict) else {},
    )


def head_of_state(row: Mapping[str, Any], state: Mapping[str, Any]) -> Head:
    """Return a thread's head from its state; ``row`` has its status and the metadata that its owner gave it.

    The server does not tell where a graph pauses without asking. A thread that is ``interrupted`` and asks nothing
    stands at such a breakpoint, unless its row has an error, as after a run was cancelled; versions of channels, which
    the server does not tell either, are made to say so. A task
    that a command sent to its node (``goto``) is in no state, and some servers leave out all interrupts (langgraph
    issue 6362): then the row tells them.
    """
    metadata = plain_metadata(row.get("metadata")) | plain_metadata(state.get("metadata"))
    tasks = tuple(task for task in map(read_task, state.get("tasks") or ()) if _has_run(task))
    if row.get("status") == PAUSED and not any(task.questions for task in tasks):
        tasks += _tasks_of_row(row)
    due = tuple(sorted(state.get("next") or ()))
    values = state.get("values")
    return Head(
        thread_id=str(row["thread_id"]),
        checkpoint_id=place_of(state),
        created_at=moment(state.get("created_at")),
        step=_number(metadata.get("step")),
        source=str(metadata.get("source", "")),
        metadata=metadata,
        next=due,
        versions=_PAUSE if row.get("status") == PAUSED and not row.get("error") else {},
        tasks=tasks,
        scalars=read_scalars(values) if (due or tasks) and isinstance(values, dict) else {},
        expires_at=_expiry(row.get("ttl")),
    )


def read_task(task: Mapping[str, Any], *, namespace: str = "") -> Task:
    """Return one task of a state. The server tells no stored answers; see `with_answer`."""
    node = str(task.get("name"))
    own = f"{node}:{task['id']}"
    return Task(
        id=str(task["id"]),
        path=f"{namespace}|{own}" if namespace else own,
        node=node,
        questions=tuple(_questions(task.get("interrupts") or (), node)),
        error=None if task.get("error") is None else str(task["error"]),
        finished=task.get("result") is not None and not task.get("error"),
    )


def checkpoint_row(thread_id: str, state: Mapping[str, Any]) -> CheckpointRow:
    """Return a state as the row that a checkpoint database would have, its ``next`` as channels that trigger nodes."""
    values = state.get("values")
    held: dict[str, Any] = dict(values) if isinstance(values, dict) else {} if values is None else {"__root__": values}
    sends = [task for task in state.get("tasks") or () if _is_send(task)]
    pulls = {node for node in state.get("next") or ()} - {task["name"] for task in sends}
    held |= {"__pregel_tasks": [Send(task["name"], None) for task in sends]} if sends else {}
    held |= {"__start__" if node == "__start__" else f"branch:to:{node}": None for node in pulls}
    metadata = state.get("metadata") or {}
    versions = {name: _digest(value) for name, value in held.items()}
    stored = {
        "ts": moment(state.get("created_at")).isoformat(),
        "channel_values": held,
        "channel_versions": versions,
    }
    return CheckpointRow(
        thread_id=thread_id,
        checkpoint_ns=str((state.get("checkpoint") or {}).get("checkpoint_ns") or ""),
        checkpoint_id=place_of(state),
        parent_id=parent_of(state),
        checkpoint=STRICT.dumps_typed(stored),
        metadata=plain_metadata(metadata),
    )


def write_rows(state: Mapping[str, Any], *, passed: bool) -> tuple[WriteRow, ...]:
    """Return what the tasks of a state wrote; ``passed`` says that the thread has gone on from there."""
    return tuple(row for task in state.get("tasks") or () for row in _writes(task, passed=passed))


def place_of(state: Mapping[str, Any]) -> str:
    """Return a state's checkpoint id; older servers only tell it under ``checkpoint``."""
    return str(state.get("checkpoint_id") or (state.get("checkpoint") or {}).get("checkpoint_id") or "")


def parent_of(state: Mapping[str, Any]) -> str | None:
    """Return the id of the checkpoint that a state came from."""
    parent = state.get("parent_checkpoint_id") or (state.get("parent_checkpoint") or {}).get("checkpoint_id")
    return str(parent) if parent else None


def moment(said: Any) -> datetime:
    """Return a time that the server said, in UTC; the epoch where it said none."""
    try:
        found = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return time_of("")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def plain_metadata(said: Any) -> dict[str, Json]:
    """Return metadata without what the server notes for itself (``langgraph_…``, ``run_attempt``)."""
    given = said if isinstance(said, Mapping) else {}
    return {k: v for k, v in given.items() if k not in _DROPPED and not str(k).startswith(_NOISE)}


def _tasks_of_row(row: Mapping[str, Any]) -> tuple[Task, ...]:
    waits = row.get("status") in (PAUSED, RUNNING)
    return tuple(
        Task(id=task, path="", node=None, questions=tuple(_questions(asked, None)))
        for task, asked in (row.get("interrupts") or {}).items()
        if waits and asked
    )


def _writes(task: Mapping[str, Any], *, passed: bool) -> Iterable[WriteRow]:
    asked: list[Interrupt] = [
        Interrupt(value=one.get("value"), id=str(one.get("id")), response_schema=one.get("response_schema"))
        for one in task.get("interrupts") or ()
    ]
    if asked:
        yield _write(task, INTERRUPT, asked)
    if task.get("error") is not None:
        yield _write(task, ERROR, task["error"])
    result = task.get("result")
    if isinstance(result, Mapping) and result:
        yield from (_write(task, str(channel), value) for channel, value in result.items())
    elif result is not None and not isinstance(result, Mapping):
        yield _write(task, "__root__", result)
    elif (passed or result is not None) and task.get("error") is None and not asked:
        yield _write(task, _NO_WRITES, None)


def _write(task: Mapping[str, Any], channel: str, value: Any) -> WriteRow:
    path = f"~__pregel_pull, {task['name']}"
    return WriteRow(task_id=str(task["id"]), task_path=path, channel=channel, value=STRICT.dumps_typed(value))


def _questions(asked: Sequence[Mapping[str, Any]], node: str | None) -> Iterable[Question]:
    for one in asked:
        if isinstance(one.get("id"), str):
            schema = one.get("response_schema")
            yield Question(
                interrupt_id=one["id"],
                node=node,
                payload=one.get("value"),
                schema=schema if isinstance(schema, (dict, bool)) else None,
            )


def _flat(asked: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterable[Mapping[str, Any]]:
    return (one for questions in asked.values() for one in questions)


def _has_run(task: Task) -> bool:
    return task.finished or bool(task.questions) or task.error is not None


def _is_send(task: Mapping[str, Any]) -> bool:
    path = task.get("path") or ()
    return list(path)[:1] == ["__pregel_push"]


def _digest(value: Any) -> str:
    """Return what stands for a channel's version, which the server does not tell: it moves when the value changes."""
    return hashlib.blake2b(repr(value).encode(), digest_size=8).hexdigest()


def _expiry(ttl: Any) -> datetime | None:
    said = ttl.get("expires_at") if isinstance(ttl, Mapping) else None
    return moment(said) if said else None


def _number(said: Any) -> int:
    return said if isinstance(said, int) else 0
