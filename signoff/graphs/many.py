"""The graphs of several sources as one: each is called by its name on the desk (`Sources.join`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from signoff.errors import BackendUnavailable, GraphBroken, GraphUnknown
from signoff.graphs import Breakpoints
from signoff.graphs.known import KnownGraphs
from signoff.graphs.shape import Shape
from signoff.sources import Sources


class ManyGraphs:
    """What a desk knows of the graphs of its sources.

    ``parts`` return the graphs of each source; one that raises `BackendUnavailable`, as those of a server may, is asked
    again the next time, and has no graph until then.
    """

    def __init__(self, sources: Sources, parts: Mapping[str, Callable[[], KnownGraphs]]) -> None:
        self._sources, self._parts = sources, dict(parts)

    def part(self, source: str) -> KnownGraphs:
        """Return the graphs of one source by their own names. Raises `BackendUnavailable`."""
        return self._parts[source]()

    @property
    def broken(self) -> Mapping[str, GraphBroken]:
        """Return the graphs that did not load, by name."""
        return {
            self._sources.join(source, own): GraphBroken(self._sources.join(source, own), error.reason, error.traceback)
            for source, part in self._answering()
            for own, error in part.broken.items()
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the graphs that can be run."""
        return tuple(self._sources.join(source, own) for source, part in self._answering() for own in part.names)

    def breakpoints(self, name: str) -> Breakpoints:
        """Return where a graph pauses without asking. Raises `GraphBroken`, `GraphUnknown`, `BackendUnavailable`."""
        part, own = self._of(name)
        return part.breakpoints(own)

    def shape(self, name: str) -> Shape:
        """Return what of a graph's threads can be changed. Raises what `breakpoints` raises."""
        part, own = self._of(name)
        return part.shape(own)

    def fingerprint(self, name: str, node: str) -> str | None:
        """Return what tells a node's code from other code, None where nothing can be told."""
        source, own = self._sources.split(name)
        found = (part for other, part in self._answering() if other == source)
        return next((part.fingerprint(own, node) for part in found), None)

    def candidates(self, nodes_seen: Collection[str], channels_seen: Collection[str]) -> tuple[str, ...]:
        """Return the graphs of all sources to which a thread may belong that has seen these nodes and channels."""
        return tuple(
            self._sources.join(source, own)
            for source, part in self._answering()
            for own in part.candidates(nodes_seen, channels_seen)
        )

    def _of(self, name: str) -> tuple[KnownGraphs, str]:
        source, own = self._sources.split(name)
        if source not in self._parts:
            raise GraphUnknown("", self.names)
        return self.part(source), own

    def _answering(self) -> Iterator[tuple[str, KnownGraphs]]:
        for source in self._parts:
            try:
                yield source, self.part(source)
            except BackendUnavailable:
                continue
