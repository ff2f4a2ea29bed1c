"""The record: every answer, who gave it, and what became of it. Rows are never deleted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from signoff.database import audit, claims, pulse
from signoff.database.among import among
from signoff.database.tables import decisions, progress, reviews
from signoff.decisions import Decision, Outcome, Progress, Reviewer, already_decided
from signoff.errors import ThreadBusy
from signoff.logs import tell
from signoff.reviews import ABSENT, OPEN, Json, Kind, State

Transaction = Callable[[], AbstractContextManager[sa.Connection]]
_OTHERWISE = ("seq", "reviewer", "reviewer_source", "question", "kind", "outcome", "proposed")
_PLAIN = [column.name for column in decisions.c if column.name not in _OTHERWISE]
_log = logging.getLogger(__name__)
_UNDECIDED = (Outcome.RECORDED.value, Outcome.APPLYING.value)


_ON_THREAD = decisions.c.thread_id == sa.bindparam("thread_id")
_NEWEST_FIRST = sa.select(decisions).order_by(decisions.c.seq.desc())
_ONE = _NEWEST_FIRST.where(decisions.c.id == sa.bindparam("decision_id"))
_OF_REVIEW = _NEWEST_FIRST.where(decisions.c.review_id == sa.bindparam("review_id"))
_OF_THREAD = _NEWEST_FIRST.where(_ON_THREAD)
_UNSETTLED = _NEWEST_FIRST.where(decisions.c.outcome.in_(_UNDECIDED))
_INTERRUPTED = _NEWEST_FIRST.where(_ON_THREAD, decisions.c.outcome == Outcome.APPLYING.value)
_ANSWERS = (
    sa.select(decisions)
    .where(_ON_THREAD, decisions.c.question == sa.bindparam("question"))
    .order_by(decisions.c.attempt.desc())
    .limit(1)
)
_RIVALS = (
    sa.select(decisions.c.reviewer)
    .where(_ON_THREAD, decisions.c.outcome.in_(_UNDECIDED), decisions.c.id != sa.bindparam("decision_id"))
    .limit(1)
)
_TRAVELLERS = _RIVALS.where(decisions.c.kind == Kind.TRAVEL.value)
_ADD, _NOTE = sa.insert(decisions), sa.insert(progress)
_APPLY = sa.update(reviews).where(reviews.c.id == sa.bindparam("review_id")).values(state=State.APPLYING.value)
_PENDING = sa.update(decisions).where(decisions.c.id == sa.bindparam("of"), decisions.c.outcome.in_(_UNDECIDED))
_PROGRESS = sa.select(progress).where(progress.c.decision_id == sa.bindparam("of")).order_by(progress.c.seq)
_RUNS = (
    sa.select(decisions.c.review_id, progress.c.node, progress.c.event)
    .join(progress, progress.c.decision_id == decisions.c.id)
    .where(among(decisions.c.review_id, "review_ids"), decisions.c.outcome.in_(_UNDECIDED))
    .order_by(progress.c.seq)
)


class DecisionStore:
    """The table of decisions, and the progress of those that are being applied.

    Newest first is by the order in which they were recorded: a clock can be set back.
    """

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def record(self, decision: Decision, *, enqueue: Callable[[sa.Connection], object]) -> Decision:
        """Write the decision down and hand it to the engine in one transaction; the first answer to a question wins.

        Returns the decision with its attempt filled in; ends the claim on the review. Raises `AlreadyDecided`, naming
        the winner, `HeldByAnother`, or `ThreadBusy` where somebody goes back in time on a thread with another decision
        under way.
        """
        question = question_of(decision)
        with self._writing() as connection:
            _require_quiet(connection, decision)
            earlier = _earlier(connection, decision.thread_id, question)
            if earlier and not earlier.reopens:
                raise already_decided(earlier)
            for review_id in _left_behind(connection, decision):
                claims.give_way(connection, review_id, decision.reviewer)
            row = _row(decision) | {"question": question, "attempt": earlier.attempt + 1 if earlier else 1}
            connection.execute(_ADD, row)
            connection.execute(_APPLY, {"review_id": decision.review_id})
            audit.append(connection, "recorded", decision.id, {name: row[name] for name in audit.SEALED})
            enqueue(connection)
            pulse.beat(connection)
        tell(
            _log,
            "recorded",
            decision=decision.id,
            review=decision.review_id,
            thread=decision.home,
            graph=decision.graph,
        )
        return _decision({**row})

    def begin(self, decision_id: str, *, checkpoint_before: str | None) -> None:
        """Note that the answer is now being handed to the graph; a redelivery keeps the first ``checkpoint_before``."""
        first = sa.func.coalesce(decisions.c.checkpoint_before, checkpoint_before)
        values = {"outcome": Outcome.APPLYING.value, "checkpoint_before": first, "error": None}
        self._update(decision_id, "applying", {"checkpoint_before": checkpoint_before}, values)

    def put_off(self, decision_id: str, why: str) -> None:
        """Note why the decision cannot be applied just now; it stays to be applied."""
        self._update(decision_id, "put off", {"error": why}, {"error": why})

    def settle(
        self,
        decision_id: str,
        outcome: Outcome,
        *,
        error: str | None = None,
        checkpoint_after: str | None = None,
        wrote: Json = None,
    ) -> None:
        """Record what became of the decision; a decision that has its outcome keeps it."""
        values = {"outcome": outcome.value, "error": error, "checkpoint_after": checkpoint_after}
        said = values | {"wrote": audit.sealed(wrote)}
        self._update(decision_id, "settled", said, values | {"wrote": wrote, "settled_at": datetime.now(UTC)})

    def get(self, decision_id: str) -> Decision | None:
        """Return one decision."""
        return next(iter(self._select(_ONE, decision_id=decision_id)), None)

    def of_review(self, review_id: str) -> tuple[Decision, ...]:
        """Return the decisions on one review, newest first."""
        return self._select(_OF_REVIEW, review_id=review_id)

    def of_thread(self, thread_id: str) -> tuple[Decision, ...]:
        """Return the decisions on one thread, newest first."""
        return self._select(_OF_THREAD, thread_id=thread_id)

    def undecided(self) -> tuple[Decision, ...]:
        """Return the decisions that have no outcome yet, newest first."""
        return self._select(_UNSETTLED)

    def interrupted(self, thread_id: str) -> tuple[Decision, ...]:
        """Return the thread's decisions that are ``applying``, oldest first."""
        return self._select(_INTERRUPTED, thread_id=thread_id)[::-1]

    def page(
        self, *, limit: int, offset: int = 0, search: str = "", outcome: Outcome | None = None
    ) -> tuple[tuple[Decision, ...], int]:
        """Return some decisions, newest first, and how many match; ``search`` looks at titles, names, threads."""
        wanted = [decisions.c.outcome == outcome.value] if outcome else []
        wanted += [sa.or_(*_containing(word)) for word in search.split()]
        with self._reading() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(decisions).where(*wanted)).scalar_one()
        return self._select(_NEWEST_FIRST.where(*wanted).limit(limit).offset(offset)), total

    def add_progress(self, decision_id: str, node: str, event: str) -> None:
        """Note that a node started, finished, paused or failed."""
        with self._writing() as connection:
            values = {"decision_id": decision_id, "node": node, "event": event, "at": datetime.now(UTC)}
            connection.execute(_NOTE, values)
            pulse.beat(connection)

    def progress(self, decision_id: str) -> tuple[Progress, ...]:
        """Return what happened while the decision was applied, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(_PROGRESS, {"of": decision_id}).all()
        return tuple(Progress(node=row.node, event=row.event, at=row.at) for row in rows)

    def under_way(self, review_ids: Sequence[str]) -> dict[str, str]:
        """Return the node that runs now for each of the reviews to which a decision is being applied."""
        running: dict[str, dict[str, None]] = {}
        with self._reading() as connection:
            for row in connection.execute(_RUNS, {"review_ids": review_ids}):
                nodes = running.setdefault(row.review_id, {})
                if row.event == "started":
                    nodes[row.node] = None
                else:
                    nodes.pop(row.node, None)
        return {review_id: ", ".join(nodes) for review_id, nodes in running.items() if nodes}

    def _select(self, query: sa.Select[Any], **asked: str) -> tuple[Decision, ...]:
        with self._reading() as connection:
            rows = connection.execute(query, asked).mappings().all()
        return tuple(_decision(dict(row)) for row in rows)

    def _update(self, decision_id: str, event: str, said: dict[str, Json], values: dict[str, Any]) -> None:
        with self._writing() as connection:
            if connection.execute(_PENDING.values(**values), {"of": decision_id}).rowcount:
                audit.append(connection, event, decision_id, said)
                pulse.beat(connection)


def question_of(decision: Decision) -> str:
    """Return what a decision answers: the kind of review, and the interrupt id or, without one, the checkpoint id.

    A checkpoint can be gone back to any number of times: then it is the decision's own id.
    """
    travels = decision.kind is Kind.TRAVEL
    return f"{decision.kind.value}:{decision.id if travels else decision.interrupt_id or decision.checkpoint_id}"


def _left_behind(connection: sa.Connection, decision: Decision) -> Sequence[str]:
    """Return the reviews that the decision closes: its own, or all open ones of a thread that is turned back."""
    if decision.kind is not Kind.TRAVEL or decision.forks:
        return [decision.review_id]
    open_ones = sa.and_(reviews.c.thread_id == decision.thread_id, reviews.c.state.in_(OPEN))
    return connection.execute(sa.select(reviews.c.id).where(open_ones)).scalars().all()


def _containing(word: str) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions of which one holds where a word is contained; SQLite (3.40) itself folds no case but ASCII's."""
    for spelled in [word] if word.isascii() else sorted({word, word.lower(), word.upper(), word.title()}):
        for column in (decisions.c.title, decisions.c.reviewer, decisions.c.thread_id):
            yield column.icontains(spelled, autoescape=True)


def _require_quiet(connection: sa.Connection, decision: Decision) -> None:
    query = _RIVALS if decision.kind is Kind.TRAVEL else _TRAVELLERS
    if rival := connection.execute(query, {"thread_id": decision.thread_id, "decision_id": decision.id}).first():
        raise ThreadBusy(decision.thread_id, f"a decision of {rival.reviewer} is being applied")


def _earlier(connection: sa.Connection, thread_id: str, question: str) -> Decision | None:
    row = connection.execute(_ANSWERS, {"thread_id": thread_id, "question": question}).mappings().first()
    return _decision(dict(row)) if row else None


def _row(decision: Decision) -> dict[str, Json]:
    row = {name: getattr(decision, name) for name in _PLAIN}
    return row | {
        "reviewer": decision.reviewer.name,
        "reviewer_source": decision.reviewer.source,
        "kind": decision.kind.value,
        "outcome": decision.outcome.value,
        "proposed": None if decision.proposed is ABSENT else {"value": decision.proposed},
    }


def _decision(row: dict[str, Any]) -> Decision:
    return Decision(
        **{name: row[name] for name in _PLAIN},
        reviewer=Reviewer(name=row["reviewer"], source=row["reviewer_source"]),
        kind=Kind(row["kind"]),
        outcome=Outcome(row["outcome"]),
        proposed=row["proposed"]["value"] if row["proposed"] else ABSENT,
    )
