"""The answers that runs of an Agent Server were given: its states do not tell which answer a task holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from langgraph.types import _interrupt_id  # private; tests/unit/checkpoints guard its meaning

from signoff.checkpoints import Task
from signoff.reviews import Json

_REFUSED = "validation error"  # pydantic's words: an answer that was refused by its schema is not kept


def answers_in(runs: Sequence[Mapping[str, Any]], interrupt_id: str) -> tuple[Json, ...]:
    """Return the answers to a question in the commands of runs, in the order of the runs."""
    given = [((run.get("kwargs") or {}).get("command") or {}).get("resume") for run in runs]
    return tuple(one[interrupt_id] for one in given if isinstance(one, Mapping) and interrupt_id in one)


def with_answer(task: Task, interrupt_id: str, runs: Sequence[Mapping[str, Any]]) -> Task:
    """Return a task that failed with the answers it holds, as far as they can be told (``runs`` newest first).

    Those to its earlier questions are not; they only count. A task holds none that the schema of its question refused.
    """
    given = answers_in(runs, interrupt_id)
    typed = any(one.interrupt_id == interrupt_id and one.schema is not None for one in task.questions)
    if not given or (typed and _REFUSED in (task.error or "")):
        return task
    earlier = next((n for n in range(64) if _interrupt_id(task.path, n) == interrupt_id), 0)
    return replace(task, resumed=(*([None] * earlier), given[0]))
