"""What can go wrong, said to the person who can mend it: one sentence what, one what next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SignoffError(Exception):
    """Base of every error that Signoff raises on purpose.

    ``exit_code`` is the command line's answer, ``told_as`` the error's name to programs, by default that of its class.
    """

    exit_code = 2
    told_as = ""

    @property
    def type(self) -> str:
        """Return the name by which programs know the error."""
        return self.told_as or type(self).__name__


class SettingsInvalid(SignoffError):
    """A setting is missing, contradictory or points nowhere."""


class ReviewNotFound(SignoffError):
    """No review has this id on this desk."""

    def __init__(self, review_id: str) -> None:
        self.review_id = review_id
        super().__init__(f"There is no review {review_id!r} on this desk. `signoff list` shows the ids that are open.")


class NoReviewCarries(SignoffError):
    """No waiting review carries these keys; ``keys`` reads ``order_id=4711``."""

    exit_code = 3

    def __init__(self, keys: str) -> None:
        self.keys = keys
        super().__init__(f"No waiting review carries {keys}. Nothing was sent; `signoff list` shows what waits.")


class ManyReviewsCarry(SignoffError):
    """More than one waiting review carries these keys; ``reviews`` holds the first of their ids."""

    def __init__(self, keys: str, reviews: Sequence[str], *, more: bool = False) -> None:
        self.keys, self.reviews = keys, tuple(reviews)
        listed = f"{', '.join(self.reviews)}{' and more' if more else ''}"
        super().__init__(
            f"Several waiting reviews carry {keys}: {listed}. Nothing was sent; give one of these ids, or one more key."
        )


class RequestKeyUsed(SignoffError):
    """An idempotency key was given to two different requests."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"The idempotency key {key!r} belongs to another request. Nothing was sent; each request needs its own."
        )


class ReviewClosed(SignoffError):
    """The question was answered, or its thread moved on or was deleted, before this answer came."""

    exit_code = 3

    def __init__(self, review_id: str, why: str = "its thread moved on") -> None:
        self.review_id = review_id
        super().__init__(f"Review {review_id} is no longer open: {why}. Nothing was sent; reload the queue.")


class AlreadyDecided(SignoffError):
    """Somebody's answer to this question was recorded first; ``answer`` is that answer, as JSON."""

    exit_code = 3

    def __init__(self, review_id: str, *, reviewer: str, recorded_at: str, outcome: str, answer: Any) -> None:
        self.review_id, self.reviewer, self.recorded_at, self.outcome = review_id, reviewer, recorded_at, outcome
        self.answer = answer
        super().__init__(
            f"Review {review_id} was already decided by {reviewer} at {recorded_at} ({outcome}). "
            "Your answer was not sent."
        )


class ReviewChanged(SignoffError):
    """The payload or the schema is not what the reviewer was shown.

    ``changes`` are the `signoff.differences` between both, with paths that begin with ``payload`` or ``schema``; empty
    where it is not known what the reviewer was shown.
    """

    exit_code = 6

    def __init__(self, review_id: str, changes: Sequence[Any] = ()) -> None:
        self.review_id, self.changes = review_id, tuple(changes)
        super().__init__(
            f"Review {review_id} has changed since it was shown to you. Nothing was sent; look again, then decide."
        )


class SelectionChanged(SignoffError):
    """What was to be sent to many reviews is not what the dry run showed."""

    exit_code = 6

    def __init__(self) -> None:
        super().__init__("The dry run has another result now. Nothing was sent; run it again without --send, and look.")


class CommentMissing(SignoffError):
    """One answer was to be sent to many reviews without a word of why."""

    def __init__(self) -> None:
        super().__init__("Say why in a comment: it is kept with each decision. Nothing was sent.")


class InvalidAnswer(SignoffError):
    """The answer does not fit the question's schema; ``problems`` says where (each has ``path`` and ``message``)."""

    exit_code = 4

    def __init__(self, problems: Sequence[Any]) -> None:
        self.problems = tuple(problems)
        listed = "; ".join(str(problem) for problem in self.problems)
        super().__init__(f"The answer does not fit the question: {listed}. Nothing was sent; correct it, then submit.")


class NotAllowed(SignoffError):
    """This reviewer, or this desk, may not do that."""

    exit_code = 5


class HeldByAnother(NotAllowed):
    """Somebody else has claimed this review; ``until`` is None where the claim does not expire. Times are text."""

    def __init__(self, review_id: str, *, holder: str, since: str, until: str | None) -> None:
        self.review_id, self.holder, self.since, self.until = review_id, holder, since, until
        super().__init__(
            f"Review {review_id} is held by {holder} since {since}, {f'until {until}' if until else 'without end'}. "
            f"Nothing was sent; take it over first (with a reason), or ask {holder} to release it."
        )


class UndoTooLate(NotAllowed):
    """What was to be undone is not the newest change of its review, or was made by somebody else."""

    def __init__(self, review_id: str) -> None:
        self.review_id = review_id
        super().__init__(f"Somebody has acted on review {review_id} since. Nothing was undone; look at who has it now.")


class ReasonMissing(SignoffError):
    """Giving a review to somebody else, or taking it from them, needs a reason."""

    def __init__(self) -> None:
        super().__init__("Say why: a reason is kept on record. Nothing was changed.")


class GraphUnknown(NotAllowed):
    """It is not known, or not certain, which graph this thread belongs to."""

    def __init__(self, thread_id: str, candidates: Sequence[str]) -> None:
        self.thread_id, self.candidates = thread_id, tuple(candidates)
        hint = f"one of {', '.join(self.candidates)}" if self.candidates else "none of the loaded graphs fits"
        super().__init__(
            f"Signoff cannot tell which graph thread {thread_id!r} belongs to ({hint}). "
            "Choose the graph on the review, or with `signoff decide --use-graph NAME`; nothing was sent."
        )


class GraphBroken(SignoffError):
    """A graph did not load; ``traceback`` holds the whole story."""

    exit_code = 7

    def __init__(self, name: str, reason: str, traceback: str = "") -> None:
        self.name, self.reason, self.traceback = name, reason, traceback
        super().__init__(f"Graph {name!r} did not load: {reason}. Run `signoff doctor` to see the traceback.")


class BackendUnavailable(SignoffError):
    """A database cannot be reached, opened, read or written just now."""

    exit_code = 8
    told_as = "BackendUnavailable"  # also those that only the reader of one back end knows


class MoveRefused(SignoffError):
    """A desk cannot be moved as things are; nothing was changed."""

    exit_code = 2


class ThreadNotFound(SignoffError):
    """The checkpoint database holds no such thread."""

    def __init__(self, thread_id: str) -> None:
        self.thread_id = thread_id
        super().__init__(f"There is no thread {thread_id!r} in the checkpoint database. It may have been deleted.")


class CheckpointNotFound(SignoffError):
    """The thread has no such checkpoint, or not in the namespace that was asked for."""

    def __init__(self, thread_id: str, checkpoint_id: str) -> None:
        self.thread_id, self.checkpoint_id = thread_id, checkpoint_id
        super().__init__(
            f"Thread {thread_id!r} has no checkpoint {checkpoint_id!r} here; `signoff history` lists its own."
        )


class ThreadBusy(SignoffError):
    """Something runs on the thread, or is about to."""

    exit_code = 3

    def __init__(self, thread_id: str, why: str) -> None:
        self.thread_id = thread_id
        super().__init__(f"Thread {thread_id!r} is busy: {why}. Nothing was done; try again when it has come to rest.")


class ThreadMoved(SignoffError):
    """The thread went on since somebody looked at its history."""

    exit_code = 6

    def __init__(self, thread_id: str) -> None:
        self.thread_id = thread_id
        super().__init__(f"Thread {thread_id!r} has moved on since you looked. Nothing was done; look again.")


class TravelImpossible(SignoffError):
    """What was asked for cannot be done at this checkpoint."""

    exit_code = 4

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Nothing was done.")


class SourceUnavailable(BackendUnavailable):
    """One of several sources does not answer; the others are not affected."""

    told_as = "SourceUnavailable"

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(f"The source {source} does not answer: {why}" if source else why)


class SourceUnknown(BackendUnavailable):
    """A thread belongs to a source that is not configured, or not any more."""

    told_as = "SourceUnknown"

    def __init__(self, thread_id: str, source: str) -> None:
        self.thread_id, self.source = thread_id, source
        if source:
            said = f"Thread {thread_id!r} belongs to the source {source!r}, which is not configured here. Nothing was "
            said += (
                "sent; put it back under [[sources]] in signoff.toml, or run `signoff sources` to see what is known."
            )
        else:
            said = f"Thread {thread_id!r} belongs to no source that is configured. Nothing was sent; "
            said += "a thread of this desk is named SOURCE/THREAD, and `signoff sources` lists the sources."
        super().__init__(said)
