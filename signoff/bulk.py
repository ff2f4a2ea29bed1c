"""One answer to many reviews that ask the same: what would be sent to each, then one decision each, all on record."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from signoff.alike import common_prefill, common_schema, likeness, own_answer
from signoff.database.bulks import join
from signoff.decisions import Decision, Reviewer
from signoff.desk import Desk
from signoff.errors import CommentMissing, ReviewChanged, SignoffError
from signoff.forms.equality import same_json
from signoff.projection import Waiting
from signoff.reviews import ABSENT, Absent, Json, Review

MOST: Final = 500
"""Reviews that are answered at a time."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """What would become, or became, of one review.

    ``left_out`` says why nothing, ``resume`` what its graph would be handed, ``decision`` what was recorded. ``seen``
    is the fingerprint of what the dry run found asked. ``review`` is None where the desk knows no such review.
    """

    review_id: str
    review: Review | None = None
    seen: str = ""
    resume: Json = None
    left_out: str = ""
    decision: Decision | None = None

    @property
    def thread_id(self) -> str:
        """Return the thread, "" where it is not known."""
        return self.review.thread_id if self.review else ""

    @property
    def title(self) -> str:
        """Return what is asked; of a review that the desk does not know, its id."""
        return self.review.title if self.review else self.review_id


@dataclass(frozen=True, kw_only=True)
class Group:
    """Reviews that ask the same, oldest first of the selection.

    ``schema`` and ``prefill`` are what they have in common; ``schema`` is `ABSENT` where no answer means the same for
    all of them.
    """

    likeness: str
    graph: str | None
    node: str | None
    schema: Json | Absent
    prefill: Json | Absent
    reviews: tuple[Review, ...]

    @property
    def said(self) -> str:
        """Return in words what they ask, by an example."""
        return (
            f"{self.node or 'the next step'} of {self.graph or 'an unknown graph'}, such as “{self.reviews[0].title}”"
        )


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Reviews that were selected: the groups they make, the largest first, and those of which none can be asked."""

    groups: tuple[Group, ...]
    left_out: tuple[Item, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a dry run found: what ``answer`` would be recorded for, what is left out and why, in the order selected."""

    answer: Json
    items: tuple[Item, ...]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def ready(self) -> tuple[Item, ...]:
        """Return what is not left out."""
        return tuple(item for item in self.items if not item.left_out)

    @property
    def fingerprint(self) -> str:
        """Return 16 hex digits over the answer and what it would be sent to; another dry run that says so has them."""
        sent = [[item.review_id, item.seen, item.resume] for item in self.ready]
        return hashlib.sha256(json.dumps([self.answer, sent], sort_keys=True).encode()).hexdigest()[:16]


def alike(desk: Desk, review_ids: Iterable[str]) -> Selection:
    """Return the groups in which reviews can be answered; of more than `MOST` ids only the first are looked at.

    Each thread is read once and forgotten again but for what its question has in common with others.
    """
    groups: dict[str, Group] = {}
    left_out: list[Item] = []
    for review_id in list(dict.fromkeys(review_ids))[:MOST]:
        try:
            waiting = desk.asked(review_id)
        except SignoffError as reason:
            left_out.append(_left_out(desk, review_id, str(reason)))
            continue
        key = likeness(waiting)
        groups[key] = _joined(groups[key], waiting) if key in groups else _alone(key, waiting)
    ordered = sorted(groups.values(), key=lambda group: -len(group.reviews))
    return Selection(groups=tuple(ordered), left_out=tuple(left_out))


def dry_run(desk: Desk, selection: Selection, group: Group, answer: Json, *, reviewer: Reviewer) -> Plan:
    """Return what ``answer`` would be sent to and what of the selection is left out and why. Records nothing."""
    items = [_meant(desk, review, answer, reviewer, group) for review in group.reviews]
    elsewhere = f"It does not ask the same as {group.said}."
    for other in selection.groups:
        if other.likeness != group.likeness:
            items += [Item(review_id=one.id, review=one, left_out=elsewhere) for one in other.reviews]
    return Plan(answer=answer, items=(*items, *selection.left_out))


def carry_out(desk: Desk, plan: Plan, *, reviewer: Reviewer, comment: str) -> Iterator[Item]:
    """Record the answer as one decision for each item that the dry run did not leave out; yield what became of each.

    Each decision is on record when its item is yielded. An item that has changed since, or that somebody else has
    decided, is left out and says so; the others are not affected. Carried out again after a crash, what is decided
    is left out. Raises `CommentMissing` before anything is recorded.
    """
    if not comment.strip():
        raise CommentMissing
    return _carried_out(desk, plan, reviewer, comment)


def tried(desk: Desk, review: Review, answer: Json, *, reviewer: Reviewer) -> tuple[Item, Waiting | None]:
    """Return what would become of a review, and what it asks. Records nothing."""
    try:
        waiting, decision = desk.rehearse(review.id, answer, reviewer=reviewer)
        desk.database.claims.require_way(review.id, reviewer)
    except SignoffError as reason:
        return Item(review_id=review.id, review=review, left_out=str(reason)), None
    return Item(review_id=review.id, review=review, seen=decision.digest, resume=decision.resume), waiting


def decided(desk: Desk, item: Item, answer: Json, *, reviewer: Reviewer, comment: str = "", bulk: str = "") -> Item:
    """Record an answer to what the dry run found, as part of ``bulk`` where one is named; return what became of it."""

    def along(connection: Any, decision: Decision) -> None:
        if not same_json(decision.resume, item.resume):
            raise ReviewChanged(item.review_id)
        if bulk:
            join(connection, bulk, decision.id)

    try:
        decision = desk.decide(item.review_id, answer, reviewer=reviewer, seen=item.seen, comment=comment, along=along)
    except SignoffError as reason:
        return replace(item, left_out=str(reason))
    return replace(item, decision=decision)


def _carried_out(desk: Desk, plan: Plan, reviewer: Reviewer, comment: str) -> Iterator[Item]:
    for item in plan.items:
        if item.left_out:
            yield item
        else:
            yield decided(desk, item, plan.answer, reviewer=reviewer, comment=comment, bulk=plan.id)


def _meant(desk: Desk, review: Review, answer: Json, reviewer: Reviewer, group: Group) -> Item:
    item, waiting = tried(desk, review, answer, reviewer=reviewer)
    if waiting is None:
        return item
    if likeness(waiting) != group.likeness:
        return replace(item, left_out="It asks something else by now.")
    why = own_answer(waiting, answer, item.resume, schema=group.schema, prefill=group.prefill)
    return replace(item, left_out=why)


def _left_out(desk: Desk, review_id: str, why: str) -> Item:
    return Item(review_id=review_id, review=desk.database.reviews.get(review_id), left_out=why)


def _alone(key: str, waiting: Waiting) -> Group:
    review, card = waiting.review, waiting.card
    return Group(
        likeness=key,
        graph=review.graph,
        node=review.node,
        schema=card.schema,
        prefill=card.prefill,
        reviews=(review,),
    )


def _joined(group: Group, waiting: Waiting) -> Group:
    schema = ABSENT if group.schema is ABSENT else common_schema(group.schema, waiting.card.schema)
    prefill = common_prefill(group.prefill, waiting.card.prefill)
    return replace(group, schema=schema, prefill=prefill, reviews=(*group.reviews, waiting.review))
