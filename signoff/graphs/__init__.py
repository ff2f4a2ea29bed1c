"""The graphs that Signoff can run: loaded once, opened for each run with our checkpointer put in.

A graph that does not load is kept as broken, with its traceback; the others work.
"""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from signoff.errors import GraphBroken, GraphUnknown
from signoff.graphs.factories import Compiled, opened
from signoff.graphs.fingerprints import fingerprints_of
from signoff.graphs.importing import import_target
from signoff.graphs.loop import run_on_graph_loop
from signoff.graphs.shape import Shape, shape_of
from signoff.graphs.sources import GraphSource, read_sources

__all__ = [
    "Breakpoints",
    "GraphSource",
    "Graphs",
    "Shape",
    "load_graphs",
    "merged",
    "read_sources",
    "run_on_graph_loop",
]


@dataclass(frozen=True, kw_only=True, repr=False)
class Breakpoints:
    """Where a compiled graph pauses without asking: names of nodes, or ``"*"`` alone for all."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Return the same text in every process, which the order of a set is not."""
        return f"Breakpoints(before={sorted(self.before)}, after={sorted(self.after)})"


@dataclass(frozen=True, kw_only=True)
class _Loaded:
    target: object
    nodes: frozenset[str]
    channels: frozenset[str]
    breakpoints: Breakpoints
    shape: Shape
    fingerprints: Mapping[str, str]


class Graphs:
    """Loaded graphs by name, in the order of their sources. Made by `load_graphs`."""

    def __init__(self, loaded: Mapping[str, _Loaded], broken: Mapping[str, GraphBroken]) -> None:
        self._loaded = dict(loaded)
        self.broken: Mapping[str, GraphBroken] = MappingProxyType(dict(broken))
        """The graphs that did not load, by name; each error holds the traceback."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the graphs that loaded."""
        return tuple(self._loaded)

    def nodes(self, name: str) -> frozenset[str]:
        """Return the names of a graph's nodes, LangGraph's own left out. Raises `GraphBroken` or `GraphUnknown`."""
        return self._get(name).nodes

    def channels(self, name: str) -> frozenset[str]:
        """Return the names of a graph's channels, LangGraph's own left out. Raises `GraphBroken` or `GraphUnknown`."""
        return self._get(name).channels

    def breakpoints(self, name: str) -> Breakpoints:
        """Return where a graph pauses without asking. Raises `GraphBroken` or `GraphUnknown`."""
        return self._get(name).breakpoints

    def shape(self, name: str) -> Shape:
        """Return what of a graph's threads can be changed. Raises `GraphBroken` or `GraphUnknown`."""
        return self._get(name).shape

    def fingerprint(self, name: str, node: str) -> str | None:
        """Return what tells a node's code from other code (`signoff.graphs.fingerprints`), taken when it was loaded.

        None for a graph that is not loaded, an unknown node, and code of which nothing can be told.
        """
        return self._loaded[name].fingerprints.get(node) if name in self._loaded else None

    def candidates(self, nodes_seen: Collection[str], channels_seen: Collection[str]) -> tuple[str, ...]:
        """Return the graphs to which a thread may belong that has seen these nodes and channels.

        Those that have all of them; where nothing was seen, that is every graph.
        """
        nodes, channels = _own(nodes_seen), _own(channels_seen)
        return tuple(name for name, it in self._loaded.items() if nodes <= it.nodes and channels <= it.channels)

    @asynccontextmanager
    async def open(
        self, name: str, *, checkpointer: BaseCheckpointSaver[Any], config: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Compiled]:
        """Yield the compiled graph with ``checkpointer`` in place of its own; its store and cache stay.

        A factory is called anew, with ``config``. What fails when it cleans up is logged, for by then the run is over.
        Raises `GraphUnknown`, or `GraphBroken` when the graph does not load.
        """
        target = self._get(name, (config or {}).get("configurable", {}).get("thread_id", "")).target
        async with AsyncExitStack() as stack:
            try:
                graph = await stack.enter_async_context(opened(target, config or {}, running=True))
            except (Exception, SystemExit) as error:
                raise _broken(name, error) from error
            yield graph.copy(update={"checkpointer": checkpointer})

    def _get(self, name: str, thread_id: str = "") -> _Loaded:
        if broken := self.broken.get(name):
            raise GraphBroken(broken.name, broken.reason, broken.traceback)
        if name not in self._loaded:
            raise GraphUnknown(thread_id, self.names)
        return self._loaded[name]


def load_graphs(sources: Sequence[GraphSource]) -> Graphs:
    """Import every source; those that fail, however they fail, end up in ``broken`` and stop no other.

    Factories are called once, to see their nodes. May be called where an event loop is running.
    """
    loaded: dict[str, _Loaded] = {}
    broken: dict[str, GraphBroken] = {}
    for source in sources:
        try:
            loaded[source.name] = _load(source)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - foreign code at import; even sys.exit() must stop no other graph
            broken[source.name] = _broken(source.name, error)
    return Graphs(loaded, broken)


def _load(source: GraphSource) -> _Loaded:
    return run_on_graph_loop(_look_at(import_target(source)))


async def _look_at(target: object) -> _Loaded:
    async with opened(target, {}, running=False) as graph:
        return _Loaded(
            target=target,
            nodes=_own(graph.nodes),
            channels=_own(graph.channels),
            breakpoints=Breakpoints(
                before=_marked(graph.interrupt_before_nodes), after=_marked(graph.interrupt_after_nodes)
            ),
            shape=shape_of(graph),
            fingerprints=fingerprints_of(graph),
        )


def _marked(nodes: str | Sequence[str]) -> frozenset[str]:
    return frozenset([nodes] if isinstance(nodes, str) else nodes)


def _own(names: Collection[str]) -> frozenset[str]:
    """Return the names that a graph's author chose; LangGraph's begin with two underscores."""
    return frozenset(name for name in names if not name.startswith("__"))


def _broken(name: str, error: BaseException) -> GraphBroken:
    said = " ".join(str(error).split())[:300]
    reason = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return GraphBroken(name, reason, "".join(traceback.format_exception(error)))
