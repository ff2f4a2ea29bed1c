"""When something happens to an undecided review by itself. Rows outlive the queue, which can be rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from signoff.database import audit, pulse, snoozes
from signoff.database.among import among
from signoff.database.tables import reviews, timers
from signoff.reviews import Priority

Transaction = Callable[[], AbstractContextManager[sa.Connection]]
Due = Callable[[datetime], datetime | None]
"""From when a pause was first seen to when its time is up; None for never."""

URGENT = list(Priority).index(Priority.URGENT)
BY = "timeout"
"""The name under which a timer decides and wakes."""


@dataclass(frozen=True, kw_only=True)
class Timer:
    """One review's timer. ``fires_at`` is when to try (again), None when there is nothing more to do.

    ``answered_at`` is when it gave its answer, ``escalated_at`` when it called for somebody; ``problem`` says what kept
    it, ``tries`` how often.
    """

    review_id: str
    thread_id: str
    seen_at: datetime
    expires_at: datetime
    fires_at: datetime | None
    answered_at: datetime | None
    escalated_at: datetime | None
    tries: int
    problem: str

    @property
    def fired(self) -> bool:
        """Whether it gave its answer, or called for somebody."""
        return bool(self.answered_at or self.escalated_at)

    @property
    def rests(self) -> bool:
        """Whether it does nothing because its review was not open when its time came."""
        return self.fires_at is None and not self.fired


_COLUMNS = [timers.c[field.name] for field in fields(Timer)]
_FIRST_DUE = sa.select(*_COLUMNS).order_by(timers.c.fires_at)
_KNOWN = _FIRST_DUE.where(among(timers.c.review_id, "review_ids"))
_OF = _FIRST_DUE.where(timers.c.review_id == sa.bindparam("review_id"))
_DUE = _FIRST_DUE.where(timers.c.fires_at <= sa.bindparam("now")).limit(sa.bindparam("most", type_=sa.Integer))
_TROUBLED = _FIRST_DUE.where(timers.c.problem != "", timers.c.fires_at.is_not(None))
_FRESH = {"answered_at": None, "escalated_at": None, "tries": 0, "problem": ""}


def lay_over(connection: sa.Connection, rows: Mapping[str, dict[str, Any]], dues: Mapping[str, Due | None]) -> None:
    """Keep the timers of these reviews as ``dues`` says, and write into their ``rows`` how they stand.

    A timer counts from when its review was first seen, however often the queue is rebuilt. One that has fired fires
    again only if its time was moved.
    """
    now = datetime.now(UTC)
    known = {timer.review_id: timer for timer in _read(connection, _KNOWN, review_ids=list(rows))}
    new = []
    for id_, row in rows.items():
        timer, due = known.get(id_), dues.get(id_)
        seen = timer.seen_at if timer else now
        at = row["expires_at"] = due(seen) if due else None
        if timer is None and at:
            times = {"seen_at": seen, "expires_at": at, "fires_at": at}
            new.append({"review_id": id_, "thread_id": row["thread_id"], **times, **_FRESH})
        elif timer and at and (timer.expires_at != at or timer.rests):
            _update(connection, id_, expires_at=at, fires_at=at, **_FRESH)
        elif timer and not at and not timer.fired:
            connection.execute(sa.delete(timers).where(timers.c.review_id == id_))
        elif timer and timer.escalated_at:
            row.update(escalated_at=timer.escalated_at, priority=URGENT)
    if new:
        connection.execute(sa.insert(timers), new)


def answered(connection: sa.Connection, review_id: str, *, look_again_at: datetime, now: datetime) -> None:
    """Note, in the transaction of its decision, that a timer gave its answer; then it only sees what became of it."""
    _update(connection, review_id, answered_at=now, fires_at=look_again_at, problem="")


class TimerStore:
    """The table of timers."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def due(self, now: datetime, *, limit: int = 25) -> list[Timer]:
        """Return timers whose time has come, the longest waiting first; one index probe when there are none."""
        with self._reading() as connection:
            return list(_read(connection, _DUE, now=now, most=limit))

    def of(self, review_id: str) -> Timer | None:
        """Return the timer of one review."""
        with self._reading() as connection:
            return next(_read(connection, _OF, review_id=review_id), None)

    def troubled(self) -> list[Timer]:
        """Return the timers that could not do what they should, and will try again."""
        with self._reading() as connection:
            return list(_read(connection, _TROUBLED))

    def rest(self, review_id: str) -> None:
        """Have a timer do nothing: its review is not open. One that is open again is set again by the projection."""
        with self._writing() as connection:
            _update(connection, review_id, fires_at=None, problem="")

    def put_off(self, timer: Timer, why: str, *, until: datetime) -> None:
        """Note what kept a timer, and when it tries again."""
        with self._writing() as connection:
            _update(connection, timer.review_id, fires_at=until, tries=timer.tries + 1, problem=why)
            pulse.beat(connection)

    def escalate(self, timer: Timer, *, why: str, now: datetime) -> bool:
        """Make the review urgent and wake it, on record; return whether this was the first to do so."""
        first = sa.and_(timers.c.review_id == timer.review_id, timers.c.escalated_at.is_(None))
        values = {"escalated_at": now, "fires_at": None, "problem": ""}
        with self._writing() as connection:
            if not connection.execute(sa.update(timers).where(first).values(**values)).rowcount:
                return False
            mine = sa.update(reviews).where(reviews.c.id == timer.review_id)
            connection.execute(mine.values(escalated_at=now, priority=URGENT))
            snoozes.put(connection, timer.review_id, None, by=BY, at=now)
            said = {"review_id": timer.review_id, "thread_id": timer.thread_id, "why": why}
            audit.append(connection, "escalated", "", {**said, "expired_at": timer.expires_at.isoformat()})
            pulse.beat(connection)
            return True


def backoff(tries: int) -> timedelta:
    """Return how long to wait after a failure: 15 s, then twice as long each time, an hour at most."""
    return min(timedelta(seconds=15 * 2 ** min(tries, 10)), timedelta(hours=1))


def _read(connection: sa.Connection, query: sa.Select[Any], **asked: Any) -> Iterator[Timer]:
    return (Timer(**row) for row in connection.execute(query, asked).mappings().all())


def _update(connection: sa.Connection, review_id: str, **values: Any) -> None:
    connection.execute(sa.update(timers).where(timers.c.review_id == review_id).values(**values))
