"""Which way a thread took through its graph, up to where it stands or to one of its steps."""

from __future__ import annotations

from itertools import pairwise

from signoff.checkpoints import Trace
from signoff.desk import Desk
from signoff.errors import GraphBroken, GraphUnknown, ThreadNotFound
from signoff.picture import END, Mark, Route
from signoff.reviews import Kind, Review

MOST = 1_000
"""Checkpoints that are looked at, the newest."""

_BATCH = 100


def route(desk: Desk, thread_id: str, checkpoint_id: str | None = None) -> Route:
    """Return the way to a checkpoint, by default and where it is gone to the newest, and what is to be done there.

    Only its own ancestors count, so what other forks did is left out. Raises `ThreadNotFound`.
    """
    line = _line(desk, thread_id, checkpoint_id)
    if not line and checkpoint_id:
        return route(desk, thread_id)
    if not line:
        raise ThreadNotFound(thread_id)
    head, before = line[0], line[1:]
    marks: dict[str, Mark] = {node: "ran" for trace in before for node in trace.ran}
    marks |= {node: "ran" for node in head.ran}
    marks |= {node: "next" for node in head.next if node not in head.ran}
    marks |= {node: "asks" for node in head.asking or _paused(desk, head, thread_id, newest=checkpoint_id is None)}
    marks |= {node: "failed" for node in head.failed}
    made = before[0].ran if checkpoint_id and before else ()
    return Route(marks=marks, taken=_taken(line), made=made, complete=len(line) < MOST or line[-1].parent_id is None)


def again(desk: Desk, review: Review) -> tuple[str | None, ...]:
    """Return the nodes that run from their first lines once a question is answered, the outermost first.

    LangGraph (1.2.22) enters a subgraph that is a node itself and runs again only the node in it that asked; a node
    whose own code calls a graph runs again, too. None stands for a node of which the checkpoints have no name.
    """
    try:
        shape = desk.graphs.shape(review.graph or "")
    except (GraphBroken, GraphUnknown):
        return (review.node,)
    whole = any(spot.name == review.node and spot.whole for spot in shape.outline.spots)
    inside = whole or (review.node,) in shape.callers
    task = desk.checkpoints.asking(review.thread_id, review.interrupt_id or "") if inside else None
    if task is None:
        return (review.node,)
    around = [part.partition(":")[0] for part in task.path.split("|") if ":" in part][:-1]  # others number calls
    places = (tuple(around[: depth + 1]) for depth in range(len(around)))
    return (*(place[-1] for place in places if place in shape.callers), task.node)


def _line(desk: Desk, thread_id: str, checkpoint_id: str | None) -> list[Trace]:
    """Return a checkpoint and its ancestors, newest first, at most `MOST`."""
    found: list[Trace] = []
    wanted, before = checkpoint_id, f"{checkpoint_id}~" if checkpoint_id else None
    while len(found) < MOST and (batch := desk.checkpoints.traces(thread_id, limit=_BATCH, before=before)):
        for trace in batch:
            if wanted in (None, trace.checkpoint_id):
                found.append(trace)
                wanted = trace.parent_id or ""
        if not wanted:
            break
        before = batch[-1].checkpoint_id
    return found[:MOST]


def _paused(desk: Desk, head: Trace, thread_id: str, *, newest: bool) -> tuple[str, ...]:
    """Return where a thread waits at a static breakpoint, which is not stored; its open reviews tell."""
    if not newest:
        return ()
    here = (review for review in desk.open_on(thread_id) if review.checkpoint_id == head.checkpoint_id)
    return tuple(review.node for review in here if review.node and review.kind is Kind.BREAKPOINT)


def _taken(line: list[Trace]) -> frozenset[tuple[str, str]]:
    """Return the edges between what ran on one checkpoint and what was to run, or ran, on the next; and to the end."""
    found: set[tuple[str, str]] = set()
    for child, parent in pairwise(line):
        reached = {*child.next, *child.ran, *child.asking, *child.failed} - {"__start__"}
        found |= {(one, two) for one in parent.ran for two in reached}
    head = line[0]
    if not head.next and len(line) > 1:
        found |= {(one, END) for one in line[1].ran}
    return frozenset(found)
