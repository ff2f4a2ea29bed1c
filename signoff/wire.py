"""The JSON shapes that the command line and the HTTP API share. Pure; times are ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signoff.decisions import Decision
from signoff.differences import Difference, differences
from signoff.errors import SignoffError
from signoff.reviews import ABSENT, Json, Page, Review


def listing(page: Page) -> Json:
    """Return what ``list --json`` prints and ``GET /api/reviews`` answers."""
    return {"total": page.total, "reviews": [row(review) for review in page.reviews]}


def row(review: Review) -> Json:
    """Return one review as a list shows it."""
    return {
        "id": review.id,
        "thread_id": review.thread_id,
        "source": review.source,
        "graph": review.graph,
        "node": review.node,
        "kind": review.kind.value,
        "interrupt_id": review.interrupt_id,
        "checkpoint_id": review.checkpoint_id,
        "title": review.title,
        "state": review.state.value,
        "priority": review.priority.value,
        "due_at": time_text(review.due_at),
        "expires_at": time_text(review.expires_at),
        "escalated_at": time_text(review.escalated_at),
        "follow_up_at": time_text(review.follow_up_at),
        "paused_at": time_text(review.paused_at),
        "assignee": review.assignee,
        "dialect": review.dialect,
    }


def deciding(decision: Decision, upcoming: Sequence[Review]) -> Json:
    """Return what ``decide --json`` prints and ``POST /api/decisions`` answers."""
    return {
        "id": decision.id,
        "review": decision.review_id,
        "outcome": decision.outcome.value,
        "reviewer": decision.reviewer.name,
        "answer": decision.answer,
        "error": decision.error,
        "checkpoint_before": decision.checkpoint_before,
        "checkpoint_after": decision.checkpoint_after,
        "next": [review.id for review in upcoming],
    }


def record(decision: Decision) -> Json:
    """Return a decision as ``show`` and ``history`` list it."""
    return {
        "id": decision.id,
        "review": decision.review_id,
        "outcome": decision.outcome.value,
        "reviewer": decision.reviewer.name,
        "answer": decision.answer,
        "comment": decision.comment,
        "error": decision.error,
        "recorded_at": time_text(decision.recorded_at),
        "settled_at": time_text(decision.settled_at),
    }


def edits(decision: Decision) -> tuple[Difference, ...]:
    """Return what the reviewer changed of what the form proposed; nothing where it proposed nothing."""
    return () if decision.proposed is ABSENT else differences(decision.proposed, decision.answer)


def lineage(decision: Decision) -> dict[str, Json]:
    """Return a decision with its whole story but what was shown, for which ``digest`` stands.

    ``proposed`` is None where the form began empty; ``edits`` is what the reviewer changed of it.
    """
    where = ("thread_id", "graph", "node", "interrupt_id", "title", "attempt", "resume", "digest")
    return {
        **record(decision),
        "kind": decision.kind.value,
        **{name: getattr(decision, name) for name in where},
        "checkpoint_before": decision.checkpoint_before,
        "checkpoint_after": decision.checkpoint_after,
        "proposed": None if decision.proposed is ABSENT else decision.proposed,
        "edits": [one.to_json() for one in edits(decision)],
        "wrote": decision.wrote,
    }


def time_text(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601."""
    return moment.isoformat() if moment else None


def problem(error: SignoffError) -> Json:
    """Return an error: its type, its message and its public attributes."""
    told = {name: _json(value) for name, value in vars(error).items() if not name.startswith("_")}
    return {"error": {"type": error.type, "message": str(error), **told}}


def _json(value: object) -> Json:
    if isinstance(value, (list, tuple)):
        return [_json(each) for each in value]
    if isinstance(value, Difference):
        return value.to_json()
    if hasattr(value, "path") and hasattr(value, "message"):
        return {"path": list(value.path), "message": value.message}
    return value if isinstance(value, (bool, int, float, dict)) or value is None else str(value)
