"""The graph of a thread as a picture: the way it took, where it stands, and the step that was chosen."""

from __future__ import annotations

import streamlit as st

from signoff import routes
from signoff.errors import GraphBroken, GraphUnknown
from signoff.graphs import Shape
from signoff.picture import HERE, MARKS, Outline, Route, label, mermaid
from signoff.ui.session import desk, plain


def show(thread_id: str, checkpoint_id: str | None = None, *, place: str = "page") -> None:
    """Draw the graph with the way to where the thread stands, or to a step, whose nodes are marked.

    ``place`` tells several pictures on one screen apart. Raises `ThreadNotFound`.
    """
    name, candidates = desk().graph_of(thread_id)
    shape = _shape(name)
    if shape is None:
        fitting = f" It may be {' or '.join(candidates)}." if candidates else ""
        st.caption(plain(f"The graph of this thread is not loaded, so there is no picture of it.{fitting}"))
        return
    outline = _chosen(shape, f"inside-{place}-{thread_id}")
    if not outline.drawable:
        st.caption(
            f"This graph has {len(outline.spots):,} nodes and {len(outline.ways):,} edges, too many for a picture."
        )
        return
    route = routes.route(desk(), thread_id, checkpoint_id)
    st.mermaid_chart(mermaid(outline, route), alt=_told(route))
    st.caption(_legend(outline, route))


def _shape(name: str | None) -> Shape | None:
    try:
        return desk().graphs.shape(name or "")
    except (GraphBroken, GraphUnknown):
        return None


def _chosen(shape: Shape, key: str) -> Outline:
    """Return the graph with its subgraphs open or closed, as the reader likes; those without any are not asked."""
    if shape.opened == shape.outline or not shape.opened.drawable:
        return shape.outline
    opened = st.toggle("Show what is inside subgraphs", key=key, persist_state="session")
    return shape.opened if opened else shape.outline


def _legend(outline: Outline, route: Route) -> str:
    used = [MARKS[mark] for mark in MARKS if mark in route.marks.values()] + [HERE] * bool(route.made)
    said = [f"{plain(sign)} {meaning}" for sign, meaning in used]
    if any(way.conditional for way in outline.ways):
        said.append("dotted: where it goes depends")
    if route.taken:
        said.append("green lines: the way it took")
    if not route.complete:
        said.append(f"steps before the newest {routes.MOST:,} are not shown")
    return " · ".join(said)


def _told(route: Route) -> str:
    """Return the picture in words, for those who cannot see it; Streamlit puts them into the Mermaid text."""
    said = {mark: [node for node, has in route.marks.items() if has == mark] for mark in MARKS}
    found = [f"{MARKS[mark][1]}: {', '.join(map(label, nodes))}" for mark, nodes in said.items() if nodes]
    return "Graph. " + "; ".join(found)
