"""Threads in trouble, by what went wrong: seen together, and acted on one by one or all alike."""

from __future__ import annotations

from collections.abc import Sequence

from signoff import bulk
from signoff.briefs import Brief
from signoff.bulk import Item
from signoff.database.reviews import Trouble
from signoff.decisions import Decision, Reviewer
from signoff.desk import Desk
from signoff.dialects.trouble import ASK_AGAIN, CONTINUE, END, RETRY
from signoff.reviews import Json, Kind, Review

LIMIT = 500
"""Members of a group that are shown, and acted on, at a time."""

ACTIONS: dict[Kind, tuple[str, ...]] = {
    Kind.FAILED: (RETRY, END),
    Kind.STUCK: (ASK_AGAIN, END),
    Kind.STALLED: (CONTINUE, END),
}
"""What can be done with all members of a group alike, the mildest first."""


def groups(desk: Desk) -> tuple[Trouble, ...]:
    """Return the open troubles by graph, node, kind and error, the largest group first."""
    return desk.database.reviews.troubles()


def members(desk: Desk, group: Trouble) -> tuple[Review, ...]:
    """Return the open reviews of a group, oldest first, at most `LIMIT`."""
    return desk.database.reviews.in_trouble(group, limit=LIMIT)


def cause(desk: Desk, brief: Brief) -> Decision | None:
    """Return the decision whose run ended where the thread of this review stands, None where it was no decision."""
    for decision in desk.database.decisions.of_thread(brief.review.thread_id):
        if decision.checkpoint_after == brief.head.checkpoint_id and decision.review_id != brief.review.id:
            return decision
    return None


def dry_run(desk: Desk, reviews: Sequence[Review], answer: Json, *, reviewer: Reviewer) -> tuple[Item, ...]:
    """Return what ``answer`` would be recorded for, and what is left out and why. Records nothing."""
    return tuple(bulk.tried(desk, review, answer, reviewer=reviewer)[0] for review in reviews)


def act(desk: Desk, items: Sequence[Item], answer: Json, *, reviewer: Reviewer) -> tuple[Item, ...]:
    """Record ``answer`` as one decision for each item that the dry run did not leave out; return what became of each.

    An item that has changed since, or that somebody else has decided, is left out and says so; the others are not
    affected.
    """
    plan = bulk.Plan(answer=answer, items=tuple(items))
    return tuple(
        item if item.left_out else bulk.decided(desk, item, answer, reviewer=reviewer, bulk=plan.id) for item in items
    )
