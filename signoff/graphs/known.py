"""What a desk knows of graphs, wherever they run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from signoff.errors import GraphBroken
from signoff.graphs import Breakpoints
from signoff.graphs.shape import Shape


class KnownGraphs(Protocol):
    """Graphs by name: `signoff.graphs.Graphs` loads and runs its own, `signoff.graphs.server.ServerGraphs` asks."""

    @property
    def broken(self) -> Mapping[str, GraphBroken]:
        """Return the graphs that did not load, by name."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the graphs that can be run."""

    def breakpoints(self, name: str) -> Breakpoints:
        """Return where a graph pauses without asking. Raises `GraphBroken` or `GraphUnknown`."""

    def shape(self, name: str) -> Shape:
        """Return what of a graph's threads can be changed. Raises `GraphBroken` or `GraphUnknown`."""

    def fingerprint(self, name: str, node: str) -> str | None:
        """Return what tells a node's code from other code, None where nothing can be told."""

    def candidates(self, nodes_seen: Collection[str], channels_seen: Collection[str]) -> tuple[str, ...]:
        """Return the graphs to which a thread may belong that has seen these nodes and channels."""
