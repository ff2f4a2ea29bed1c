"""The use cases: what a page or the command line can ask of a desk. Never runs a graph itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from signoff import answering
from signoff.briefs import Brief, Health
from signoff.checkpoints import Checkpoints, Head
from signoff.checkpoints.many import sources_of
from signoff.database import Database
from signoff.database.dossiers import Dossier
from signoff.database.insights import noting
from signoff.deadlines import TimeLimit
from signoff.decisions import Decision, Outcome, Progress, Reviewer, already_decided
from signoff.dialects import Rule
from signoff.dialects.house_rules import HouseRule
from signoff.errors import (
    GraphUnknown,
    ReviewClosed,
    ReviewNotFound,
    ThreadNotFound,
)
from signoff.graphs.fingerprints import have_changed
from signoff.graphs.known import KnownGraphs
from signoff.history import Moment, tell
from signoff.jobs import JobQueue, unserved
from signoff.projection import Waiting, with_last_answer
from signoff.reviews import Counts, Json, Page, Query, Review, State
from signoff.scanners import scanner_of

Along = Callable[[Any, Decision], None]
"""Writes something with a decision, on the connection of its transaction; what it raises undoes both."""


class Desk:
    """One checkpoint database or several, their graphs, one record. Safe to share between threads.

    Every method raises `BackendUnavailable` when one of the two databases does not answer.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        database: Database,
        graphs: KnownGraphs,
        jobs: JobQueue,
        rules: Sequence[Rule] = (),
        timeouts: Sequence[TimeLimit] = (),
        *,
        house_rules: Sequence[HouseRule] = (),
        stalled_after: timedelta = timedelta(minutes=5),
    ) -> None:
        self.checkpoints, self.database, self.graphs = checkpoints, database, graphs
        self.jobs, self.rules, self.timeouts = jobs, tuple(rules), tuple(timeouts)
        self.sources = sources_of(checkpoints)
        self.scanner = scanner_of(
            checkpoints,
            database,
            graphs,
            self.rules,
            self.timeouts,
            house_rules=house_rules,
            stalled_after=stalled_after,
        )

    def scan(self) -> bool:
        """Bring the queue up to date; return whether it changed. Of several sources one that answers is enough."""
        return self.scanner.scan()

    def version(self) -> int:
        """Return a counter that moves whenever the queue or the record changes."""
        return self.database.scans.version()

    def queue(self, query: Query) -> Page:
        """Return one page of the queue."""
        return self.database.reviews.page(query)

    def counts(self, *, today: datetime) -> Counts:
        """Return the figures above the queue; ``today`` is when the reviewer's day began."""
        return self.database.reviews.counts(today=today)

    def listed_graphs(self) -> list[str]:
        """Return the graphs that have open reviews."""
        return self.database.reviews.graphs()

    def review(self, review_id: str) -> Review:
        """Return one review, open or closed. Raises `ReviewNotFound`."""
        review = self.database.reviews.get(review_id)
        if review is None:
            raise ReviewNotFound(review_id)
        return review

    def open_on(self, thread_id: str) -> tuple[Review, ...]:
        """Return the open reviews of one thread, oldest first."""
        return self.database.reviews.open_on(thread_id)

    def dossier(self, review_id: str) -> Dossier:
        """Return all that the desk has on record about one review, open or closed. Raises `ReviewNotFound`."""
        found = self.database.dossiers.of(review_id)
        if found is None:
            raise ReviewNotFound(review_id)
        return found

    def brief(self, review_id: str, known: Dossier | None = None) -> Brief:
        """Return what a reviewer is shown, read from the thread this moment.

        It is remembered by its digest, so that an answer to what has changed since can be told what. ``known`` is the
        review's dossier where the caller has it already. Raises `ReviewNotFound`, `AlreadyDecided` (and by whom), or
        `ReviewClosed`.
        """
        known = known or self.dossier(review_id)
        head, waiting = self._still_open(known)
        _, candidates = self.scanner.graph_of(head, _chosen(known))
        newest = self.checkpoints.steps(head.thread_id, limit=1)
        self.database.shown.keep(review_id, waiting.digest, waiting.shown)
        return Brief(
            dossier=known,
            waiting=with_last_answer(waiting, known.decisions),
            head=head,
            state=dict(newest[0].values) if newest else {},
            graphs=candidates or self._to_choose_from(waiting.review),
            code_changed_since=self._code_changed(known, waiting.review),
        )

    def decide(
        self,
        review_id: str,
        answer: Json,
        *,
        reviewer: Reviewer,
        seen: str | None = None,
        comment: str = "",
        raw: bool = False,
        along: Along | None = None,
    ) -> Decision:
        """Check an answer, write it down and hand it to the engine; returns the decision, ``recorded``.

        ``answer`` fits the card's schema; with ``raw`` it is the exact resume value instead, which is checked only
        against a schema that the graph itself declared. ``seen`` is the digest of what the reviewer was shown;
        ``along`` writes in the decision's own transaction. Raises `ReviewNotFound`, `ReviewClosed`, `AlreadyDecided`,
        `ReviewChanged`, `InvalidAnswer`, `GraphUnknown` or `GraphBroken`; then nothing was written.
        """
        waiting, decision = self.rehearse(review_id, answer, reviewer=reviewer, seen=seen, comment=comment, raw=raw)
        steps = (self.jobs.enqueue, noting(waiting.card.judged(decision.resume)), *([along] if along else []))
        return self.database.decisions.record(decision, enqueue=lambda tx: [step(tx, decision) for step in steps])

    def rehearse(
        self,
        review_id: str,
        answer: Json,
        *,
        reviewer: Reviewer,
        seen: str | None = None,
        comment: str = "",
        raw: bool = False,
    ) -> tuple[Waiting, Decision]:
        """Return the question and the decision that `decide` would record; raises what it raises. Records nothing."""
        known = self.dossier(review_id)
        head, waiting = self._still_open(known)
        answering.require_unchanged(self.database, waiting, seen)
        resume = answering.resume_value(waiting, answer, raw=raw)
        self._require_graph(waiting.review, head)
        shown = with_last_answer(waiting, known.decisions)
        return waiting, answering.written_down(shown, head, answer, resume, reviewer, comment)

    def asked(self, review_id: str) -> Waiting:
        """Return what a review asks this moment. Raises `ReviewNotFound`, `AlreadyDecided` or `ReviewClosed`."""
        return self._still_open(self.dossier(review_id))[1]

    def choose_graph(self, thread_id: str, graph: str, *, reviewer: Reviewer) -> None:
        """Say which graph a thread belongs to. Raises `GraphUnknown` for a graph that is not loaded."""
        if graph not in (names := self._graphs_for(thread_id)):
            raise GraphUnknown(thread_id, names)
        self.database.scans.choose_graph(thread_id, graph, chosen_by=reviewer.name)
        self.scanner.look([thread_id])

    def decision(self, decision_id: str) -> Decision | None:
        """Return one decision."""
        return self.database.decisions.get(decision_id)

    def decisions(
        self, *, limit: int = 50, offset: int = 0, search: str = "", outcome: Outcome | None = None
    ) -> tuple[tuple[Decision, ...], int]:
        """Return some of the record, newest first, and how many match in all."""
        return self.database.decisions.page(limit=limit, offset=offset, search=search, outcome=outcome)

    def decisions_on(self, review_id: str) -> tuple[Decision, ...]:
        """Return the decisions on one review, newest first."""
        return self.database.decisions.of_review(review_id)

    def progress(self, decision_id: str) -> tuple[Progress, ...]:
        """Return which nodes ran while a decision was applied, oldest first."""
        return self.database.decisions.progress(decision_id)

    def history(self, thread_id: str, *, limit: int = 50, before: str | None = None) -> tuple[Moment, ...]:
        """Return at most ``limit`` steps of a thread, newest first. Raises `ThreadNotFound`."""
        steps = self.checkpoints.steps(thread_id, limit=limit, before=before)
        if not steps and before is None:
            raise ThreadNotFound(thread_id)
        return tell(steps, self.database.decisions.of_thread(thread_id))

    def graph_of(self, thread_id: str) -> tuple[str | None, tuple[str, ...]]:
        """Return a thread's graph, or None and those it may belong to. Raises `ThreadNotFound`."""
        for head in self.checkpoints.heads([thread_id]):
            graph, fitting = self.scanner.graph_of(head, self.database.scans.chosen_graphs([thread_id]))
            return graph or (None if fitting else self.database.threads.graph_of(thread_id)), fitting
        raise ThreadNotFound(thread_id)

    def health(self) -> Health:
        """Return what did not load, what cannot be read, and what is on its way."""
        return Health(
            checkpoints=self.checkpoints.name,
            desk=self.database.address,
            graphs=self.graphs.names,
            broken={name: f"{error}\n\n{error.traceback}" for name, error in self.graphs.broken.items()},
            broken_forms={rule.name: f"{rule.broken}\n\n{rule.traceback}" for rule in self.rules if rule.broken},
            unreadable=self.database.scans.unreadable(),
            limits=tuple(getattr(self.checkpoints, "limits", ())),
            undecided=self.database.decisions.undecided(),
        )

    def unserved(self) -> dict[str, int]:
        """Return how many decisions wait for each graph that no living engine has; empty on SQLite, with one engine."""
        if self.database.file:
            return {}
        served = [graph for executor in self.database.executors.living() for graph in executor.graphs]
        return unserved(self.database.numbers.read().undecided, served)

    def close(self) -> None:
        """Release every connection."""
        self.jobs.close()
        self.database.close()
        self.checkpoints.close()

    def _still_open(self, known: Dossier) -> tuple[Head, Waiting]:
        review = known.review
        undecided = next((d for d in known.own if not d.outcome.final), None)
        if undecided:
            raise already_decided(undecided)
        try:
            head, waiting = self.scanner.waiting(review.thread_id, _chosen(known))
        except ThreadNotFound:
            head, waiting = None, ()
        for one in waiting:
            if head and one.review.id == review.id:
                return head, one
        if review.state is not State.CLOSED:
            self.scanner.look([review.thread_id])
        decided = next(iter(self.decisions_on(review.id)), None)
        raise already_decided(decided) if decided else ReviewClosed(review.id, _why_closed(head))

    def _code_changed(self, known: Dossier, review: Review) -> datetime | None:
        seen = known.code_seen
        now = self.graphs.fingerprint(review.graph or "", review.node or "")
        return seen[1] if seen and have_changed(seen[0], now) else None

    def _graphs_for(self, thread_id: str) -> tuple[str, ...]:
        """Return the names of the graphs of the thread's source."""
        source = self.sources.of(thread_id)
        return tuple(name for name in self.graphs.names if self.sources.of(name) == source)

    def _to_choose_from(self, review: Review) -> tuple[str, ...]:
        known = review.graph in self.graphs.names or review.graph in self.graphs.broken
        return () if known else self._graphs_for(review.thread_id)

    def _require_graph(self, review: Review, head: Head) -> None:
        if review.graph in self.graphs.broken:
            raise self.graphs.broken[review.graph or ""]
        if review.graph not in self.graphs.names:
            _, candidates = self.scanner.graph_of(head, {})
            raise GraphUnknown(review.thread_id, candidates or self._graphs_for(review.thread_id))


def _chosen(known: Dossier) -> dict[str, str]:
    return {known.review.thread_id: known.graph} if known.graph else {}


def _why_closed(head: Head | None) -> str:
    return "its thread was deleted" if head is None else "it was answered elsewhere, or its thread moved on"
