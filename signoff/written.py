"""What the nodes wrote or raised while a decision was applied: a copy for the record; the thread may be deleted."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from signoff.checkpoints import Checkpoints, Step, Write
from signoff.decisions import Decision, Progress
from signoff.reviews import Json, Kind

LARGEST = 4_000
"""Characters of one value, as JSON, that are kept."""
MOST = 40_000
"""Characters of all values of one decision that are kept."""

_TRACEBACK = 8_000  # characters kept of a node's traceback
_PAGE, _FARTHEST = 8, 64  # steps read at a time, and in all
_log = logging.getLogger(__name__)


class Journal(Protocol):
    """Where decisions and their progress are on record."""

    def get(self, decision_id: str) -> Decision | None:
        """Return one decision."""

    def progress(self, decision_id: str) -> Sequence[Progress]:
        """Return which nodes ran while a decision was applied."""


def copied(checkpoints: Checkpoints, journal: Journal, decision_id: str) -> Json:
    """Return what was written since the decision began to be applied; call it under the thread's lock.

    ``{"writes": [{"node", "channel", "value"} …], "complete": bool}``, oldest first. A value too large has ``omitted``
    instead, its length as JSON. None where nothing ran, or where it cannot be read: the outcome counts for more.
    """
    try:
        decision = journal.get(decision_id)
        if decision is None or decision.checkpoint_before is None:
            return None
        steps = _steps(checkpoints, decision)
        finished = {one.node for one in journal.progress(decision_id) if one.event == "finished"}
        return written(steps, decision, finished)
    except Exception:  # noqa: BLE001 - whatever it is, it must not keep the outcome from the record
        _log.warning("What was written by decision %s is not on record.", decision_id, exc_info=True)
        return None


def described(error: BaseException) -> str:
    """Return one line that says what was raised, and the end of the traceback below it."""
    trace = "".join(traceback.format_exception(error))
    return f"{type(error).__name__}: {error}\n\n{trace[-_TRACEBACK:]}"


def written(steps: Sequence[Step], decision: Decision, finished: Collection[str]) -> Json:
    """Return what the decision's run wrote, from the steps of its thread, newest first; ``finished`` are its nodes.

    On the checkpoint at which it began other tasks may have written before: those of the task that asked count, or,
    where nothing was asked, those of the nodes that finished.
    """
    by_id = {step.checkpoint_id: step for step in steps}
    way, at = [], steps[0] if steps else None
    while at:
        way.append(at)
        at = by_id.get(at.parent_id or "") if at.checkpoint_id != decision.checkpoint_before else None
    begun = bool(way) and way[-1].checkpoint_id == decision.checkpoint_before
    complete = begun or (decision.forks and bool(way) and way[-1].parent_id is None)
    found = [write for step in reversed(way) for write in _of_run(step, decision, finished)]
    kept, left = [], MOST
    for write in found:
        size = len(json.dumps(write.value))
        fits = size <= min(LARGEST, left)
        left -= size if fits else 0
        value = {"value": write.value} if fits else {"omitted": size}
        kept.append({"node": write.node, "channel": write.channel, **value})
    return {"writes": kept, "complete": complete and all("value" in one for one in kept)}


def _of_run(step: Step, decision: Decision, finished: Collection[str]) -> Iterator[Write]:
    for write in step.writes:
        if step.checkpoint_id != decision.checkpoint_before:
            yield write
        elif decision.kind is Kind.TRAVEL:
            return  # there the earlier run wrote
        elif decision.interrupt_id is None:
            if write.node is None or write.node in finished:
                yield write
        elif decision.interrupt_id in step.asked.get(write.task_id, ()):
            yield write


def _steps(checkpoints: Checkpoints, decision: Decision) -> list[Step]:
    """Return the thread's steps down to the one at which the decision began, as far as they are looked for."""
    found: list[Step] = []
    while len(found) < _FARTHEST:
        before = found[-1].checkpoint_id if found else None
        page = checkpoints.steps(decision.home, limit=_PAGE, before=before)
        found += page
        if len(page) < _PAGE or any(step.checkpoint_id == decision.checkpoint_before for step in page):
            break
    return found
