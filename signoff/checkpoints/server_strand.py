"""One namespace of a thread on an Agent Server, read through ``threads.get_history`` page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from signoff.agent_server import AgentServer
from signoff.checkpoints.head import CheckpointRow, WriteRow
from signoff.checkpoints.server_rows import checkpoint_row, parent_of, place_of, write_rows
from signoff.checkpoints.strand import ALL, Find, Inner

_PAGE = 100
_FARTHEST = 2_000  # steps among which ancestors and children are looked for
_BEHIND = ("~", "\0")  # what is older than an id with one of these at its end: that id itself first, see `step_at`


class ServerStrand:
    """One namespace of a thread; each state is fetched once, however often it is asked for."""

    def __init__(self, server: AgentServer, thread_id: str, namespace: str = "") -> None:
        self.thread_id, self.namespace = thread_id, namespace
        self._server = server
        self._states: dict[str, dict[str, Any]] = {}

    def rows(
        self,
        *,
        limit: int,
        before: str | None = None,
        find: Find = ALL,
        brief: bool = False,  # noqa: ARG002 - the server hands out whole states only
    ) -> list[CheckpointRow]:
        """Return at most ``limit`` checkpoints, newest first, older than ``before``; all are whole."""
        found: list[CheckpointRow] = []
        for state in self._newest_first(before, page=limit):
            if find.at is None or place_of(state) in find.at:
                found.append(checkpoint_row(self.thread_id, state))
            if len(found) == limit:
                break
        return found

    def named(
        self,
        checkpoint_ids: Collection[str],
        *,
        brief: bool = False,  # noqa: ARG002 - the server hands out whole states only
    ) -> list[CheckpointRow]:
        """Return the checkpoints with these ids that exist."""
        states = [self._state(one) for one in checkpoint_ids]
        return [checkpoint_row(self.thread_id, state) for state in states if state]

    def writes(
        self,
        checkpoint_ids: Collection[str],
        *,
        values: bool,  # noqa: ARG002 - all is read already
    ) -> Mapping[str, Sequence[WriteRow]]:
        """Return the writes on some checkpoints, by checkpoint, with their values."""
        newest = next((place_of(state) for state in self._newest_first(None, page=1)), "")
        states = {one: self._state(one) for one in checkpoint_ids}
        return {one: write_rows(state, passed=one != newest) for one, state in states.items() if state}

    def inner(self, checkpoint_ids: Collection[str]) -> Mapping[str, Sequence[Inner]]:
        """Return the namespaces inside this one, as far as a state's tasks name them, with their steps counted."""
        found: dict[str, list[Inner]] = {}
        for one in checkpoint_ids:
            for task in (self._state(one) or {}).get("tasks") or ():
                namespace = str((task.get("checkpoint") or {}).get("checkpoint_ns") or "")
                if namespace and (steps := self._server.history(self.thread_id, limit=_PAGE, namespace=namespace)):
                    found.setdefault(one, []).append(Inner(namespace=namespace, steps=len(steps)))
        return found

    def ancestors(self, *, down_to: str) -> frozenset[str]:
        """Return the newest checkpoint and its ancestors, as far as their ids are not below ``down_to``."""
        line: set[str] = set()
        at: str | None = None
        for state in self._all():
            place = place_of(state)
            if place < down_to:
                break
            if at is None or place == at:
                line.add(place)
                at = parent_of(state) or ""
        return frozenset(line)

    def child_of(self, checkpoint_id: str) -> str | None:
        """Return the newest checkpoint whose parent this one is, or None."""
        return next((place_of(state) for state in self._all() if parent_of(state) == checkpoint_id), None)

    def _all(self) -> Iterator[dict[str, Any]]:
        for count, state in enumerate(self._newest_first(None, page=_PAGE)):
            if count == _FARTHEST:
                return
            yield state

    def _newest_first(self, before: str | None, *, page: int) -> Iterator[dict[str, Any]]:
        if before and before.endswith(_BEHIND):
            before = before[:-1]
            if state := self._state(before):
                yield state
        while True:
            states = self._server.history(
                self.thread_id, limit=min(page, _PAGE), before=before, namespace=self.namespace
            )
            self._states |= {place_of(state): state for state in states}
            yield from states
            if len(states) < min(page, _PAGE):
                return
            before = place_of(states[-1])

    def _state(self, checkpoint_id: str) -> dict[str, Any] | None:
        """Return one state; of a namespace inside, only a page of history has it."""
        if checkpoint_id not in self._states:
            if self.namespace:
                older = next((s for s in self._all() if place_of(s) == checkpoint_id), None)
                return older
            if state := self._server.state(self.thread_id, checkpoint_id):
                self._states[checkpoint_id] = state
        return self._states.get(checkpoint_id)
