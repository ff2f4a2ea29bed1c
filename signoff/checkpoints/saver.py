"""Reading any other ``BaseCheckpointSaver`` through ``list``: for tests and small uses, since it decodes everything."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple

from signoff.checkpoints import Changes, Head, Step, Task, Trace
from signoff.checkpoints.decoding import STRICT
from signoff.checkpoints.due import next_nodes
from signoff.checkpoints.head import CheckpointRow, WriteRow, answers_to, innermost, read_head
from signoff.checkpoints.steps import read_steps
from signoff.checkpoints.strand import ALL, Find, Inner
from signoff.checkpoints.traces import read_trace
from signoff.reviews import Json


class SaverCheckpoints:
    """A saver object of this process, such as ``InMemorySaver``. Every scan reads every checkpoint."""

    def __init__(self, saver: BaseCheckpointSaver[Any]) -> None:
        self.name = type(saver).__name__
        self._saver = saver
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def changes(self, since: Json | None) -> Changes:
        """Return no thread when nothing was written since ``since``, else None for all of them."""
        cursor = [[t.config["configurable"]["checkpoint_id"], len(t.pending_writes or ())] for t in self._tuples()]
        cursor.sort()
        return Changes(cursor=cursor, thread_ids=() if cursor == since else None, deletions_possible=cursor != since)

    def heads(self, thread_ids: Sequence[str] | None = None) -> Iterator[Head]:
        """Yield heads by thread id."""
        newest: dict[str, CheckpointTuple] = {}
        for stored in self._tuples():
            place = stored.config["configurable"]
            known = newest.get(place["thread_id"])
            if known is None or place["checkpoint_id"] > known.config["configurable"]["checkpoint_id"]:
                newest[place["thread_id"]] = stored
        for thread_id in sorted(newest):
            if thread_ids is None or thread_id in thread_ids:
                yield read_head(_row(newest[thread_id]), _writes(newest[thread_id]))

    def missing(self, thread_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the given threads that have no checkpoint any more."""
        present = {t.config["configurable"]["thread_id"] for t in self._tuples()}
        return frozenset(thread_ids) - present

    def asking(self, thread_id: str, interrupt_id: str) -> Task | None:
        """Return the innermost task, in any namespace, that waits for the answer to this question, or None."""
        rows = self._rows(thread_id)
        newest = dict(rows.keys())  # the last checkpoint of each namespace
        return innermost({place: rows[place] for place in newest.items()}, interrupt_id)

    def answers_to(self, thread_id: str, interrupt_id: str) -> tuple[Json, ...]:
        """Return the answers to this question that the thread's checkpoints hold: one, none, or one per fork."""
        return answers_to(self._rows(thread_id), interrupt_id)

    def runs_of(self, thread_id: str, key: str, value: str) -> str | None:
        """Return the newest root checkpoint whose metadata has ``key`` equal to ``value``, or None."""
        found = [step.checkpoint_id for step in self.steps(thread_id, limit=10**9) if step.metadata.get(key) == value]
        return found[0] if found else None

    def newest(self, thread_id: str) -> str:
        """Return the greatest checkpoint id of a thread in any namespace, an empty text when there is none."""
        return max((checkpoint for _, checkpoint in self._rows(thread_id)), default="")

    def steps(self, thread_id: str, *, limit: int, before: str | None = None) -> tuple[Step, ...]:
        """Return at most ``limit`` root steps, newest first, older than checkpoint ``before`` when given."""
        return read_steps(self.strand(thread_id), limit=limit, before=before)

    def strand(self, thread_id: str, namespace: str = "") -> SaverStrand:
        """Return one namespace of a thread, read whole, now."""
        config: Any = {"configurable": {"thread_id": thread_id}}
        return SaverStrand(list(self._saver.list(config)), thread_id, namespace)

    def traces(self, thread_id: str, *, limit: int, before: str | None = None, channel: str = "") -> tuple[Trace, ...]:
        """Return at most ``limit`` root checkpoints, newest first, older than checkpoint ``before`` when given."""
        strand = self.strand(thread_id)
        rows = strand.rows(limit=limit, before=before)
        writes = strand.writes([row.checkpoint_id for row in rows], values=True)
        return tuple(read_trace(row, writes.get(row.checkpoint_id, ()), channel) for row in rows)

    def lock(self, thread_id: str) -> AbstractContextManager[Any]:
        """Return a lock of this process: the saver's data is of this process, too."""
        return self._locks[thread_id]

    def busy(self, thread_id: str) -> bool:
        """Tell whether some run holds that lock this moment."""
        return self._locks[thread_id].locked()

    @asynccontextmanager
    async def saver(self) -> AsyncIterator[Any]:
        """Hand out the saver itself."""
        yield self._saver

    def close(self) -> None:
        """Nothing to release: the saver belongs to whoever made it."""

    def _rows(self, thread_id: str) -> dict[tuple[str, str], list[WriteRow]]:
        config: Any = {"configurable": {"thread_id": thread_id}}
        found = {_place(stored): _writes(stored) for stored in list(self._saver.list(config))}
        return {place: found[place] for place in sorted(found)}

    def _tuples(self) -> list[CheckpointTuple]:
        """Return all root checkpoints; drained first, since some savers hold a lock while their generator lives."""
        return [t for t in list(self._saver.list(None)) if not t.config["configurable"].get("checkpoint_ns")]


class SaverStrand:
    """One namespace of a thread in a saver's memory."""

    def __init__(self, stored: Sequence[CheckpointTuple], thread_id: str, namespace: str) -> None:
        self.thread_id, self.namespace = thread_id, namespace
        own = {_place(one)[1]: one for one in stored if _place(one)[0] == namespace}
        self._own = {checkpoint_id: own[checkpoint_id] for checkpoint_id in sorted(own, reverse=True)}
        self._places = sorted((checkpoint_id, namespace) for namespace, checkpoint_id in map(_place, stored))

    def rows(
        self,
        *,
        limit: int,
        before: str | None = None,
        find: Find = ALL,
        brief: bool = False,  # noqa: ARG002 - all is read already
    ) -> list[CheckpointRow]:
        """Return at most ``limit`` checkpoints, newest first, older than ``before``; all are whole."""
        wanted = [one for place, one in self._own.items() if before is None or place < before]
        return [_row(one) for one in wanted if find.at is None or _place(one)[1] in find.at][:limit]

    def named(
        self,
        checkpoint_ids: Collection[str],
        *,
        brief: bool = False,  # noqa: ARG002 - all is read already
    ) -> list[CheckpointRow]:
        """Return the checkpoints with these ids that exist."""
        return [_row(self._own[place]) for place in checkpoint_ids if place in self._own]

    def writes(
        self,
        checkpoint_ids: Collection[str],
        *,
        values: bool,  # noqa: ARG002 - all is read already
    ) -> Mapping[str, Sequence[WriteRow]]:
        """Return the writes on some checkpoints, by checkpoint, with their values."""
        return {place: _writes(self._own[place]) for place in checkpoint_ids if place in self._own}

    def inner(self, checkpoint_ids: Collection[str]) -> Mapping[str, Sequence[Inner]]:
        """Return the namespaces inside this one, by the checkpoint after which their steps were made."""
        inside = f"{self.namespace}|" if self.namespace else ""
        steps: defaultdict[str, Counter[str]] = defaultdict(Counter)
        at = ""
        for checkpoint_id, namespace in self._places:
            if namespace == self.namespace:
                at = checkpoint_id
            elif namespace.startswith(inside) and at in checkpoint_ids:
                steps[at][namespace] += 1
        return {at: [Inner(namespace=ns, steps=n) for ns, n in found.items()] for at, found in steps.items()}

    def ancestors(self, *, down_to: str) -> frozenset[str]:
        """Return the newest checkpoint and its ancestors, as far as their ids are not below ``down_to``."""
        line: list[str] = []
        at = next(iter(self._own), None)
        while at in self._own and at >= down_to and at not in line:
            line.append(at)
            at = _row(self._own[at]).parent_id
        return frozenset(line)

    def child_of(self, checkpoint_id: str) -> str | None:
        """Return the newest checkpoint whose parent this one is, or None."""
        return next((place for place, one in self._own.items() if _row(one).parent_id == checkpoint_id), None)


def _row(stored: CheckpointTuple) -> CheckpointRow:
    place = stored.config["configurable"]
    parent = (stored.parent_config or {}).get("configurable", {}).get("checkpoint_id")
    return CheckpointRow(
        thread_id=place["thread_id"],
        checkpoint_ns=place.get("checkpoint_ns", ""),
        checkpoint_id=place["checkpoint_id"],
        parent_id=parent,
        checkpoint=STRICT.dumps_typed(stored.checkpoint),
        metadata=dict(stored.metadata),
    )


def _place(stored: CheckpointTuple) -> tuple[str, str]:
    place = stored.config["configurable"]
    return place.get("checkpoint_ns", ""), place["checkpoint_id"]


def _writes(stored: CheckpointTuple) -> list[WriteRow]:
    """Return the pending writes. A saver tells no task paths: a node is known only where no other could be running."""
    due = {
        node
        for node in next_nodes(stored.checkpoint["channel_values"])
        if node == "__start__" or not node.startswith("__")
    }
    path = f"~__pregel_pull, {due.pop()}" if len(due) == 1 else ""
    return [
        WriteRow(task_id=task, task_path=path, channel=channel, value=STRICT.dumps_typed(value))
        for task, channel, value in stored.pending_writes or ()
    ]
