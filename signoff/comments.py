"""Remarks on reviews, for colleagues: plain text that stays on record beside the decision."""

from __future__ import annotations

from signoff.database.comments import Comment
from signoff.decisions import Reviewer
from signoff.desk import Desk
from signoff.errors import NotAllowed, SignoffError

__all__ = ["Comment"]

LENGTH = 10_000
"""Characters of the longest comment."""


class CommentUnusable(SignoffError):
    """A comment is empty or too long."""

    def __init__(self) -> None:
        super().__init__(f"A comment has 1 to {LENGTH:,} characters. Nothing was written.")


class NotYourComment(NotAllowed):
    """A comment can be withdrawn by its author alone, once."""

    def __init__(self) -> None:
        super().__init__("Only its author can withdraw a comment, and only once. Nothing was changed.")


def comment(desk: Desk, review_id: str, text: str, *, reviewer: Reviewer) -> Comment:
    """Write a comment on a review, open or closed. Raises `CommentUnusable` or `ReviewNotFound`."""
    if not 0 < len(text.strip()) <= LENGTH:
        raise CommentUnusable
    review = desk.review(review_id)
    return desk.database.comments.add(review.id, review.thread_id, reviewer, text.strip())


def withdraw(desk: Desk, seq: int, *, reviewer: Reviewer) -> None:
    """Hide one's own comment; its text stays in the record. Raises `NotYourComment`."""
    if not desk.database.comments.withdraw(seq, reviewer):
        raise NotYourComment


def on_review(desk: Desk, review_id: str) -> tuple[Comment, ...]:
    """Return the comments on a review, withdrawn ones too, oldest first."""
    return desk.database.comments.of_review(review_id)


def on_thread(desk: Desk, thread_id: str) -> tuple[Comment, ...]:
    """Return the comments on all reviews of a thread, withdrawn ones too, oldest first."""
    return desk.database.comments.of_thread(thread_id)
