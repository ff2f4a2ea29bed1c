"""Who has which review: one row per claim that holds, and a history in which nothing is changed.

``reviews.assignee`` and the state ``claimed`` are copies, written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from signoff.database import delegations, pulse
from signoff.database.among import among
from signoff.database.tables import claim_events, claims, reviews
from signoff.decisions import Reviewer
from signoff.errors import HeldByAnother, ReviewClosed, ReviewNotFound
from signoff.reviews import State

Transaction = Callable[[], AbstractContextManager[sa.Connection]]

_PROGRAMS = ("token", "message", "timer")  # sources of reviewers that no claim stops: the world has answered
_FREE = (State.WAITING.value, State.CLAIMED.value)
_SHUT = {State.CLOSED.value: "it is closed", State.APPLYING.value: "its answer is being applied"}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who has a review, since when, and until when (None: until somebody ends it); times are UTC."""

    holder: str
    since: datetime
    expires_at: datetime | None = None
    given_by: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ClaimEvent:
    """Something that was done with a claim: by whom, why, who had the review then, and the claim before."""

    seq: int
    review_id: str
    at: datetime
    event: str
    actor: str
    holder: str | None
    reason: str
    before: Claim | None


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a change of a claim is decided on: the claim that holds, the newest event, the time, and who is away."""

    review_id: str
    claim: Claim | None
    last: ClaimEvent | None
    now: datetime
    away: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to become of a claim; ``event`` is its name in the history."""

    event: str
    claim: Claim | None
    reason: str = ""


Step = Callable[[Sight], Change | None]
"""Decides on a change, or on none; what it raises leaves everything as it was."""


def now() -> datetime:
    """Return the time by which claims begin and expire."""
    return datetime.now(UTC)


def holders(connection: sa.Connection, review_ids: Collection[str]) -> dict[str, str]:
    """Return who has each of those reviews that somebody has."""
    found = connection.execute(_HOLDERS, {"review_ids": list(review_ids), "at": now()})
    return {row.review_id: row.holder for row in found}


def give_way(connection: sa.Connection, review_id: str, reviewer: Reviewer) -> None:
    """End the claim on a review that ``reviewer`` decides, in the transaction that records the decision.

    Raises `HeldByAnother` for a person; a program or a timer is let through.
    """
    sight = _look(connection, review_id)
    if sight.claim is None:
        return
    if reviewer.source not in _PROGRAMS:
        require_own(sight, reviewer.name)
    _write(connection, sight, Change(event="decided", claim=None), actor=reviewer.name)


def require_own(sight: Sight, name: str) -> None:
    """Raise `HeldByAnother` if somebody has the review for whom ``name`` does not act."""
    claim = sight.claim
    if claim and claim.holder not in delegations.acting_for(name, sight.away):
        until = _text(claim.expires_at) if claim.expires_at else None
        raise HeldByAnother(sight.review_id, holder=claim.holder, since=_text(claim.since), until=until)


class ClaimStore:
    """The tables of claims and of what was done with them."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def change(self, review_id: str, step: Step, *, actor: str) -> ClaimEvent | None:
        """Do what ``step`` decides; return what was done, or None. Raises `ReviewNotFound` or `ReviewClosed`."""
        with self._writing() as connection:
            return _change(connection, review_id, step, actor=actor)

    def change_first(
        self, find: Callable[[sa.Connection, Collection[str]], str | None], step: Step, *, actor: str
    ) -> ClaimEvent | None:
        """Do it with the review that ``find`` names, in the same transaction; None when it names none.

        ``find`` is told the names under which ``actor`` acts.
        """
        with self._writing() as connection:
            _end(connection, _over(connection))
            away = delegations.deputies(connection, now())
            found = find(connection, delegations.acting_for(actor, away))
            return _change(connection, found, step, actor=actor) if found else None

    def expire(self) -> bool:
        """End the claims whose time is over; return whether there were any. Costs one index probe when not."""
        with self._reading() as connection:
            if connection.execute(_FIRST_OVER, {"at": now()}).first() is None:
                return False
        with self._writing() as connection:
            over = _over(connection)
            _end(connection, over)
            return bool(over)

    def of(self, review_id: str) -> Claim | None:
        """Return the claim on a review that holds now."""
        with self._reading() as connection:
            row = connection.execute(_HELD, {"review_id": review_id, "at": now()}).mappings().first()
        return _claim(row) if row else None

    def require_way(self, review_id: str, reviewer: Reviewer) -> None:
        """Raise what `give_way` would raise; changes nothing."""
        claim = self.of(review_id)
        if claim is None or reviewer.source in _PROGRAMS:
            return
        with self._reading() as connection:
            away = delegations.deputies(connection, now())
        require_own(Sight(review_id=review_id, claim=claim, last=None, now=now(), away=away), reviewer.name)

    def history(self, review_id: str) -> tuple[ClaimEvent, ...]:
        """Return what was done with claims on a review, newest first."""
        with self._reading() as connection:
            rows = connection.execute(_PAST, {"review_id": review_id}).mappings().all()
        return tuple(_event(row) for row in rows)


_HERE = claims.c.review_id == sa.bindparam("review_id")
_AT: sa.BindParameter[datetime] = sa.bindparam("at")
_HOLDS = sa.or_(claims.c.expires_at.is_(None), claims.c.expires_at > _AT)
_HELD = sa.select(claims).where(_HERE, _HOLDS)
_HOLDERS = sa.select(claims.c.review_id, claims.c.holder).where(among(claims.c.review_id, "review_ids"), _HOLDS)
_OVER = sa.select(claims).where(claims.c.expires_at <= _AT)
_FIRST_OVER = sa.select(claims.c.review_id).where(claims.c.expires_at <= _AT).limit(1)
_LATEST = sa.select(claims).where(_HERE)
_PAST = (
    sa.select(claim_events)
    .where(claim_events.c.review_id == sa.bindparam("review_id"))
    .order_by(claim_events.c.seq.desc())
)
_LAST = _PAST.limit(1)
_LOCK = sa.select(reviews.c.id).where(reviews.c.id == sa.bindparam("review_id")).with_for_update()


def _look(connection: sa.Connection, review_id: str) -> Sight:
    """Return how things stand, with the review's row locked, so that they stay so until the transaction ends."""
    about = {"review_id": review_id}
    connection.execute(_LOCK, about)
    at = now()
    held = connection.execute(_LATEST, about).mappings().first()
    if held and held["expires_at"] and held["expires_at"] <= at:
        _end(connection, [held])
        held = None
    last = connection.execute(_LAST, about).mappings().first()
    return Sight(
        review_id=review_id,
        claim=_claim(held) if held else None,
        last=_event(last) if last else None,
        now=at,
        away=delegations.deputies(connection, at),
    )


def _change(connection: sa.Connection, review_id: str, step: Step, *, actor: str) -> ClaimEvent | None:
    sight = _look(connection, review_id)
    state = connection.execute(sa.select(reviews.c.state).where(reviews.c.id == review_id)).scalar()
    if state is None:
        raise ReviewNotFound(review_id)
    if state in _SHUT:
        raise ReviewClosed(review_id, _SHUT[state])
    change = step(sight)
    return _write(connection, sight, change, actor=actor) if change else None


def _write(connection: sa.Connection, sight: Sight, change: Change, *, actor: str) -> ClaimEvent:
    id_, claim = sight.review_id, change.claim
    connection.execute(sa.delete(claims).where(claims.c.review_id == id_))
    if claim:
        connection.execute(sa.insert(claims).values(review_id=id_, **asdict(claim)))
    state = sa.case(
        (reviews.c.state.in_(_FREE), (State.CLAIMED if claim else State.WAITING).value), else_=reviews.c.state
    )
    holder = claim.holder if claim else None
    connection.execute(sa.update(reviews).where(reviews.c.id == id_).values(assignee=holder, state=state))
    row: dict[str, Any] = {
        "review_id": id_,
        "at": sight.now,
        "event": change.event,
        "actor": actor,
        "holder": holder,
        "reason": change.reason,
    }
    noted = sa.insert(claim_events).values(**row, before=_stored(sight.claim)).returning(claim_events.c.seq)
    seq = connection.execute(noted).scalar_one()
    pulse.beat(connection)
    return ClaimEvent(**row, seq=seq, before=sight.claim)


def _over(connection: sa.Connection) -> Sequence[Mapping[Any, Any]]:
    return connection.execute(_OVER, {"at": now()}).mappings().all()


def _end(connection: sa.Connection, over: Sequence[Mapping[Any, Any]]) -> None:
    """End claims whose time is over."""
    for row in over:
        sight = Sight(review_id=row["review_id"], claim=_claim(row), last=None, now=row["expires_at"], away={})
        _write(connection, sight, Change(event="expired", claim=None), actor="")


def _claim(row: Mapping[Any, Any]) -> Claim:
    return Claim(**{name: row[name] for name in Claim.__dataclass_fields__})


def _stored(claim: Claim | None) -> dict[str, Any] | None:
    if claim is None:
        return None
    until = claim.expires_at.isoformat() if claim.expires_at else None
    return asdict(claim) | {"since": claim.since.isoformat(), "expires_at": until}


def _event(row: Mapping[Any, Any]) -> ClaimEvent:
    stored = row["before"]
    if stored:
        until = stored["expires_at"]
        times = {
            "since": datetime.fromisoformat(stored["since"]),
            "expires_at": until and datetime.fromisoformat(until),
        }
        stored = Claim(**{**stored, **times})
    return ClaimEvent(**{**row, "before": stored or None})


def _text(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
