"""The queue as a table: one row per review, pages and counts by index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from signoff.database import claims, correlations, labels, overrides, pulse, search, snoozes, threads, timers
from signoff.database.among import among
from signoff.database.finding import RANKS, conditions, ordering
from signoff.database.inserting import insert_rows
from signoff.database.listing import Listing, Transaction, read_review
from signoff.database.paging import LISTED
from signoff.database.tables import decisions, reviews
from signoff.decisions import Outcome
from signoff.reviews import OPEN, Counts, Kind, Query, Review, Sort, State
from signoff.threads import Thread

_UNDECIDED = (Outcome.RECORDED, Outcome.APPLYING)
_TROUBLED = (
    reviews.c.kind.in_([Kind.FAILED.value, Kind.STUCK.value, Kind.STALLED.value]),
    reviews.c.state.in_([state.value for state in OPEN]),
)
_ONE = sa.select(*LISTED).where(reviews.c.id == sa.bindparam("review_id"))
_OPEN_ON = (
    sa.select(*LISTED)
    .where(reviews.c.thread_id == sa.bindparam("thread_id"), reviews.c.state.in_([state.value for state in OPEN]))
    .order_by(*ordering(Sort.OLDEST))
)
_KNOWN = sa.select(reviews).where(  # what a thread has closed long ago stays out of it
    among(reviews.c.thread_id, "thread_ids"), sa.or_(search.IS_OPEN, among(reviews.c.id, "review_ids"))
)
_APPLYING = sa.select(decisions.c.review_id).where(
    decisions.c.outcome.in_(_UNDECIDED), among(decisions.c.thread_id, "thread_ids")
)
_CLOSE = (
    sa.update(reviews)
    .where(among(reviews.c.id, "review_ids"))
    .values(state=State.CLOSED.value, closed_at=sa.bindparam("now", type_=reviews.c.closed_at.type))
)
_NUMBERS = sa.select(reviews.c.id, reviews.c.seq).where(among(reviews.c.id, "review_ids"))
_BY_STATE = sa.select(reviews.c.state, sa.func.count()).where(reviews.c.state.in_(OPEN)).group_by(reviews.c.state)
_SHUT = (State.APPLYING.value, State.CLOSED.value)
_OLDEST = (  # along the index by time, to the first that is not put off
    sa.select(reviews.c.paused_at)
    .where(search.IS_OPEN, sa.not_(snoozes.snoozed(sa.bindparam("now", type_=sa.DateTime))))
    .order_by(reviews.c.paused_at)
    .limit(1)
)
_SETTLED = sa.select(  # in groups, SQLite would read all decisions
    *(sa.func.count().filter(decisions.c.outcome == end.value) for end in (Outcome.APPLIED, Outcome.FAILED))
).where(decisions.c.settled_at >= sa.bindparam("today"))
_ASKED = (Kind.INTERRUPT.value, Kind.FAILED.value)  # what a thread can come to without a new checkpoint
_MOVE = sa.update(reviews).where(reviews.c.id == sa.bindparam("moved"))
_OWN = ("state", "paused_at", "closed_at")  # what the projection must not overwrite


@dataclass(frozen=True, kw_only=True)
class Projected:
    """A review as the scanner sees it, the text by which it is found, and the marks of its keys (`signoff.scalars`).

    ``due`` tells when its time is up, where it has any.
    """

    review: Review
    search: str
    marks: frozenset[int] = frozenset()
    due: timers.Due | None = None


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Threads that got into the same trouble: the same graph, node, kind of trouble, and first line of the error."""

    graph: str | None
    node: str | None
    kind: Kind
    reason: str
    count: int
    oldest: datetime


class ReviewStore(Listing):
    """The table of reviews, its full-text index and its labels."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        super().__init__(reading)
        self._writing = writing

    def project(
        self, thread_ids: Sequence[str], projected: Iterable[Projected], standing: Iterable[Thread] = ()
    ) -> bool:
        """Make the table say of these threads what the scanner saw, and close their other reviews.

        Claims, what was set by hand and first-seen times stay. Returns whether any review changed. ``standing`` says
        where those of the threads that still exist stand, for their index.
        """
        with self._writing() as connection:
            seen = {p.review.id: p for p in projected}
            by_hand = overrides.by_hand(connection, seen)
            set_by_hand = {id_: replace(seen[id_], review=replace(seen[id_].review, **by_hand[id_])) for id_ in by_hand}
            wanted = seen | set_by_hand
            asked = {"thread_ids": thread_ids, "review_ids": list(wanted)}
            known = {row.id: row for row in connection.execute(_KNOWN, asked)}
            applying = set(connection.execute(_APPLYING, {"thread_ids": thread_ids}).scalars())
            held = claims.holders(connection, wanted)
            rows = {id_: _row(p, known.get(id_), held.get(id_), applying) for id_, p in wanted.items()}
            indexed = threads.known_of(connection, thread_ids)
            _begin([row for id_, row in rows.items() if id_ not in known], indexed)
            timers.lay_over(connection, rows, {id_: p.due for id_, p in wanted.items()})
            snoozes.lay_over(connection, rows)
            changed = _write(connection, rows, known)
            _index(connection, wanted, known)
            threads.keep(connection, indexed, standing)
            if changed:
                pulse.beat(connection)
            return changed

    def clear(self) -> None:
        """Throw the projection away, to be rebuilt by the next scan."""
        with self._writing() as connection:
            connection.execute(sa.delete(reviews))
            search.clear(connection)
            labels.forget(connection)
            correlations.forget(connection)
            threads.forget(connection)
            pulse.beat(connection)

    def get(self, review_id: str) -> Review | None:
        """Return one review, open or closed."""
        with self._reading() as connection:
            row = connection.execute(_ONE, {"review_id": review_id}).first()
        return read_review(row) if row else None

    def open_on(self, thread_id: str) -> tuple[Review, ...]:
        """Return the open reviews of one thread, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(_OPEN_ON, {"thread_id": thread_id}).all()
        return tuple(read_review(row) for row in rows)

    def first_free(
        self, query: Query, *, groups: Collection[str] = ()
    ) -> Callable[[sa.Connection, Collection[str]], str | None]:
        """Return what finds the first review of ``query`` that nobody has, among those meant for all or for some names.

        A review is meant for its ``assignees`` and ``groups``, for all where it names none.
        """

        def find(connection: sa.Connection, names: Collection[str]) -> str | None:
            named = [(labels.Label.ASSIGNEE, name) for name in names] + [(labels.Label.GROUP, one) for one in groups]
            meant = [reviews.c.seq.in_(labels.carrying(kind, name)) for kind, name in named]
            for_all = sa.and_(*(sa.cast(column, sa.Text) == "[]" for column in (reviews.c.assignees, reviews.c.groups)))
            free = (reviews.c.assignee.is_(None), reviews.c.state.not_in(_SHUT), sa.or_(for_all, *meant))
            listing = sa.select(reviews.c.id).where(*conditions(query, connection.dialect.name), *free)
            first = listing.order_by(*ordering(query.sort)).limit(1).with_for_update(skip_locked=True)
            return connection.execute(first).scalar()

        return find

    def troubles(self) -> tuple[Trouble, ...]:
        """Return the open reviews of threads in trouble, grouped, the largest group first."""
        same = (reviews.c.graph, reviews.c.node, reviews.c.kind, reviews.c.reason)
        number, first = sa.func.count().label("number"), sa.func.min(reviews.c.paused_at).label("first")
        query = sa.select(*same, number, first).where(*_TROUBLED).group_by(*same).order_by(number.desc(), *same)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Trouble(
                graph=r.graph, node=r.node, kind=Kind(r.kind), reason=r.reason or "", count=r.number, oldest=r.first
            )
            for r in rows
        )

    def in_trouble(self, group: Trouble, *, limit: int) -> tuple[Review, ...]:
        """Return the open reviews of one group, oldest first."""
        same = [reviews.c[name].is_not_distinct_from(getattr(group, name)) for name in ("graph", "node", "reason")]
        query = sa.select(*LISTED).where(*_TROUBLED, reviews.c.kind == group.kind.value, *same)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(reviews.c.paused_at, reviews.c.id).limit(limit)).all()
        return tuple(read_review(row) for row in rows)

    def open_threads(self, source: str = "") -> list[str]:
        """Return the ids of a source's threads with an open review, sorted."""
        open_here = sa.select(reviews.c.thread_id).where(search.IS_OPEN, reviews.c.source == source)
        with self._reading() as connection:
            return list(connection.execute(open_here.distinct().order_by(reviews.c.thread_id)).scalars().all())

    def graphs(self) -> list[str]:
        """Return the names of the graphs that have open reviews, sorted."""
        query = sa.select(reviews.c.graph).where(search.IS_OPEN, reviews.c.graph.is_not(None)).distinct()
        with self._reading() as connection:
            return sorted(connection.execute(query).scalars())

    def counts(self, *, today: datetime) -> Counts:
        """Return the figures above the queue; ``today`` is the beginning of the reviewer's day."""
        with self._reading() as connection:
            states = {State(row[0]): row[1] for row in connection.execute(_BY_STATE)}
            first = connection.execute(_OLDEST, {"now": datetime.now(UTC)}).scalar()
            later = snoozes.count(connection)
            outcomes = connection.execute(_SETTLED, {"today": today}).one()
        return Counts(
            by_state=states,
            oldest=first,
            applied_today=outcomes[0],
            failed_today=outcomes[1],
            snoozed=later,
        )


def _write(connection: sa.Connection, rows: dict[str, dict[str, Any]], known: dict[str, Any]) -> bool:
    """Write the rows of open reviews and close the other ``known`` ones, with the full-text index."""
    stored = {
        id_: {name: value for name, value in row._asdict().items() if name != "seq"} for id_, row in known.items()
    }
    new = [row for id_, row in rows.items() if id_ not in known]
    moved = [row for id_, row in rows.items() if id_ in known and row != stored[id_]]
    gone = [id_ for id_, row in known.items() if id_ not in rows and row.state != State.CLOSED]
    before = {id_: row.search for id_, row in known.items() if row.state != State.CLOSED}
    after = {id_: row["search"] for id_, row in rows.items()}
    search.unlearn(connection, [known[id_].seq for id_, text in before.items() if after.get(id_) != text])
    if new:
        insert_rows(connection, reviews, new)
    if moved:
        connection.execute(_MOVE, [{**row, "moved": row["id"]} for row in moved])
    if gone:
        connection.execute(_CLOSE, {"review_ids": gone, "now": datetime.now(UTC)})
    search.learn(connection, [id_ for id_, text in after.items() if before.get(id_) != text])
    return bool(new or moved or gone)


def _index(connection: sa.Connection, wanted: Mapping[str, Projected], known: Mapping[str, Any]) -> None:
    """Have open reviews found by their labels and keys, and the other ``known`` ones no more."""
    numbered = {id_: row.seq for id_, row in known.items()}
    mine = list(numbered.values())
    if new := [id_ for id_ in wanted if id_ not in known]:
        numbered |= {row.id: row.seq for row in connection.execute(_NUMBERS, {"review_ids": new})}
    labels.keep(connection, {numbered[id_]: labels.labels_of(p.review) for id_, p in wanted.items()}, mine)
    correlations.keep(connection, {numbered[id_]: p.marks for id_, p in wanted.items()}, mine)


def _row(projected: Projected, known: Any, holder: str | None, applying: set[str]) -> dict[str, Any]:
    review = projected.review
    row = {
        **vars(review),
        "kind": review.kind.value,
        "state": review.state.value,
        "priority": RANKS[review.priority],
        "assignee": holder,
        **{name: list(getattr(review, name)) for name in ("assignees", "groups", "tags")},
        "search": search.folded(projected.search),
    }
    if known:
        row.update({name: getattr(known, name) for name in _OWN})
    row["state"] = _state(review, holder, applying=review.id in applying).value
    row["closed_at"] = None
    return row


def _begin(rows: Sequence[dict[str, Any]], indexed: Mapping[str, Any]) -> None:
    """Have what was asked since the last look at its thread begin now: a checkpoint is as old as its first question."""
    now = datetime.now(UTC)
    for row in rows:
        before = indexed.get(row["thread_id"])
        if row["kind"] in _ASKED and before and before.checkpoint_id == row["checkpoint_id"]:
            row["paused_at"] = now


def _state(review: Review, holder: str | None, *, applying: bool) -> State:
    if applying:
        return State.APPLYING
    return State.CLAIMED if holder and review.state is State.WAITING else review.state
