"""Reading the threads of an Agent Server: rows for the queue, a state for the one thread that is looked at.

A page of rows costs one request whatever it holds; a state is asked for where a row does not tell enough (see
`signoff.checkpoints.server_rows.is_told`), and for a few more threads at each look, since rows name no nodes.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import replace
from itertools import islice
from typing import Any, Protocol

from signoff.agent_server import PAGE, AgentServer, Refused, Untold
from signoff.checkpoints import Changes, Head, Step, Task, Trace
from signoff.checkpoints.server_answers import answers_in, with_answer
from signoff.checkpoints.server_feed import Feed
from signoff.checkpoints.server_rows import FAILED, PAUSED, RUNNING, head_of_row, head_of_state, is_told
from signoff.checkpoints.server_strand import ServerStrand
from signoff.checkpoints.steps import read_steps
from signoff.checkpoints.traces import read_trace
from signoff.errors import BackendUnavailable
from signoff.reviews import Json

SCRATCH = "signoff_scratch"
"""Key of the metadata of a thread that is only made to try something out; it is never shown."""

ROW = ("thread_id", "created_at", "updated_at", "state_updated_at", "status", "metadata", "interrupts", "values")
"""Columns of a thread that the queue is made of."""

_STILL = tuple(column for column in ROW if column != "values")
_BATCH = 500  # threads asked for by id at a time
_AT_ONCE = 8  # states asked for at the same time
_FEW = 5  # threads whose nodes are asked for at one look


class Locks(Protocol):
    """What keeps two workers of ours from one thread."""

    def lock(self, thread_id: str) -> AbstractContextManager[Any]:
        """Return the thread's lock, which waits for ever."""

    def busy(self, thread_id: str) -> bool:
        """Tell whether somebody holds it this moment."""


class ServerCheckpoints:
    """The threads of one Agent Server; safe to share between threads.

    ``every``: seconds between two looks at what has moved; calls in between are told that nothing has.
    """

    def __init__(self, server: AgentServer, locks: Locks, *, every: float = 1.0) -> None:
        self.server, self.name, self._locks, self._every = server, server.address, locks, every
        self._feed = Feed(server)
        self._looked = float("-inf")
        self._unnamed: dict[str, None] = {}
        self._due: set[str] = set()
        server.info()

    @property
    def limits(self) -> tuple[str, ...]:
        """Return what this server cannot do, as far as it was asked to, each with what is done instead."""
        return tuple(self.server.lacks[name] for name in sorted(self.server.lacks))

    def changes(self, since: Json | None) -> Changes:
        """Return the threads that moved, of any status, and a few whose nodes are not known yet."""
        if since is not None and time.monotonic() - self._looked < self._every:
            return Changes(cursor=since, thread_ids=(), deletions_possible=False)
        found = self._feed.since(since)
        self._looked = time.monotonic()
        if found.thread_ids is None:
            return found
        self._due = {self._unnamed.popitem()[0] for _ in range(min(_FEW, len(self._unnamed)))}
        return replace(found, thread_ids=tuple({*found.thread_ids, *self._due}))

    def heads(self, thread_ids: Sequence[str] | None = None) -> Iterator[Head]:
        """Yield heads by thread id; of one thread alone, or of few, with what only their states tell."""
        if thread_ids is None:
            yield from self._heads_of(self._all())
            return
        ordered = sorted(set(thread_ids))
        if len(ordered) == 1:
            yield from self._looked_into(ordered)
            return
        for start in range(0, len(ordered), _BATCH):
            yield from self._heads_of(self._rows(ordered[start : start + _BATCH]))

    def missing(self, thread_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the given threads that the server does not have any more."""
        ids = list(thread_ids)
        present: set[str] = set()
        for start in range(0, len(ids), _BATCH):
            present |= {str(row["thread_id"]) for row in self._rows(ids[start : start + _BATCH], select=("thread_id",))}
        return frozenset(ids) - present

    def asking(self, thread_id: str, interrupt_id: str) -> Task | None:
        """Return the task that waits for the answer to this question, with the answer that is stored, or None."""
        for head in self._looked_into([thread_id]):
            task = head.task_of(interrupt_id)
            return with_answer(task, interrupt_id, self.server.runs(thread_id)) if task and task.error else task
        return None

    def answers_to(self, thread_id: str, interrupt_id: str) -> tuple[Json, ...]:
        """Return the answers to this question that runs of the thread were given, newest first."""
        return answers_in(self.server.runs(thread_id, limit=PAGE), interrupt_id)

    def runs_of(self, thread_id: str, key: str, value: str) -> str | None:
        """Return the newest root checkpoint whose metadata has ``key`` equal to ``value``, or None."""
        found = self.server.history(thread_id, limit=1, metadata={key: value})
        return str(found[0]["checkpoint_id"]) if found else None

    def newest(self, thread_id: str) -> str:
        """Return the id of the thread's newest root checkpoint, an empty text when there is none."""
        state = self.server.state(thread_id)
        return str(state["checkpoint_id"]) if state else ""

    def steps(self, thread_id: str, *, limit: int, before: str | None = None) -> tuple[Step, ...]:
        """Return at most ``limit`` root steps, newest first, older than checkpoint ``before`` when given."""
        return read_steps(self.strand(thread_id), limit=limit, before=before)

    def strand(self, thread_id: str, namespace: str = "") -> ServerStrand:
        """Return one namespace of a thread, for its history to be read from."""
        return ServerStrand(self.server, thread_id, namespace)

    def traces(self, thread_id: str, *, limit: int, before: str | None = None, channel: str = "") -> tuple[Trace, ...]:
        """Return at most ``limit`` root checkpoints, newest first, older than checkpoint ``before`` when given."""
        strand = self.strand(thread_id)
        rows = strand.rows(limit=limit, before=before)
        writes = strand.writes([row.checkpoint_id for row in rows], values=True)
        return tuple(read_trace(row, writes.get(row.checkpoint_id, ()), channel) for row in rows)

    def lock(self, thread_id: str) -> AbstractContextManager[Any]:
        """Return our own lock; the server itself takes one run of a thread at a time."""
        return self._locks.lock(thread_id)

    def busy(self, thread_id: str) -> bool:
        """Tell whether one of us works on the thread, or the server runs it."""
        return self._locks.busy(thread_id) or (self.server.thread(thread_id) or {}).get("status") == RUNNING

    def saver(self) -> AbstractAsyncContextManager[Any]:
        """Raise `BackendUnavailable`: an Agent Server runs its graphs itself."""
        raise BackendUnavailable(f"{self.name} runs its graphs itself; its threads are not resumed in this process.")

    def close(self) -> None:
        """Release connections."""
        self.server.close()

    def _all(self) -> Iterator[dict[str, Any]]:
        """Yield all rows by thread id; finished threads without their values."""
        known = [(status, ROW) for status in (PAUSED, FAILED, RUNNING)]
        streams = [self._pages(status, select) for status, select in [*known, ("idle", _STILL)]]
        last = ""
        for row in heapq.merge(*streams, key=lambda row: str(row["thread_id"])):
            if row["thread_id"] != last:
                yield row
            last = row["thread_id"]

    def _pages(self, status: str, select: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the rows of one status by thread id, page by page; each begins with the last row of the one before.

        Where it does not, a row was deleted or has another status now, and the status is read from its beginning.
        """
        last, offset = "", 0
        while True:
            rows = self.server.search(
                status=status, limit=PAGE, offset=offset, sort_by="thread_id", sort_order="asc", select=select
            )
            if offset and (not rows or rows[0]["thread_id"] != last):
                offset = 0
                continue
            yield from (row for row in rows if row["thread_id"] > last)
            if len(rows) < PAGE:
                return
            last, offset = str(rows[-1]["thread_id"]), offset + PAGE - 1

    def _rows(self, ids: Sequence[str], *, select: Sequence[str] = ROW) -> list[dict[str, Any]]:
        """Return the rows of some threads by id; one by one where the server cannot search by ids."""
        if not ids:
            return []
        if "ids" not in self.server.lacks:
            rows = self._by_ids(ids, select)
            if rows is not None and all(row["thread_id"] in ids for row in rows):
                return sorted(rows, key=lambda row: str(row["thread_id"]))
            self.server.lacks["ids"] = "threads cannot be searched by their ids, so each is asked for on its own."
        return [row for row in _together(self.server.thread, ids) if row]

    def _by_ids(self, ids: Sequence[str], select: Sequence[str]) -> list[dict[str, Any]] | None:
        try:
            return self.server.search(ids=list(ids), limit=len(ids), select=select)
        except Refused:
            return None

    def _heads_of(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Head]:
        rows = iter(rows)
        while batch := list(islice(rows, _BATCH)):
            shown = [row for row in batch if SCRATCH not in (row.get("metadata") or {})]
            self._note_missing_interrupts(shown)
            more = [row["thread_id"] for row in shown if not is_told(row) or row["thread_id"] in self._due]
            looked = {head.thread_id: head for head in self._looked_into(more)}
            for row in shown:
                head = looked.get(row["thread_id"]) or head_of_row(row)
                if head.thread_id not in looked and head.tasks:
                    self._unnamed[head.thread_id] = None
                yield head

    def _looked_into(self, thread_ids: Sequence[str]) -> list[Head]:
        def look(thread_id: str) -> Head | None:
            row = self.server.thread(thread_id)
            if row is None or SCRATCH in (row.get("metadata") or {}):
                return None
            try:
                state = self.server.state(thread_id)
            except Untold as untold:
                return replace(head_of_row(row), problem=str(untold))
            return head_of_state(row, state) if state else head_of_row(row)

        return [head for head in _together(look, thread_ids) if head]

    def _note_missing_interrupts(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if any(row.get("status") == PAUSED and "interrupts" not in row for row in rows):
            self.server.lacks["interrupts"] = (
                "rows of threads do not tell their interrupts, so the state of each paused thread is asked for when it "
                "moves: the first scan of many takes long."
            )


def _together(ask: Any, items: Sequence[str]) -> list[Any]:
    """Return what is found for each item, a few asked for at the same time."""
    if len(items) < 2:
        return [ask(item) for item in items]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(ask, items))
