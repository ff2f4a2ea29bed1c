"""How a compiled graph is drawn: its nodes and edges as LangGraph itself tells them, labels of conditions included."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from langgraph.pregel import Pregel

from signoff.picture import END, START, Outline, Spot, Way

_log = logging.getLogger(__name__)


def outline_of(graph: Any, *, inside: bool = False) -> Outline:
    """Return how a graph is drawn, with what is ``inside`` its subgraphs or with each as one node.

    A graph that LangGraph cannot draw has nodes but no edges. A subgraph that runs on another server is never asked.
    """
    try:
        drawn = graph.get_graph(xray=inside and all(isinstance(one, Pregel) for _, _, one in _within(graph)))
    except Exception:  # noqa: BLE001 - drawing runs the writers of foreign nodes; a picture is no reason not to start
        _log.warning("LangGraph cannot draw graph %s; its nodes are shown without edges.", graph.name, exc_info=True)
        return Outline(spots=tuple(Spot(id=name, name=name) for name in graph.nodes if name != START))
    labels = _labels(graph)
    return Outline(
        spots=tuple(_spot(where, node) for where, node in drawn.nodes.items()),
        ways=tuple(
            Way(
                source=edge.source,
                target=edge.target,
                label=" / ".join(labels.get((edge.source, edge.target), ())) or str(edge.data or ""),
                conditional=edge.conditional,
            )
            for edge in drawn.edges
            if {edge.source, edge.target} <= drawn.nodes.keys()
        ),
    )


def callers_in(graph: Any) -> frozenset[tuple[str, ...]]:
    """Return the nodes, however deep, that are no subgraph but whose code calls a graph, each by the names to it."""
    return frozenset(tuple(path.split(":")) for path, node, _ in _within(graph) if not isinstance(node.bound, Pregel))


def _spot(where: str, node: Any) -> Spot:
    around = where.removesuffix(node.name).strip(":") if where not in (START, END) else ""
    inside = tuple(around.split(":")) if around else ()
    return Spot(id=where, name=node.name, inside=inside, whole=isinstance(node.data, Pregel))


def _labels(graph: Any) -> dict[tuple[str, str], list[str]]:
    """Return what each conditional edge is called; LangGraph's drawing keeps one name of several to the same node."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for prefix, one in [("", graph), *((f"{path}:", sub) for path, _, sub in _within(graph))]:
        for source, branches in getattr(getattr(one, "builder", None), "branches", {}).items():
            for said, target in (pair for branch in branches.values() for pair in (branch.ends or {}).items()):
                if str(said) != target:
                    found[prefix + source, prefix + target].append(str(said))
    return found


def _within(graph: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield every subgraph, however deep: the path that LangGraph's drawing gives its nodes, its own node, and it."""
    for name, one in graph.get_subgraphs():
        yield f"{prefix}{name}", graph.nodes[name], one
        if isinstance(one, Pregel):
            yield from _within(one, f"{prefix}{name}:")
