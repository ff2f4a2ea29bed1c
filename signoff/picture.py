"""A graph as a picture: its nodes and edges, and which of them a thread went through, as Mermaid text. Pure.

Mermaid reads markup, entities and directives in what it draws, so names are given ids of ours and labels without any
character that means something to it; LangGraph's own ``draw_mermaid`` is broken by a node name with a quote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

START: Final = "__start__"
END: Final = "__end__"
MOST: Final = 400
"""Edges, and nodes, up to which a graph is drawn; Mermaid itself refuses more than 500 edges."""

Mark = Literal["failed", "asks", "next", "ran"]
MARKS: Final[Mapping[Mark, tuple[str, str]]] = {
    "failed": ("✗", "failed"),
    "asks": ("?", "waits for a person"),
    "next": ("▶", "runs next"),
    "ran": ("✓", "ran"),
}
"""The sign and the meaning of each mark, the one that hides the others first."""
HERE: Final = ("◆", "the chosen step")

_STYLES: Final[Mapping[Mark, str]] = {
    "failed": "fill:#c92a2a,stroke:#7d1414,color:#ffffff",
    "asks": "fill:#ffd8a8,stroke:#e8590c,color:#402200",
    "next": "fill:#3355d1,stroke:#1f3590,color:#ffffff",
    "ran": "fill:#2b7a4b,stroke:#17502f,color:#ffffff",
}
_HERE_STYLE: Final = "stroke:#e64980,stroke-width:5px"
_TAKEN_STYLE: Final = "stroke:#37a05f,stroke-width:3px"
_SETTINGS: Final = '%%{init: {"flowchart": {"wrappingWidth": 360}}}%%'  # by default names of 20 letters are broken
_LONGEST = 48  # characters of a label
_LOOK_ALIKES: Final[Mapping[int, str]] = dict(
    zip(map(ord, '"<>#;`\\{}|*~&'), [*"”‹›♯,ˋ∖()¦∗∼", "&\u2060"], strict=True)
)  # glyphs that common fonts have; behind & a joiner that cannot be seen
_TWICE = re.compile(r"([%$])\1+")  # a comment or a directive, and a formula
_LIST = re.compile(r"^(\d+)[.)]|^[-+](?=\s)")  # Mermaid takes such a label for a Markdown list and refuses it


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A node; ``inside`` names the subgraphs around it, the outermost first, ``whole`` tells one that is a subgraph."""

    id: str
    name: str
    inside: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Way:
    """An edge between the nodes with these ids; ``label`` says when it is taken, as far as the graph says so."""

    source: str
    target: str
    label: str = ""
    conditional: bool = False


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A graph as it is drawn: nodes and edges in the graph's own order. An edge's ends are among the nodes."""

    spots: tuple[Spot, ...] = ()
    ways: tuple[Way, ...] = ()

    @property
    def drawable(self) -> bool:
        """Tell whether there is something to draw that a browser can draw."""
        return bool(self.spots) and max(len(self.spots), len(self.ways)) <= MOST


@dataclass(frozen=True, kw_only=True)
class Route:
    """What a thread did in its graph, by names of the root graph's nodes; ``taken`` holds edges as pairs of names.

    ``made`` names the nodes that made the step that was chosen, if one was. ``complete`` is false where the thread's
    oldest steps were not looked at.
    """

    marks: Mapping[str, Mark] = field(default_factory=dict)
    taken: frozenset[tuple[str, str]] = frozenset()
    made: tuple[str, ...] = ()
    complete: bool = True


def mermaid(outline: Outline, route: Route) -> str:
    """Return a flowchart of the graph with the route marked."""
    ids = {spot.id: f"n{n}" for n, spot in enumerate(outline.spots)}
    frames = _frames(outline)
    lines = [_SETTINGS, "flowchart TD", *_boxes(outline, ids, frames, route)]
    taken = []
    for n, way in enumerate(outline.ways):
        lines.append(f"{ids[way.source]} {_arrow(way)} {ids[way.target]}")
        if (_root(way.source), _root(way.target)) in route.taken:
            taken.append(str(n))
    lines += [f"classDef {mark} {style}" for mark, style in [*_STYLES.items(), ("here", _HERE_STYLE)]]
    lines += _classes(outline, ids, frames, route)
    return "\n".join([*lines, *([f"linkStyle {','.join(taken)} {_TAKEN_STYLE}"] if taken else [])])


def label(text: str) -> str:
    """Return a name for a quoted label of Mermaid: what it would take for syntax is replaced by what looks like it."""
    shown = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text[: 2 * _LONGEST])
    shown = _TWICE.sub(r"\1", " ".join(shown.translate(_LOOK_ALIKES).split()))
    shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
    return _LIST.sub(lambda found: f"{found[1]}․" if found[1] else "‑", shown) or "…"


def _root(spot_id: str) -> str:
    """Return the node of the root graph that this node is, or is inside of."""
    return spot_id.split(":", 1)[0]


def _frames(outline: Outline) -> dict[tuple[str, ...], str]:
    """Return an id for each subgraph that is drawn open, by its path; outer ones come before those in them."""
    paths = dict.fromkeys(spot.inside[:deep] for spot in outline.spots for deep in range(1, len(spot.inside) + 1))
    return {path: f"g{n}" for n, path in enumerate(sorted(paths))}


def _boxes(
    outline: Outline, ids: Mapping[str, str], frames: Mapping[tuple[str, ...], str], route: Route
) -> Iterator[str]:
    """Yield the nodes, those of a subgraph between its frame's first and last line; a frame holds those in it."""
    open_now: tuple[str, ...] = ()
    for spot in sorted(outline.spots, key=lambda spot: spot.inside):
        while open_now != spot.inside[: len(open_now)]:
            open_now = open_now[:-1]
            yield "end"
        while len(open_now) < len(spot.inside):
            open_now = spot.inside[: len(open_now) + 1]
            signs = _signs(open_now[0], route) if len(open_now) == 1 else ""
            yield f'subgraph {frames[open_now]}["{signs}{label(open_now[-1])}"]'
        yield ids[spot.id] + _box(spot, "" if spot.inside else _signs(spot.id, route))
    yield from ("end" for _ in open_now)


def _box(spot: Spot, signs: str) -> str:
    if spot.name in (START, END):
        return f'(["{spot.name.strip("_")}"])'
    said = f'"{signs}{label(spot.name)}"'
    return f"[[{said}]]" if spot.whole else f"[{said}]"


def _signs(name: str, route: Route) -> str:
    chosen = f"{HERE[0]} " if name in route.made else ""
    return chosen + (f"{MARKS[route.marks[name]][0]} " if name in route.marks else "")


def _arrow(way: Way) -> str:
    line = "-.->" if way.conditional else "-->"
    return f'{line}|"{label(way.label)}"|' if way.label else line


def _classes(
    outline: Outline, ids: Mapping[str, str], frames: Mapping[tuple[str, ...], str], route: Route
) -> Iterator[str]:
    """Yield which node, or which frame in place of its node, has which style."""
    drawn = {spot.id: ids[spot.id] for spot in outline.spots if not spot.inside}
    drawn |= {path[0]: frame for path, frame in frames.items() if len(path) == 1}
    for name, drawn_as in drawn.items():
        if name in route.marks:
            yield f"class {drawn_as} {route.marks[name]}"
        if name in route.made:
            yield f"class {drawn_as} here"
