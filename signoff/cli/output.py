"""The JSON shapes of the command line; those that the HTTP API shares are in `signoff.wire`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from signoff.reviews import ABSENT, Absent, Json, Review
from signoff.wire import deciding, lineage, listing, record, time_text

if TYPE_CHECKING:
    from signoff.briefs import Brief
    from signoff.channels import Turn
    from signoff.checkpoints import Question, Write
    from signoff.claims import Claim
    from signoff.comments import Comment
    from signoff.forms.fields import Field
    from signoff.history import Change, Moment
    from signoff.timing import Outlook

__all__ = ["deciding", "field", "holding", "lineage", "listing", "record", "remark", "showing", "telling", "turn"]


def showing(brief: Brief, fields: Sequence[Field]) -> Json:
    """Return what ``show --json`` prints; ``prefill`` is missing when the form starts empty."""
    review, card = brief.review, brief.waiting.card
    prefill = {} if isinstance(card.prefill, Absent) else {"prefill": card.prefill}
    return {
        "id": review.id,
        "thread_id": review.thread_id,
        "source": review.source,
        "graph": brief.waiting.review.graph,
        "node": review.node,
        "kind": review.kind.value,
        "state": review.state.value,
        "interrupt_id": review.interrupt_id,
        "checkpoint_id": brief.head.checkpoint_id,
        "title": brief.waiting.review.title,
        "dialect": card.dialect,
        "payload": brief.waiting.payload,
        "body": card.body,
        "schema": card.schema,
        "fields": [field(each) for each in fields],
        **prefill,
        "digest": brief.digest,
        "code_changed_since": time_text(brief.code_changed_since),
        "decisions": [record(decision) for decision in brief.decisions],
    }


def timed(review: Review, known: Outlook) -> dict[str, Json]:
    """Return what ``show --json`` says about time; ``on_timeout`` is what happens at ``expires_at`` by itself."""
    plan, timer = known.plan, known.timer
    answer = {} if plan is None or isinstance(plan.answer, Absent) else {"answer": plan.answer}
    return {
        "expires_at": time_text(review.expires_at),
        "on_timeout": {"then": plan.then.value, **answer, "by": plan.by} if plan and plan.by else None,
        "time_note": " ".join(filter(None, (plan.note if plan else "", timer.problem if timer else ""))),
        "escalated_at": time_text(review.escalated_at),
        "follow_up_at": time_text(review.follow_up_at),
        "snoozed_by": known.snooze.by if known.snooze and review.follow_up_at else None,
    }


def holding(claim: Claim | None) -> Json:
    """Return who has a review, None for nobody."""
    if claim is None:
        return None
    times = {"since": time_text(claim.since), "expires_at": time_text(claim.expires_at)}
    return {"holder": claim.holder, **times, "given_by": claim.given_by, "reason": claim.reason}


def remark(comment: Comment) -> Json:
    """Return a comment; ``text`` is None where its author withdrew it."""
    return {
        "id": comment.seq,
        "review": comment.review_id,
        "author": comment.author.name,
        "at": time_text(comment.at),
        "text": None if comment.withdrawn_at else comment.text,
    }


def field(each: Field) -> Json:
    """Return one field of a form."""
    return {"path": list(each.path), "kind": str(each.kind), "label": each.label, "required": each.required}


def telling(thread_id: str, graph: str | None, moments: Sequence[Moment], *, diff: bool) -> Json:
    """Return what ``history --json`` prints; with ``diff`` each step has its ``changes`` too."""
    return {"thread_id": thread_id, "graph": graph, "steps": [_step(moment, diff=diff) for moment in moments]}


def _step(moment: Moment, *, diff: bool) -> Json:
    step = moment.step
    told = {
        "checkpoint_id": step.checkpoint_id,
        "checkpoint_ns": step.checkpoint_ns,
        "parent_id": step.parent_id,
        "step": step.step,
        "source": step.source,
        "created_at": time_text(step.created_at),
        "next": list(step.to_run),
        "values": dict(step.values),
        "writes": [_write(write) for write in step.writes],
        "interrupts": [_question(question) for question in step.interrupts],
        "error": step.error,
        "decisions": [record(decision) for decision in moment.decisions],
    }
    return told | ({"changes": [_change(change) for change in moment.changes]} if diff else {})


def _write(write: Write) -> Json:
    return {"task_id": write.task_id, "node": write.node, "channel": write.channel, "value": write.value}


def _question(question: Question) -> Json:
    asked = {"interrupt_id": question.interrupt_id, "node": question.node}
    return asked | {"payload": question.payload, "schema": question.schema}


def _change(change: Change) -> Json:
    sides = {"added": ("after",), "removed": ("before",)}.get(change.how, ("before", "after"))
    return {"channel": change.channel, "how": change.how} | {side: getattr(change, side) for side in sides}


def turn(one: Turn) -> Json:
    """Return a step at which a channel changed; a side on which it held nothing is left out."""
    sides = {side: value for side, value in (("before", one.before), ("after", one.after)) if value is not ABSENT}
    step = {
        "checkpoint_id": one.step.checkpoint_id,
        "step": one.step.step,
        "created_at": time_text(one.step.created_at),
    }
    return step | {"wrote": list(one.wrote)} | sides
