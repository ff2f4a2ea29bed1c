"""From an answer to the decision that goes on record: the checks, and what is written down. Writes nothing itself."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from signoff.checkpoints import Head
from signoff.database import Database
from signoff.decisions import Decision, Outcome, Reviewer
from signoff.differences import Difference, differences
from signoff.errors import InvalidAnswer, ReviewChanged
from signoff.forms import find_problems
from signoff.projection import Waiting
from signoff.reviews import Json, Kind
from signoff.storable import find_unstorable


def changes(database: Database, waiting: Waiting, seen: str) -> tuple[Difference, ...]:
    """Return what is different from what had the digest ``seen``; empty where it is not known what that was."""
    shown = database.shown.find(waiting.review.id, seen)
    return () if shown is None else differences(shown, waiting.shown)


def require_unchanged(database: Database, waiting: Waiting, seen: str | None) -> None:
    """Raise `ReviewChanged`, with what differs, when the reviewer was shown something else (``seen`` is its digest)."""
    if seen is not None and seen != waiting.digest:
        raise ReviewChanged(waiting.review.id, changes(database, waiting, seen))


def resume_value(waiting: Waiting, answer: Json, *, raw: bool) -> Json:
    """Return what the graph receives. Raises `InvalidAnswer` for what does not fit, or could not be stored unchanged.

    With ``raw`` the answer is that value itself, and only a schema that the graph declared is asked.
    """
    card = waiting.card
    question = waiting.review.kind is Kind.INTERRUPT
    contract = (True if waiting.schema is None else waiting.schema) if raw and question else card.enforced
    if problems := [*find_unstorable(answer), *find_problems(contract, answer)]:
        raise InvalidAnswer(problems)
    return answer if raw else card.resume(answer)


def written_down(
    waiting: Waiting, head: Head, answer: Json, resume: Json, reviewer: Reviewer, comment: str
) -> Decision:
    """Return the decision as it is to be recorded; ``waiting`` has the prefill that the form began with."""
    review = waiting.review
    return Decision(
        id=uuid.uuid4().hex,
        review_id=review.id,
        thread_id=review.thread_id,
        checkpoint_id=head.checkpoint_id,
        interrupt_id=review.interrupt_id,
        kind=review.kind,
        graph=review.graph,
        node=review.node,
        dialect=review.dialect,
        attempt=1,
        title=review.title,
        reviewer=reviewer,
        answer=answer,
        resume=resume,
        shown=waiting.shown,
        digest=waiting.digest,
        proposed=waiting.card.prefill,
        comment=comment,
        outcome=Outcome.RECORDED,
        recorded_at=datetime.now(UTC),
    )
