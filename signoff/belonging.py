"""Which graph a thread belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from signoff.checkpoints import Head
from signoff.graphs.known import KnownGraphs
from signoff.sources import Sources

_KEPT = 2_000  # sets of nodes and channels


class Belonging:
    """Tells the graphs of the threads of one source."""

    def __init__(self, graphs: KnownGraphs, *, source: str, sources: Sources) -> None:
        self._graphs, self._source, self._sources = graphs, source, sources
        self._fitting: dict[tuple[str | None, ...], tuple[str, ...]] = {}

    def graph_of(self, head: Head, chosen: Mapping[str, str] | None = None) -> tuple[str | None, tuple[str, ...]]:
        """Return the thread's graph, or None and the graphs that it may belong to.

        Taken from what a person chose, from the thread's metadata (``graph_id`` or ``assistant_id``), or from the names
        of nodes and channels in its newest checkpoint, in this order.
        """
        if chosen and head.thread_id in chosen:
            return chosen[head.thread_id], ()
        for key in ("graph_id", "assistant_id"):
            named = head.metadata.get(key)
            known = self._sources.join(self._source, named) if isinstance(named, str) else None
            if known and (key == "graph_id" or known in self._graphs.names):
                return known, ()
        candidates = self._candidates(head)
        return (candidates[0], ()) if len(candidates) == 1 else (None, candidates)

    def _candidates(self, head: Head) -> tuple[str, ...]:
        """Return the graphs that have the nodes and channels of this head; most threads have those of some other."""
        running = {task.node for task in head.tasks if task.node}
        names = (*head.versions, None, *head.seen, None, *running)
        if names not in self._fitting:
            if len(self._fitting) >= _KEPT:
                self._fitting.clear()
            fitting = self._graphs.candidates(head.nodes | running, head.channels)
            self._fitting[names] = tuple(name for name in fitting if self._sources.of(name) == self._source)
        return self._fitting[names]
