"""Going back in time: running again from an earlier checkpoint, edited perhaps, or forking a new thread there."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from signoff.branches import Branch, branches
from signoff.checkpoints import Step
from signoff.checkpoints.steps import step_at
from signoff.decisions import Decision, Outcome, Reviewer
from signoff.desk import Desk
from signoff.dialects.shapes import fields
from signoff.dialects.trouble import Means
from signoff.errors import (
    AlreadyDecided,
    CheckpointNotFound,
    GraphUnknown,
    InvalidAnswer,
    RequestKeyUsed,
    ThreadBusy,
    ThreadMoved,
    ThreadNotFound,
    TravelImpossible,
)
from signoff.forms import find_problems
from signoff.forms.equality import identical
from signoff.reviews import ABSENT, Json, Kind, digest, review_id
from signoff.storable import find_unstorable

RERUN, FORK = "rerun", "fork"
_LOOKED_AT = 500  # steps among which branches are looked for
_START = "__start__"


@dataclass(frozen=True, kw_only=True)
class Departure:
    """What somebody is shown before going back: the step, where the thread stands now, and what would run again.

    ``again`` names the nodes that run first, empty where nothing was to run; what follows them is decided by the graph
    as it goes. ``state`` is the schema of what can be edited, None where nothing can be.
    """

    thread_id: str
    step: Step
    head: str
    graph: str
    again: tuple[str, ...]
    state: Json | None

    @property
    def warning(self) -> str:
        """Return one or two sentences on what runs again."""
        if not self.again:
            return "Nothing was to run at this step: it ended the thread."
        names = "The thread" if self.again == (_START,) else ", ".join(self.again)
        runs = "runs" if len(self.again) == 1 else "run"
        return (
            f"{names} {runs} again from the first line, then whatever follows. Side effects happen again: what was "
            "sent, booked or paid is not taken back."
        )


def departure(desk: Desk, thread_id: str, checkpoint_id: str) -> Departure:
    """Return what going back to a checkpoint would mean.

    Raises `ThreadNotFound`, `CheckpointNotFound`, `GraphUnknown` and `GraphBroken`.
    """
    graph, candidates = desk.graph_of(thread_id)
    step = step_at(desk.checkpoints, thread_id, checkpoint_id)
    if step is None:
        raise CheckpointNotFound(thread_id, checkpoint_id)
    if graph in desk.graphs.broken:
        raise desk.graphs.broken[graph or ""]
    if graph is None or graph not in desk.graphs.names:
        raise GraphUnknown(thread_id, candidates or desk.graphs.names)
    head = _newest(desk, thread_id)
    return Departure(
        thread_id=thread_id,
        step=step,
        head=head,
        graph=graph,
        again=tuple(dict.fromkeys(step.next)),
        state=_editable(desk, graph, step),
    )


def rerun(
    desk: Desk,
    leaving: Departure,
    *,
    reviewer: Reviewer,
    comment: str,
    values: Mapping[str, Json] | None = None,
    token: str | None = None,
) -> Decision:
    """Record that the thread is to run again from the step of ``leaving``, with these values of its state.

    It then stands on a new branch; the one that it leaves stays in its history. Of ``values`` only those that differ
    are sent. The same ``token`` again is the same decision. Raises `TravelImpossible`, `InvalidAnswer`, `ThreadBusy`,
    `ThreadMoved`, and `HeldByAnother` where somebody works on a review that would be left; then nothing was written.
    """
    if not leaving.again:
        raise TravelImpossible("Nothing was to run at this step, so there is nothing to run again.")
    asked = {"action": RERUN, "values": _changed(leaving, values), "run": True}
    title = "Edit the state and run again" if asked["values"] else "Run again"
    return _record(desk, leaving, asked, f"{title} from step {leaving.step.step}", reviewer, comment, token)


def fork(
    desk: Desk,
    leaving: Departure,
    *,
    reviewer: Reviewer,
    comment: str,
    to: str | None = None,
    values: Mapping[str, Json] | None = None,
    run: bool = False,
    token: str | None = None,
) -> Decision:
    """Record that a new thread is to begin with the state at the step of ``leaving``; it runs only if ``run`` says so.

    ``to`` is its id, by default a new one. Otherwise as `rerun`.
    """
    named = (to or "").strip() or str(uuid.UUID(_own_id(leaving.thread_id, token or uuid.uuid4().hex)))
    new = desk.sources.beside(leaving.thread_id, named)
    if run and not leaving.again:
        raise TravelImpossible("Nothing was to run at this step, so the new thread cannot be run.")
    known = desk.database.decisions.get(_own_id(leaving.thread_id, token)) if token else None
    if known is None and any(True for _ in desk.checkpoints.heads([new])):
        raise TravelImpossible(f"There is a thread {new!r} already; choose another id.")
    asked = {"action": FORK, "to": new, "values": _changed(leaving, values), "run": run}
    return _record(desk, leaving, asked, f"Fork step {leaving.step.step} to {new}", reviewer, comment, token)


def branches_of(desk: Desk, thread_id: str) -> tuple[Branch, ...]:
    """Return the branches of a thread, as far as its newest 500 steps tell."""
    return branches(desk.checkpoints.steps(thread_id, limit=_LOOKED_AT))


def _editable(desk: Desk, graph: str, step: Step) -> Json | None:
    if step.source == "input" or not step.next:
        return None  # the input is read by what runs next, over whatever the state holds
    editable = Means(channels=desk.graphs.shape(graph).channels, values=step.values).editable
    return {**fields(editable, title="State"), "additionalProperties": False} if editable else None


def _changed(leaving: Departure, values: Mapping[str, Json] | None) -> dict[str, Json]:
    """Return the values that differ from the state. Raises `InvalidAnswer` and `TravelImpossible`."""
    held = leaving.step.values
    changed = {name: value for name, value in (values or {}).items() if not identical(held.get(name, ABSENT), value)}
    if changed and leaving.state is None:
        raise TravelImpossible("The state cannot be edited at this step.")
    if problems := [*find_unstorable(changed), *find_problems(leaving.state or {}, changed)]:
        raise InvalidAnswer(problems)
    return changed


def _record(
    desk: Desk,
    leaving: Departure,
    asked: dict[str, Json],
    title: str,
    reviewer: Reviewer,
    comment: str,
    token: str | None,
) -> Decision:
    if not comment.strip():
        raise TravelImpossible("Say why: the reason is kept on record.")
    decision = _written_down(leaving, asked, title, reviewer, comment.strip(), token or uuid.uuid4().hex)
    if known := _same(desk, decision):
        return known
    if desk.checkpoints.busy(leaving.thread_id):
        raise ThreadBusy(leaving.thread_id, "it is running")
    if _newest(desk, leaving.thread_id) != leaving.head:
        raise ThreadMoved(leaving.thread_id)
    try:
        return desk.database.decisions.record(decision, enqueue=lambda tx: desk.jobs.enqueue(tx, decision))
    except AlreadyDecided:
        return _same(desk, decision) or decision


def _newest(desk: Desk, thread_id: str) -> str:
    """Return the thread's newest checkpoint. Raises `ThreadNotFound`."""
    for step in desk.checkpoints.steps(thread_id, limit=1):
        return step.checkpoint_id
    raise ThreadNotFound(thread_id)


def _same(desk: Desk, decision: Decision) -> Decision | None:
    """Return the decision that this very request led to. Raises `RequestKeyUsed` when it was another request."""
    known = desk.database.decisions.get(decision.id)
    if known and (known.answer, known.checkpoint_id) != (decision.answer, decision.checkpoint_id):
        raise RequestKeyUsed(decision.id)
    return known


def _written_down(
    leaving: Departure, asked: dict[str, Json], title: str, reviewer: Reviewer, comment: str, token: str
) -> Decision:
    own = _own_id(leaving.thread_id, token)
    shown = {"payload": {"next": list(leaving.again), "head": leaving.head}, "schema": None}
    held = {name: leaving.step.values.get(name) for name in asked["values"]}
    return Decision(
        id=own,
        review_id=review_id(leaving.thread_id, f"{Kind.TRAVEL}:{own}"),
        thread_id=leaving.thread_id,
        checkpoint_id=leaving.step.checkpoint_id,
        kind=Kind.TRAVEL,
        graph=leaving.graph,
        node=leaving.again[0] if leaving.again else None,
        attempt=1,
        title=title,
        reviewer=reviewer,
        answer=asked,
        resume={**asked, "head": leaving.head},
        shown=shown,
        digest=digest(interrupt_id=None, payload=shown["payload"], schema=None),
        proposed={**asked, "values": held} if held else ABSENT,
        comment=comment,
        outcome=Outcome.RECORDED,
        recorded_at=datetime.now(UTC),
    )


def _own_id(thread_id: str, token: str) -> str:
    """Return an id for what this request makes: the same for the same request, sent again."""
    return hashlib.sha256(f"{thread_id}\0{token}".encode()).hexdigest()[:32]
