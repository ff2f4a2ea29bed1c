"""The graphs of an Agent Server: names, pictures and schemas, asked for when somebody looks. No code is loaded here."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from signoff.agent_server import AgentServer, Gone, Refused
from signoff.errors import BackendUnavailable, GraphBroken, GraphUnknown
from signoff.graphs import Breakpoints
from signoff.graphs.shape import Shape
from signoff.picture import END, START, Outline, Spot, Way
from signoff.reviews import Json

_FRESH_SECONDS = 60.0  # graphs of a server that was deployed anew are known after so long
_EVERY = Breakpoints(before=frozenset({"*"}))


class ServerGraphs:
    """What `signoff.graphs.Graphs` tells a desk, of graphs that run elsewhere. Safe to share between threads.

    Breakpoints are not told by the server: a thread that is ``interrupted`` and asks nothing stands at one, wherever it
    is. Nor is the code of a node, so nobody is told that it changed.
    """

    broken: Mapping[str, GraphBroken] = {}

    def __init__(self, server: AgentServer) -> None:
        self._server = server
        self._assistants: dict[str, str] = {}
        self._asked = float("-inf")
        self._shapes: dict[str, tuple[float, Shape]] = {}
        self._look()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the graphs that have an assistant, sorted; as last known while the server does not answer."""
        if time.monotonic() - self._asked > _FRESH_SECONDS:
            try:
                self._server.knock()
                self._look()
            except BackendUnavailable:
                self._asked = time.monotonic()
        return tuple(sorted(self._assistants))

    def breakpoints(self, name: str) -> Breakpoints:
        """Return every node: wherever an interrupted thread stands, it may be a breakpoint. Raises `GraphUnknown`."""
        self._assistant(name)
        return _EVERY

    def shape(self, name: str) -> Shape:
        """Return what of a graph's threads can be changed, and how it is drawn. Raises `GraphUnknown`."""
        assistant = self._assistant(name)
        known = self._shapes.get(name)
        if known is None or time.monotonic() - known[0] > _FRESH_SECONDS:
            known = time.monotonic(), self._shape(assistant)
            self._shapes[name] = known
        return known[1]

    def fingerprint(self, name: str, node: str) -> str | None:  # noqa: ARG002 - as `signoff.graphs.Graphs` has it
        """Return None: the server does not show its code."""
        return None

    def candidates(self, nodes_seen: Collection[str], channels_seen: Collection[str]) -> tuple[str, ...]:  # noqa: ARG002
        """Return every graph: a thread without ``graph_id`` never ran, so nothing of it tells its graph."""
        return self.names

    def assistant(self, name: str, metadata: Mapping[str, Json]) -> str:
        """Return the assistant by which a thread was run, or the first of its graph. Raises `GraphUnknown`."""
        named = metadata.get("assistant_id")
        return named if isinstance(named, str) and metadata.get("graph_id", name) == name else self._assistant(name)

    def _look(self) -> None:
        found: dict[str, str] = {}
        for one in sorted(self._server.assistants(), key=lambda one: str(one.get("created_at"))):
            found.setdefault(str(one["graph_id"]), str(one["assistant_id"]))
        self._assistants, self._asked = found, time.monotonic()

    def _assistant(self, name: str) -> str:
        if name not in self._assistants:
            raise GraphUnknown("", self.names)
        return self._assistants[name]

    def _shape(self, assistant: str) -> Shape:
        outline, opened = (self._drawn(assistant, inside=inside) for inside in (False, True))
        state = self._told(lambda: self._server.schemas(assistant)).get("state_schema") or {}
        held = state.get("properties") if isinstance(state, dict) else None
        shared = {"$defs": state["$defs"]} if isinstance(state, dict) and "$defs" in state else {}
        channels = {name: _schema(schema, shared) for name, schema in (held or {}).items() if not name.startswith("__")}
        return Shape(
            nodes=tuple(spot.id for spot in outline.spots if spot.id not in (START, END)) if channels else (),
            channels=channels,
            outline=outline,
            opened=opened,
            callers=_callers(outline, opened),
        )

    def _drawn(self, assistant: str, *, inside: bool) -> Outline:
        return _outline(self._told(lambda: self._server.drawing(assistant, inside=inside)))

    def _told(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what the server tells of a graph, nothing where it cannot: a picture is no reason to fail."""
        try:
            return ask()
        except (Gone, Refused):
            return {}


def _schema(schema: Any, shared: Mapping[str, Any]) -> Json:
    """Return a channel's schema with what it refers to, without the default that the server's own model has."""
    own = {key: value for key, value in schema.items() if key != "default"} if isinstance(schema, dict) else {}
    return {**own, **shared} if "$ref" in str(own) else own


def _outline(drawn: Mapping[str, Any]) -> Outline:
    spots = tuple(_spot(node) for node in drawn.get("nodes") or ())
    ids = {spot.id for spot in spots}
    ways = [
        Way(
            source=str(edge["source"]),
            target=str(edge["target"]),
            label=str(edge.get("data") or ""),
            conditional=bool(edge.get("conditional")),
        )
        for edge in drawn.get("edges") or ()
    ]
    return Outline(spots=spots, ways=tuple(way for way in ways if {way.source, way.target} <= ids))


def _callers(outline: Outline, opened: Outline) -> frozenset[tuple[str, ...]]:
    """Return the outermost nodes whose code calls a graph: more the server does not tell of them."""
    around = {spot.inside[:1] for spot in opened.spots}
    return frozenset((spot.name,) for spot in outline.spots if (spot.name,) in around and not spot.whole)


def _spot(node: Mapping[str, Any]) -> Spot:
    *around, name = str(node["id"]).split(":")
    whole = node.get("type") == "runnable" and (node.get("data") or {}).get("id", [None])[-1:] == ["CompiledStateGraph"]
    return Spot(id=str(node["id"]), name=name, inside=tuple(around), whole=whole)
