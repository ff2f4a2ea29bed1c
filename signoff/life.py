"""A thread's life, page by page: its steps in outline, the tree of its forks, and single steps in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from signoff.checkpoints.lines import Line, read_lines
from signoff.checkpoints.steps import read_some
from signoff.checkpoints.strand import ALL, Find
from signoff.decisions import Decision
from signoff.desk import Desk
from signoff.errors import CheckpointNotFound, ThreadNotFound
from signoff.history import Lane, Moment, lanes, tell
from signoff.reviews import Kind

BEHIND = "~"
"""Added to a checkpoint id, it makes a cursor behind it: ``before=ID~`` begins with that checkpoint itself."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some steps of one namespace, newest first.

    ``current`` holds those on the current branch, which ends in the newest step. ``lanes`` places each step in the
    tree of forks. ``older`` is the cursor of the next page, None on the last one. ``decisions`` are by checkpoint.
    """

    lines: tuple[Line, ...]
    older: str | None
    current: frozenset[str]
    lanes: tuple[Lane, ...]
    decisions: Mapping[str, tuple[Decision, ...]]


def page(
    desk: Desk,
    thread_id: str,
    *,
    namespace: str = "",
    limit: int = 25,
    before: str | None = None,
    find: Find = ALL,
    decided: bool = False,
) -> Page:
    """Return at most ``limit`` steps that match, older than ``before``; ``decided`` wants those with answers alone.

    Costs the page, whatever the length of the thread. Raises `ThreadNotFound` where there is no step at all.
    """
    decisions = _by_checkpoint(desk, thread_id)
    answered = frozenset(checkpoint for checkpoint, found in decisions.items() if answers(found))
    wanted = Find(**{**vars(find), "at": answered}) if decided else find
    strand = desk.checkpoints.strand(thread_id, namespace)
    lines = read_lines(strand, limit=limit + 1, before=before, find=wanted)
    if not lines and wanted == ALL and before is None:
        raise ThreadNotFound(thread_id)
    shown = lines[:limit]
    current = strand.ancestors(down_to=min((line.checkpoint_id for line in shown), default=""))
    return Page(
        lines=shown,
        older=shown[-1].checkpoint_id if len(lines) > limit else None,
        current=current,
        lanes=lanes([(line.checkpoint_id, line.parent_id) for line in shown], current),
        decisions={line.checkpoint_id: decisions.get(line.checkpoint_id, ()) for line in shown},
    )


def answers(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return those that answer what was asked on their step: going back to a step answers nothing there."""
    return tuple(decision for decision in decisions if decision.kind is not Kind.TRAVEL)


def newest(desk: Desk, thread_id: str, namespace: str = "") -> tuple[str, str]:
    """Return the newest checkpoint of a namespace, and where it lies: in the thread itself if that has no such one.

    Raises `ThreadNotFound`.
    """
    for place in (namespace, ""):
        for row in desk.checkpoints.strand(thread_id, place).rows(limit=1, brief=True):
            return row.checkpoint_id, place
    raise ThreadNotFound(thread_id)


def outline(desk: Desk, thread_id: str, checkpoint_id: str, namespace: str = "") -> Line:
    """Return one step in outline. Raises `CheckpointNotFound`."""
    strand = desk.checkpoints.strand(thread_id, namespace)
    for line in read_lines(strand, limit=1, before=f"{checkpoint_id}{BEHIND}"):
        if line.checkpoint_id == checkpoint_id:
            return line
    raise CheckpointNotFound(thread_id, checkpoint_id)


def moment(desk: Desk, thread_id: str, checkpoint_id: str, namespace: str = "") -> Moment:
    """Return one step with its whole state, its changes and its decisions. Raises `CheckpointNotFound`."""
    strand = desk.checkpoints.strand(thread_id, namespace)
    own = read_some(strand, [checkpoint_id]).get(checkpoint_id)
    if own is None:
        raise CheckpointNotFound(thread_id, checkpoint_id)
    parents = read_some(strand, [own.parent_id]) if own.parent_id else {}
    decisions = desk.database.decisions.of_thread(thread_id)
    return tell([own, *parents.values()], [d for d in decisions if not namespace])[0]


def child_of(desk: Desk, thread_id: str, checkpoint_id: str, namespace: str = "") -> str | None:
    """Return the newest step that was made from this one, or None."""
    return desk.checkpoints.strand(thread_id, namespace).child_of(checkpoint_id)


def _by_checkpoint(desk: Desk, thread_id: str) -> Mapping[str, tuple[Decision, ...]]:
    found: defaultdict[str, tuple[Decision, ...]] = defaultdict(tuple)
    for decision in desk.database.decisions.of_thread(thread_id):
        found[decision.checkpoint_id] += (decision,)
    return found
