"""Keeps the queue up to date: reads what changed in the checkpoint database and projects it into reviews."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from signoff import __version__
from signoff.batches import in_batches
from signoff.belonging import Belonging
from signoff.checkpoints import Changes, Checkpoints, Head, Question
from signoff.checkpoints.head import is_stuck, unexpected
from signoff.comparing import Comparison
from signoff.database import Database
from signoff.database.reviews import Projected
from signoff.deadlines import TimeLimit, plan_of
from signoff.dialects import Rule
from signoff.dialects.house_rules import HouseRule
from signoff.dialects.trouble import NOTHING, Means
from signoff.errors import BackendUnavailable, SignoffError, ThreadNotFound
from signoff.graphs.known import KnownGraphs
from signoff.indexing import indexed
from signoff.projection import Waiting, waiting_on
from signoff.reviews import ABSENT, Absent, Json, Kind
from signoff.run_config import MARK
from signoff.scalars import marks
from signoff.sources import ONE, Sources
from signoff.sweep import Sweep
from signoff.threads import Thread, ThreadState

_log = logging.getLogger(__name__)
_BATCH = 2_000  # threads that one transaction writes, for whose end whoever decides meanwhile has to wait
_PATIENCE_SECONDS, _TRY_SECONDS = 2.0, 0.02
_THIS_MOMENT = 0.2  # seconds, a little less than between two scans
_AGAIN = timedelta(seconds=30)  # until the next look at a thread that only looks stalled


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What a scan keeps of a thread: where it stands, what it waits for, and what could not be read of it.

    Without ``thread`` it made no sense of it, and leaves its reviews as they were.
    """

    thread_id: str
    thread: Thread | None = None
    projected: Sequence[Projected] = ()
    problem: str | None


class Scanner:
    """One checkpoint database seen through one set of graphs.

    A scan with nothing new decodes nothing. Scans of one desk exclude each other, also between processes, so that an
    older reading never overwrites a newer one. Of several sources each has a scanner: it reads and writes the threads
    of its ``source`` alone, and knows graphs by their names on the desk.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        database: Database,
        graphs: KnownGraphs,
        rules: Sequence[Rule] = (),
        timeouts: Sequence[TimeLimit] = (),
        *,
        house_rules: Sequence[HouseRule] = (),
        stalled_after: timedelta = timedelta(minutes=5),
        source: str = "",
        sources: Sources = ONE,
    ) -> None:
        self._source, self._sources = source, sources
        self._stalled_after, self._timeouts = stalled_after, tuple(timeouts)
        self._house_rules = tuple(house_rules)
        self._checkpoints, self._database, self._graphs, self._rules = checkpoints, database, graphs, tuple(rules)
        marks = [(name, repr(graphs.breakpoints(name))) for name in graphs.names if sources.of(name) == source]
        settings = repr((__version__, checkpoints.name, marks, self._rules, self._timeouts, self._house_rules))
        self._fingerprint = hashlib.sha256(settings.encode()).hexdigest()
        self._waits = database.file is not None  # on one machine whoever asks sees what is true now
        self._scan_lock, self._look_lock = (f"{name}-{source}" if source else name for name in ("scan", "look"))
        self._swept_before = False
        self.graph_of = Belonging(graphs, source=source, sources=sources).graph_of
        self._sweep = Sweep(partial(database.threads.ids, source=source))
        self._comparison = Comparison(partial(database.threads.tips, source))

    def scan(self) -> bool:
        """Bring the queue up to date; return whether it changed. Raises `BackendUnavailable`.

        Where many processes share a desk, all but one leave it at once to the one that scans already.
        """
        expired = self._database.claims.expire()
        with self._database.alone(self._scan_lock, wait=self._waits) as had:
            return (had and self._scan()) | expired

    def _scan(self) -> bool:
        with self._database.alone(self._look_lock, wait=True):
            changed = False
            cursor, scanned_at = self._database.scans.cursor(self._checkpoints.name, self._fingerprint)
            changes = self._checkpoints.changes(cursor)
            if changes.thread_ids is None or changes.thread_ids:
                changed |= self._project(changes.thread_ids, seen_after=scanned_at)
            if due := self._database.watch.due(datetime.now(UTC), source=self._source):
                changed |= self._project(due)
            if changes.deletions_possible:
                changed |= self._close_deleted(self._to_look_for(changes))
                self._sweep.begin()
            changed |= self._close_deleted(self._sweep.next(beside=len(changes.thread_ids or ())))
            if differing := self._comparison.differing(changes.tips):
                changed |= self._project(differing) | self._close_deleted(differing)
            if changes.cursor != cursor or scanned_at is None:
                self._database.scans.save_cursor(self._checkpoints.name, self._fingerprint, changes.cursor)
            return changed

    @property
    def scans(self) -> Sequence[Callable[[], bool]]:
        """Return what brings the queue up to date, one by one for sources that have a pace of their own."""
        return (self.keep_up,)

    def keep_up(self) -> bool:
        """Scan, unless a process of this machine has done so this moment: many read no more often than one."""
        return self._database.idle(self._scan_lock) > _THIS_MOMENT and self.scan()

    def look(self, thread_ids: Sequence[str]) -> bool:
        """Read these threads now, whatever the cursor says; return whether the queue changed.

        A process that reads and was stopped in the middle does not stop all others: who cannot read within seconds
        leaves it to the next scan, whoever makes it. So does who meets a database that is away, and raises
        `BackendUnavailable`: nothing else may ever move these threads.
        """
        try:
            with self._reading() as had:
                if had:
                    return self._project(thread_ids) | self._close_deleted(thread_ids)
        except BackendUnavailable:
            self._leave_to_next_scan(thread_ids)
            raise
        self._leave_to_next_scan(thread_ids)
        return False

    def _leave_to_next_scan(self, thread_ids: Sequence[str]) -> None:
        self._database.watch.keep(thread_ids, dict.fromkeys(thread_ids, datetime.now(UTC)), source=self._source)

    @contextmanager
    def _reading(self) -> Iterator[bool]:
        """Exclude other readings, also between processes; yields whether that could be had within some seconds."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with self._database.alone(self._look_lock, wait=self._waits) as had:
                if had or time.monotonic() >= deadline:
                    yield had
                    return
            time.sleep(_TRY_SECONDS)

    def rebuild(self) -> None:
        """Throw the queue away and read it anew; decisions and chosen graphs stay."""
        self._database.reviews.clear()
        self._database.scans.forget()
        self.scan()

    def waiting(self, thread_id: str, chosen: dict[str, str] | None = None) -> tuple[Head, tuple[Waiting, ...]]:
        """Return where a thread stands this moment and what it waits for. Raises `ThreadNotFound`.

        ``chosen`` names its graph where somebody said which it is, and is read where it is not given.
        """
        chosen = self._database.scans.chosen_graphs([thread_id]) if chosen is None else chosen
        for head in self._checkpoints.heads([thread_id]):
            return head, self._waiting(head, chosen, detailed=True)
        raise ThreadNotFound(thread_id)

    def _project(self, thread_ids: Sequence[str] | None, *, seen_after: datetime | None = None) -> bool:
        return in_batches(self._seen(thread_ids, seen_after), self._write, size=_BATCH)

    def _write(self, batch: Sequence[_Seen], looked_at: datetime) -> bool:
        projected = [one for each in batch for one in each.projected]
        standing = [each.thread for each in batch if each.thread]
        changed = self._database.reviews.project([each.thread_id for each in standing], projected, standing)
        asked = [(one.review.id, one.review.graph or "", one.review.node or "") for one in projected]
        self._database.code_seen.keep({id_: self._graphs.fingerprint(graph, node) for id_, graph, node in asked})
        self._watch(standing, looked_at)
        self._database.scans.note_unreadable({each.thread_id: each.problem for each in batch})
        return changed

    def _seen(self, thread_ids: Sequence[str] | None, seen_after: datetime | None) -> Iterator[_Seen]:
        """Read threads one after the other: what was decoded of one is gone when the next one is read."""
        few = thread_ids if thread_ids is not None and len(thread_ids) <= _BATCH else None
        chosen = self._database.scans.chosen_graphs(few)
        for head in self._checkpoints.heads(thread_ids):
            yield self._look_at(head, chosen, seen_after)

    def _look_at(self, head: Head, chosen: dict[str, str], seen_after: datetime | None) -> _Seen:
        """Return what is seen of a thread; an error of ours costs this one alone."""
        try:
            waiting = self._waiting(head, chosen, seen_after)
            projected = [self._projected(one, head) for one in waiting]
            thread = self._indexed(head, chosen, waiting)
        except SignoffError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it costs this thread alone
            _log.exception("No sense was made of thread %s", head.thread_id)
            return _Seen(thread_id=head.thread_id, problem=unexpected(error))
        return _Seen(thread_id=head.thread_id, thread=thread, projected=projected, problem=head.problem)

    def _projected(self, one: Waiting, head: Head) -> Projected:
        plan = plan_of(one, head.metadata, self._timeouts)
        return Projected(review=one.review, search=one.search, marks=marks(one.keys), due=plan.due if plan else None)

    def _indexed(self, head: Head, chosen: dict[str, str], waiting: Sequence[Waiting]) -> Thread:
        graph = waiting[0].review.graph if waiting else self.graph_of(head, chosen)[0]
        return indexed(head, graph, waiting, source=self._source)

    def _watch(self, standing: Sequence[Thread], looked_at: datetime) -> None:
        """Look again at the threads that would go on but wait for nobody, when they have become old enough.

        One that became so since ``looked_at`` was too young then, and is looked at by the next scan.
        """
        silent = [thread for thread in standing if thread.state is ThreadState.RUNNING]
        older = {thread.thread_id: thread.updated_at + self._stalled_after for thread in silent}
        again = {thread: time if time > looked_at else looked_at + _AGAIN for thread, time in older.items()}
        self._database.watch.keep([thread.thread_id for thread in standing], again, source=self._source)

    def _waiting(
        self, head: Head, chosen: dict[str, str], seen_after: datetime | None = None, *, detailed: bool = False
    ) -> tuple[Waiting, ...]:
        if head.idle:
            return ()
        graph, _ = self.graph_of(head, chosen)
        known = self._graphs.breakpoints(graph) if graph in self._graphs.names else None

        def stored_answer(question: Question) -> Json | Absent:
            task = self._checkpoints.asking(head.thread_id, question.interrupt_id)
            return task.resumed[-1] if task and is_stuck(task, question.interrupt_id) else ABSENT

        found = waiting_on(
            head,
            graph=graph,
            breakpoints=known,
            stored_answer=stored_answer,
            seen_after=seen_after,
            rules=self._rules,
            house_rules=self._house_rules,
            means=self._means(head, graph) if detailed and graph in self._graphs.names else NOTHING,
            stalled_after=self._stalled_after,
        )
        return () if self._under_way(head, found) else tuple(map(self._placed, found)) if self._source else found

    def _placed(self, one: Waiting) -> Waiting:
        """Return a review with its source, and with the keys that a program knows which has never heard of sources."""
        there = one.review.thread_id
        keys = {"source": self._source} | dict(one.keys)
        keys |= {"thread_id": self._sources.own(there)} if keys["thread_id"] == there else {}
        return replace(one, review=replace(one.review, source=self._source), keys=keys)

    def _means(self, head: Head, graph: str | None) -> Means:
        """Return what a reviewer can change on the thread: only asked for where one thread is shown."""
        shape = self._graphs.shape(graph or "")
        newest = self._checkpoints.steps(head.thread_id, limit=1)
        same = bool(newest) and newest[0].checkpoint_id == head.checkpoint_id
        return Means(
            nodes=shape.nodes, channels=shape.channels if same else {}, values=newest[0].values if same else {}
        )

    def _under_way(self, head: Head, found: Sequence[Waiting]) -> bool:
        """Tell whether a thread that stands still does so in the middle of a run of ours.

        That is at a checkpoint by which a decision changed its state or course, or while any decision is applied.
        """
        stalled = [waiting.review.id for waiting in found if waiting.review.kind is Kind.STALLED]
        steered = head.source == "update" and MARK in head.metadata
        if not stalled and not steered:
            return False
        undecided = {d.review_id for d in self._database.decisions.of_thread(head.thread_id) if not d.outcome.final}
        if undecided & {waiting.review.id for waiting in found}:
            return False  # recorded, not begun: the review is shown as being applied
        return bool(undecided) or (bool(stalled) and self._checkpoints.busy(head.thread_id))

    def _to_look_for(self, changes: Changes) -> Sequence[str]:
        """Return the open threads that may have been deleted: none while other threads move and no space came free.

        With many open ones that would cost more than the change; the sweep comes to them. A new process has had none.
        """
        if changes.thread_ids and self._swept_before and not changes.deletions_likely:
            return ()
        self._swept_before = True
        return self._database.reviews.open_threads(self._source)

    def _close_deleted(self, thread_ids: Sequence[str]) -> bool:
        missing = sorted(self._checkpoints.missing(thread_ids)) if thread_ids else []
        batches = (missing[at : at + _BATCH] for at in range(0, len(missing), _BATCH))
        return any([self._database.reviews.project(batch, ()) for batch in batches])
