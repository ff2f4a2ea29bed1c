"""A thread's life as steps: what each step changed, and where people decided. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from signoff.checkpoints import Step
from signoff.checkpoints.due import nodes_of
from signoff.decisions import Decision
from signoff.reviews import Json, Kind

SOURCES = {"input": "input", "loop": "started", "update": "state edited", "fork": "forked"}
"""What happened at a step that no node made, by the source of its checkpoint."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One channel that a step changed; ``before`` is missing from ``added`` ones, ``after`` from ``removed`` ones."""

    channel: str
    how: str
    before: Json = None
    after: Json = None


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One step: the decisions that were taken at it, and what it changed.

    ``changes`` are told against ``before``, the state of the step's parent.
    """

    step: Step
    decisions: tuple[Decision, ...]
    changes: tuple[Change, ...]
    before: Mapping[str, Json] = field(default_factory=dict)


def tell(steps: Sequence[Step], decisions: Sequence[Decision]) -> tuple[Moment, ...]:
    """Return the story of some steps, in their order (newest first); changes are against each step's own parent.

    The parent of the last step may lie on the next page: then changes are against nothing.
    """
    by_id = {step.checkpoint_id: step for step in steps}
    return tuple(_moment(step, by_id.get(step.parent_id or ""), decisions) for step in steps)


def _moment(step: Step, parent: Step | None, decisions: Sequence[Decision]) -> Moment:
    return Moment(
        step=step,
        decisions=tuple(d for d in decisions if d.checkpoint_id == step.checkpoint_id),
        changes=changes(parent.values if parent else {}, step.values),
        before=parent.values if parent else {},
    )


def ran(step: Step, parent: Step | None) -> tuple[str, ...]:
    """Return the nodes that ran on its parent to make a step, once for each task; none made an input, copy or edit."""
    tasks = parent.tasks if parent and step.source == "loop" else ()
    return nodes_of(task for task in tasks if task.finished)


def side_by_side(nodes: Sequence[str]) -> str:
    """Return nodes that ran in parallel in a few words: ``assess ×3 ‖ legal``."""
    counts = Counter(nodes).items()  # in the order in which each was met first
    return " ‖ ".join(f"{node} ×{count}" if count > 1 else node for node, count in counts)


def in_words(decision: Decision) -> str:
    """Return what somebody decided in a few words, without the answer itself."""
    travels = decision.kind is Kind.TRAVEL
    did = f"Forked to {decision.home}" if decision.forks else "Run again" if travels else "Answered"
    edited = " with an edited state" if travels and decision.resume.get("values") else ""
    return f"{did}{edited} by {decision.reviewer.name}"


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Where a step stands in the tree of forks: its column, 0 for the current branch, and the columns that pass it."""

    column: int
    passing: tuple[int, ...]


def lanes(steps: Sequence[tuple[str, str | None]], current: Collection[str]) -> tuple[Lane, ...]:
    """Return the lane of each of some steps, given as (id, parent id), newest first."""
    below: list[str | None] = [None]  # by column, the step that its line leads down to
    found = []
    for step, parent in steps:
        leading = [column for column, wanted in enumerate(below) if wanted == step]
        free = [column for column, wanted in enumerate(below) if column and wanted is None]
        column = 0 if step in current else next((c for c in leading if c), next(iter(free), len(below)))
        below += [None] * (column + 1 - len(below))
        for ended in leading:
            below[ended] = None
        below[column] = parent
        found.append(Lane(column=column, passing=tuple(c for c, wanted in enumerate(below) if wanted or c == column)))
    return tuple(found)


def changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[Change, ...]:
    """Return what differs between two states, by channel, sorted by name."""
    found = []
    for channel in sorted(before.keys() | after.keys()):
        if channel not in before:
            found.append(Change(channel=channel, how="added", after=after[channel]))
        elif channel not in after:
            found.append(Change(channel=channel, how="removed", before=before[channel]))
        elif before[channel] != after[channel]:
            found.append(Change(channel=channel, how="changed", before=before[channel], after=after[channel]))
    return tuple(found)
