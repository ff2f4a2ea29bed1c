"""The branches of a thread's history: where each ends, and where it left another. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signoff.checkpoints import Step


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One line of steps. ``tip`` is its newest checkpoint; ``current`` says whether the thread stands there.

    ``left`` is the checkpoint at which it left an older branch, ``left_step`` its number; both are None for the line
    that the thread began with, and where that step is older than those looked at. ``steps`` counts its own checkpoints.
    """

    tip: str
    ended_at: datetime
    step: int
    steps: int
    left: str | None
    left_step: int | None
    current: bool


def branches(steps: Sequence[Step]) -> tuple[Branch, ...]:
    """Return the branches among some steps of one thread, the current one first, then by the time of their tips.

    ``steps`` are newest first, as `Checkpoints.steps` returns them. What two branches share belongs to the older one:
    that is the one whose step after the fork is older.
    """
    by_id = {step.checkpoint_id: step for step in steps}
    parents = {step.parent_id for step in steps}
    tips = [step for step in steps if step.checkpoint_id not in parents]
    eldest: dict[str, str] = {}
    for step in reversed(steps):
        if step.parent_id is not None:
            eldest.setdefault(step.parent_id, step.checkpoint_id)
    return tuple(_branch(tip, by_id, eldest, current=tip is steps[0]) for tip in tips)


def _branch(tip: Step, by_id: dict[str, Step], eldest: dict[str, str], *, current: bool) -> Branch:
    own, at = 1, tip
    while (parent := by_id.get(at.parent_id or "")) and eldest[parent.checkpoint_id] == at.checkpoint_id:
        own, at = own + 1, parent
    return Branch(
        tip=tip.checkpoint_id,
        ended_at=tip.created_at,
        step=tip.step,
        steps=own,
        left=parent.checkpoint_id if parent else None,
        left_step=parent.step if parent else None,
        current=current,
    )
