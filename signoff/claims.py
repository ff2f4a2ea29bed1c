"""Who works on what: claiming a review, giving it back, handing it on, and standing in for somebody.

A claim keeps others from deciding until it expires, is released or is taken over. Functions that change one return the
event that the history now holds (its ``seq`` is what `undo` takes), and None where there was nothing to do. All raise
`ReviewNotFound` or `ReviewClosed`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from signoff.database.claims import Change, Claim, ClaimEvent, Sight, Step, now, require_own
from signoff.database.delegations import Delegation, acting_for, stand_in
from signoff.decisions import Reviewer
from signoff.desk import Desk
from signoff.errors import ReasonMissing, SignoffError, UndoTooLate
from signoff.reviews import Query

__all__ = ["Claim", "ClaimEvent", "Delegation"]

NAME_LENGTH = 200


class NameMissing(SignoffError):
    """A review was to be given to nobody, or to a name that is too long."""

    def __init__(self) -> None:
        super().__init__(f"Say to whom: a name of 1 to {NAME_LENGTH} characters. Nothing was changed.")


class AbsenceUnclear(SignoffError):
    """An absence ends before it begins, or the deputy is the person who is away."""

    def __init__(self) -> None:
        super().__init__("An absence needs an end after its beginning, and a deputy who is somebody else.")


def claim(desk: Desk, review_id: str, *, reviewer: Reviewer, minutes: float) -> ClaimEvent | None:
    """Take a review that nobody has, for so many minutes; one's own is kept as by `keep`. Raises `HeldByAnother`."""
    return _change(desk, review_id, _claiming(reviewer, minutes), reviewer)


def claim_next(
    desk: Desk, query: Query, *, reviewer: Reviewer, minutes: float, groups: tuple[str, ...] = ()
) -> ClaimEvent | None:
    """Claim the first review of ``query``, in its order, that nobody has; None when there is none.

    Passes over reviews that are meant for other people, or for groups that are not among ``groups``. Of any number of
    callers at once each gets another review.
    """
    found = desk.database.reviews.first_free(query, groups=groups)
    return desk.database.claims.change_first(found, _claiming(reviewer, minutes), actor=reviewer.name)


def keep(desk: Desk, review_id: str, *, reviewer: Reviewer, minutes: float) -> ClaimEvent | None:
    """Let one's own claim last from now for so many minutes more; one without end stays so. Raises `HeldByAnother`."""

    def step(sight: Sight) -> Change | None:
        require_own(sight, reviewer.name)
        return _kept(sight.claim, _until(sight, minutes)) if sight.claim else None

    return _change(desk, review_id, step, reviewer)


def release(desk: Desk, review_id: str, *, reviewer: Reviewer) -> ClaimEvent | None:
    """Give one's own claim back. Raises `HeldByAnother`."""

    def step(sight: Sight) -> Change | None:
        require_own(sight, reviewer.name)
        return Change(event="released", claim=None) if sight.claim else None

    return _change(desk, review_id, step, reviewer)


def assign(
    desk: Desk, review_id: str, *, to: str, reason: str, reviewer: Reviewer, minutes: float | None = None
) -> ClaimEvent | None:
    """Give a review to somebody, whoever has it now; without ``minutes`` it does not expire.

    It goes to the deputy of a person who is away. Raises `ReasonMissing` or `NameMissing`.
    """
    person, why = to.strip(), _reason(reason)
    if not 0 < len(person) <= NAME_LENGTH:
        raise NameMissing

    def step(sight: Sight) -> Change | None:
        holder = stand_in(person, sight.away)
        said = why if holder == person else f"{why} (for {person}, who is away)"
        until = None if minutes is None else _until(sight, minutes)
        given = Claim(holder=holder, since=sight.now, expires_at=until, given_by=reviewer.name, reason=said)
        taken = holder == reviewer.name and sight.claim and sight.claim.holder != holder
        return Change(event="took over" if taken else "assigned", claim=given, reason=said)

    return _change(desk, review_id, step, reviewer)


def take_over(desk: Desk, review_id: str, *, reason: str, reviewer: Reviewer, minutes: float) -> ClaimEvent | None:
    """Claim a review that somebody else has, as from now. Raises `ReasonMissing`."""
    why = _reason(reason)

    def step(sight: Sight) -> Change | None:
        if sight.claim is None or sight.claim.holder == reviewer.name:
            return _claiming(reviewer, minutes)(sight)
        until = _until(sight, minutes)
        mine = Claim(holder=reviewer.name, since=sight.now, expires_at=until, given_by=reviewer.name, reason=why)
        return Change(event="took over", claim=mine, reason=why)

    return _change(desk, review_id, step, reviewer)


def undo(desk: Desk, review_id: str, seq: int, *, reviewer: Reviewer) -> ClaimEvent | None:
    """Put back who had the review before one's own event ``seq``. Raises `UndoTooLate` when anybody acted since."""

    def step(sight: Sight) -> Change | None:
        if sight.last is None or (sight.last.seq, sight.last.actor) != (seq, reviewer.name):
            raise UndoTooLate(review_id)
        before = sight.last.before
        over = before and before.expires_at and before.expires_at <= sight.now
        return Change(event="undone", claim=None if over else before)

    return _change(desk, review_id, step, reviewer)


def held(desk: Desk, review_id: str) -> Claim | None:
    """Return who has a review now."""
    return desk.database.claims.of(review_id)


def history(desk: Desk, review_id: str) -> tuple[ClaimEvent, ...]:
    """Return everything that was done with claims on a review, newest first."""
    return desk.database.claims.history(review_id)


def is_own(desk: Desk, held_by: Claim, reviewer: Reviewer) -> bool:
    """Tell whether a claim is this reviewer's, or of somebody for whom they stand in."""
    return held_by.holder in acting_for(reviewer.name, desk.database.delegations.away(now()))


def deputy_of(desk: Desk, name: str) -> str | None:
    """Return who stands in for somebody who is away now, None for who is present."""
    deputy = stand_in(name, desk.database.delegations.away(now()))
    return None if deputy == name else deputy


def delegate(desk: Desk, *, person: str, deputy: str, starts_at: datetime, ends_at: datetime, by: Reviewer) -> None:
    """Let ``deputy`` act for ``person`` meanwhile: decide what is theirs, and get what is given to them.

    Raises `NameMissing` or `AbsenceUnclear`.
    """
    names = person.strip(), deputy.strip()
    if not all(0 < len(name) <= NAME_LENGTH for name in names):
        raise NameMissing
    if names[0] == names[1] or ends_at <= starts_at:
        raise AbsenceUnclear
    desk.database.delegations.add(*names, starts_at=starts_at, ends_at=ends_at, made_by=by.name, now=now())


def absences(desk: Desk) -> tuple[Delegation, ...]:
    """Return the delegations that hold now or later, the first to begin first."""
    return desk.database.delegations.current(now())


def end_absence(desk: Desk, seq: int, *, by: Reviewer) -> None:
    """End a delegation."""
    desk.database.delegations.end(seq, by=by.name, now=now())


def _change(desk: Desk, review_id: str, step: Step, reviewer: Reviewer) -> ClaimEvent | None:
    return desk.database.claims.change(review_id, step, actor=reviewer.name)


def _claiming(reviewer: Reviewer, minutes: float) -> Step:
    def step(sight: Sight) -> Change | None:
        require_own(sight, reviewer.name)
        if sight.claim and sight.claim.holder == reviewer.name:
            return _kept(sight.claim, _until(sight, minutes))
        until = _until(sight, minutes)
        mine = Claim(holder=reviewer.name, since=sight.now, expires_at=until, given_by=reviewer.name)
        return Change(event="claimed", claim=mine)

    return step


def _kept(claim: Claim, until: datetime) -> Change | None:
    return Change(event="kept", claim=replace(claim, expires_at=until)) if claim.expires_at else None


def _until(sight: Sight, minutes: float) -> datetime:
    return sight.now + timedelta(minutes=minutes)


def _reason(given: str) -> str:
    if not given.strip():
        raise ReasonMissing
    return given.strip()
