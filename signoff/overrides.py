"""Priority, due date and tags set by hand: they count before what the payload, the thread and the settings say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from signoff.database.overrides import Override
from signoff.decisions import Reviewer
from signoff.desk import Desk
from signoff.dialects.metadata import MOST
from signoff.dialects.wording import one_line
from signoff.reviews import Json, Priority

__all__ = ["DUE", "PRIORITY", "TAGS", "Override"]

PRIORITY, DUE, TAGS = "priority", "due_at", "tags"


def set_priority(desk: Desk, review_id: str, priority: Priority, *, reviewer: Reviewer) -> None:
    """Say how urgent a review is. Raises `ReviewNotFound`."""
    _set(desk, review_id, PRIORITY, priority.value, reviewer)


def set_due(desk: Desk, review_id: str, due_at: datetime | None, *, reviewer: Reviewer) -> None:
    """Say until when a review is to be decided; None for no such time. Raises `ReviewNotFound`."""
    _set(desk, review_id, DUE, due_at.astimezone(UTC).isoformat() if due_at else None, reviewer)


def set_tags(desk: Desk, review_id: str, tags: Sequence[str], *, reviewer: Reviewer) -> None:
    """Give a review these tags and no others. Raises `ReviewNotFound`."""
    _set(desk, review_id, TAGS, list(dict.fromkeys(word for tag in tags if (word := one_line(tag))))[:MOST], reviewer)


def reset(desk: Desk, review_id: str, field: str, *, reviewer: Reviewer) -> None:
    """Let payload, thread and settings speak again for one field. Raises `ReviewNotFound`."""
    review = desk.review(review_id)
    desk.database.overrides.forget(review_id, field, by=reviewer.name)
    desk.scanner.look([review.thread_id])


def on_review(desk: Desk, review_id: str) -> tuple[Override, ...]:
    """Return what was set by hand on a review, by whom and when."""
    return desk.database.overrides.of(review_id)


def _set(desk: Desk, review_id: str, field: str, value: Json, reviewer: Reviewer) -> None:
    review = desk.review(review_id)
    desk.database.overrides.set(review_id, field, value, by=reviewer.name)
    desk.scanner.look([review.thread_id])
