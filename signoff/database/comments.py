"""What people remark on reviews. Rows are never deleted; one that its author withdrew is no longer shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from signoff.database import pulse
from signoff.database.tables import comments
from signoff.decisions import Reviewer

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A remark in plain text, and who made it."""

    seq: int
    review_id: str
    thread_id: str
    author: Reviewer
    text: str
    at: datetime
    withdrawn_at: datetime | None = None


class CommentStore:
    """The table of comments."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def add(self, review_id: str, thread_id: str, author: Reviewer, text: str) -> Comment:
        """Write a comment down."""
        row: dict[str, Any] = {"review_id": review_id, "thread_id": thread_id, "text": text, "at": datetime.now(UTC)}
        who = {"author": author.name, "author_source": author.source}
        with self._writing() as connection:
            seq = connection.execute(sa.insert(comments).values(**row, **who).returning(comments.c.seq)).scalar_one()
            pulse.beat(connection)
        return Comment(**row, author=author, seq=seq)

    def withdraw(self, seq: int, author: Reviewer) -> bool:
        """Hide a comment of this author; return whether there was one to hide."""
        own = (comments.c.seq == seq, comments.c.author == author.name, comments.c.author_source == author.source)
        query = sa.update(comments).where(*own, comments.c.withdrawn_at.is_(None))
        with self._writing() as connection:
            hidden = connection.execute(query.values(withdrawn_at=datetime.now(UTC))).rowcount
            if hidden:
                pulse.beat(connection)
        return bool(hidden)

    def of_review(self, review_id: str) -> tuple[Comment, ...]:
        """Return the comments on a review, withdrawn ones too, oldest first."""
        return self._select(comments.c.review_id == review_id)

    def of_thread(self, thread_id: str) -> tuple[Comment, ...]:
        """Return the comments on all reviews of a thread, withdrawn ones too, oldest first."""
        return self._select(comments.c.thread_id == thread_id)

    def _select(self, wanted: sa.ColumnElement[bool]) -> tuple[Comment, ...]:
        with self._reading() as connection:
            rows = connection.execute(sa.select(comments).where(wanted).order_by(comments.c.seq)).mappings().all()
        return tuple(
            Comment(
                **{name: row[name] for name in ("seq", "review_id", "thread_id", "text", "at", "withdrawn_at")},
                author=Reviewer(name=row["author"], source=row["author_source"]),
            )
            for row in rows
        )
