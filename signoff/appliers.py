"""The border between a desk of several sources and those who run graphs: each applies decisions by its own ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from signoff.apply import Journal
from signoff.decisions import Decision, Outcome, Progress
from signoff.errors import SourceUnknown
from signoff.reviews import Json
from signoff.sources import Sources


class Applying(Protocol):
    """Whatever takes recorded decisions to their outcome; `signoff.apply.Applier` is one."""

    def apply(self, decision: Decision) -> None:
        """Take the decision to its outcome, however often it is delivered."""


class ManyAppliers:
    """Hands each decision to the applier of its source, with the thread and the graph as that source knows them.

    ``make(source, journal)`` returns that applier; it is asked for each decision, and raises `BackendUnavailable` when
    the source does not answer: then the decision stays as it is, to be applied later, as for an unknown source.
    """

    def __init__(self, sources: Sources, journal: Journal, make: Callable[[str, Journal], Applying]) -> None:
        self._sources, self._journal, self._make = sources, journal, make

    def apply(self, decision: Decision) -> None:
        """Take the decision to its outcome. Raises what the source's own applier raises, and `SourceUnknown`."""
        source = self._sources.of(decision.thread_id)
        if source not in self._sources.names:
            raise SourceUnknown(decision.thread_id, source)
        journal = SourceJournal(self._sources, source, self._journal)
        self._make(source, journal).apply(journal.own(decision))


class SourceJournal:
    """The record as one source sees it: its own decisions, with threads and graphs by their own ids."""

    def __init__(self, sources: Sources, source: str, journal: Journal) -> None:
        self._sources, self._source, self._journal = sources, source, journal

    def own(self, decision: Decision) -> Decision:
        """Return a decision of this source as the source knows it."""
        own, graph = self._sources.own, decision.graph
        if graph is not None and self._sources.of(graph) == self._source:  # another's stays unknown here
            graph = own(graph)
        resume = {**decision.resume, "to": own(decision.home)} if decision.forks else decision.resume
        return replace(decision, thread_id=own(decision.thread_id), graph=graph, resume=resume)

    def get(self, decision_id: str) -> Decision | None:
        """Return one decision."""
        found = self._journal.get(decision_id)
        return found and self.own(found)

    def interrupted(self, thread_id: str) -> Sequence[Decision]:
        """Return the thread's decisions that are ``applying``, oldest first."""
        return [self.own(one) for one in self._journal.interrupted(self._sources.join(self._source, thread_id))]

    def progress(self, decision_id: str) -> Sequence[Progress]:
        """Return which nodes ran while a decision was applied."""
        return self._journal.progress(decision_id)

    def begin(self, decision_id: str, *, checkpoint_before: str | None) -> None:
        """Note that the answer is now being handed to the graph."""
        self._journal.begin(decision_id, checkpoint_before=checkpoint_before)

    def add_progress(self, decision_id: str, node: str, event: str) -> None:
        """Note that a node started, finished, paused or failed."""
        self._journal.add_progress(decision_id, node, event)

    def settle(
        self,
        decision_id: str,
        outcome: Outcome,
        *,
        error: str | None = None,
        checkpoint_after: str | None = None,
        wrote: Json = None,
    ) -> None:
        """Record what became of the decision."""
        self._journal.settle(decision_id, outcome, error=error, checkpoint_after=checkpoint_after, wrote=wrote)
