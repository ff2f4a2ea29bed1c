"""What monitoring asks of a desk: how many reviews are open, how old, how decisions ended. No names, no payloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from signoff.database.tables import decisions, reviews
from signoff.decisions import Outcome
from signoff.reviews import OPEN, State

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """A desk in numbers. ``oldest`` is the age in seconds of the open review that has waited longest, 0 if none is.

    ``undecided`` counts recorded decisions without an outcome by graph; those that are being applied are among them.
    """

    open: Mapping[State, int]
    oldest: float
    outcomes: Mapping[Outcome, int]
    undecided: Mapping[str | None, int]

    @property
    def running(self) -> int:
        """Return how many decisions are being applied."""
        return self.outcomes[Outcome.APPLYING]

    @property
    def backlog(self) -> int:
        """Return how many decisions are on record and not yet begun."""
        return self.outcomes[Outcome.RECORDED]


class NumberStore:
    """Counts, from indexes alone."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def read(self) -> Numbers:
        """Count, in one snapshot. Raises `BackendUnavailable`."""
        states = sa.select(reviews.c.state, sa.func.count(), sa.func.min(reviews.c.paused_at))
        states = states.where(reviews.c.state.in_([state.value for state in OPEN])).group_by(reviews.c.state)
        ended = sa.select(decisions.c.outcome, sa.func.count()).group_by(decisions.c.outcome)
        under_way = decisions.c.outcome.in_([outcome.value for outcome in Outcome if not outcome.final])
        waiting = sa.select(decisions.c.graph, sa.func.count()).where(under_way).group_by(decisions.c.graph)
        with self._reading() as connection:
            open_now = {State(state): (count, since) for state, count, since in connection.execute(states)}
            outcomes = {Outcome(outcome): count for outcome, count in connection.execute(ended)}
            undecided = {graph: count for graph, count in connection.execute(waiting)}
        since = min((each for _, each in open_now.values()), default=None)
        return Numbers(
            open={state: open_now.get(state, (0, None))[0] for state in State if state in OPEN},
            oldest=max(0.0, (datetime.now(UTC) - since).total_seconds()) if since else 0.0,
            outcomes={outcome: outcomes.get(outcome, 0) for outcome in Outcome},
            undecided=undecided,
        )
