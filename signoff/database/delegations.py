"""Who stands in for whom, and when. Rows are kept; one that is ended early gets an earlier end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from signoff.database import audit, pulse
from signoff.database.tables import delegations

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """While ``person`` is away, from ``starts_at`` until ``ends_at``, what is theirs goes to ``deputy``."""

    seq: int
    person: str
    deputy: str
    starts_at: datetime
    ends_at: datetime
    made_by: str
    made_at: datetime


_RUNNING = (
    sa.select(delegations)
    .where(delegations.c.starts_at <= sa.bindparam("now"), delegations.c.ends_at > sa.bindparam("now"))
    .order_by(delegations.c.seq)
)


def deputies(connection: sa.Connection, now: datetime) -> dict[str, str]:
    """Return who stands in for each person that is away now; of two delegations of one person the later made counts."""
    return {row.person: row.deputy for row in connection.execute(_RUNNING, {"now": now})}


def stand_in(name: str, away: Mapping[str, str]) -> str:
    """Return who acts for ``name``: a deputy, or the deputy's deputy; ``name`` itself when present."""
    seen = {name}
    while (deputy := away.get(name, name)) not in seen:
        seen.add(name := deputy)
    return name


def acting_for(name: str, away: Mapping[str, str]) -> frozenset[str]:
    """Return the names under which ``name`` acts: its own, and those of the people it stands in for."""
    return frozenset((name, *(person for person in away if stand_in(person, away) == name)))


class DelegationStore:
    """The table of delegations."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def add(
        self, person: str, deputy: str, *, starts_at: datetime, ends_at: datetime, made_by: str, now: datetime
    ) -> None:
        """Write a delegation down; on record in the audit trail."""
        row = {"person": person, "deputy": deputy, "starts_at": starts_at, "ends_at": ends_at, "made_by": made_by}
        with self._writing() as connection:
            connection.execute(sa.insert(delegations).values(**row, made_at=now))
            times = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
            audit.append(connection, "absence", "", {"person": person, "deputy": deputy, "by": made_by, **times})
            pulse.beat(connection)

    def away(self, now: datetime) -> dict[str, str]:
        """Return who stands in for each person that is away now."""
        with self._reading() as connection:
            return deputies(connection, now)

    def end(self, seq: int, *, by: str, now: datetime) -> None:
        """End a delegation now, or before it began; on record in the audit trail."""
        running = sa.and_(delegations.c.seq == seq, delegations.c.ends_at > now)
        with self._writing() as connection:
            one = connection.execute(sa.select(delegations).where(running)).first()
            if one:
                connection.execute(sa.update(delegations).where(running).values(ends_at=now))
                said = {"person": one.person, "deputy": one.deputy, "by": by}
                audit.append(connection, "absence ended", "", said)
                pulse.beat(connection)

    def current(self, now: datetime) -> tuple[Delegation, ...]:
        """Return the delegations that have not ended, the first to begin first."""
        query = sa.select(delegations).where(
            delegations.c.ends_at > now, delegations.c.starts_at < delegations.c.ends_at
        )
        with self._reading() as connection:
            rows = connection.execute(query.order_by(delegations.c.starts_at, delegations.c.seq)).mappings().all()
        return tuple(Delegation(**row) for row in rows)
