"""A thread's life as a table: one line per step, subgraphs inside it, other branches beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from signoff import life
from signoff.checkpoints.lines import Line
from signoff.checkpoints.strand import ALL, Find, Inner
from signoff.decisions import Decision
from signoff.history import SOURCES, Lane, in_words, side_by_side
from signoff.ui import rows, travel
from signoff.ui.session import desk, local, span

CHECKPOINT, NAMESPACE, AGAINST = "checkpoint", "ns", "against"
"""The query parameters of the thread page that name the opened step, and the one it is compared with."""
PAGE = 25
_COLUMNS = ("Step", "What happened", "Took", "Decided by", "When", "Wrote", "Next", "Error", "Source", "Checkpoint")
_INDENT = "\u2003"  # a wide space: the table would drop plain ones
_MOST_INNER = 100  # steps of an opened subgraph in the table


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the table: a step, or a subgraph that ran on the step above it, as ``inner``."""

    namespace: str
    line: Line
    depth: int
    lane: Lane | None = None
    decisions: tuple[Decision, ...] = ()
    inner: Inner | None = None


def show(thread_id: str, *, limit: int) -> None:
    """Draw the newest steps of a thread, and the way to its page."""
    found = life.page(desk(), thread_id, limit=limit)
    st.dataframe(_frame(list(rows_of(found, thread_id, "")), wide=False), hide_index=True, alt="Steps, newest first")
    label = "Open the thread's timeline" if found.older is None else "Open the thread for older steps and their states"
    st.page_link("pages/thread.py", label=label, icon=":material/timeline:", query_params={"thread": thread_id})


def pick(thread_id: str, checkpoint_id: str, namespace: str) -> None:
    """Draw the timeline with the opened step marked; a click opens another one, or a subgraph."""
    find, decided = _find(thread_id)
    cursor = f"timeline-before-{short(thread_id)}"
    opened = _root_of(thread_id, checkpoint_id, namespace)
    found = life.page(desk(), thread_id, limit=PAGE, before=st.session_state.get(cursor), find=find, decided=decided)
    if opened and find == ALL and not decided and st.session_state.get(f"{cursor}-for") != opened:
        st.session_state[f"{cursor}-for"] = opened
        if opened not in {line.checkpoint_id for line in found.lines}:
            st.session_state[cursor] = opened + life.BEHIND
            found = life.page(desk(), thread_id, limit=PAGE, before=st.session_state[cursor])
    shown = list(rows_of(found, thread_id, namespace))
    if not shown:
        st.info("No step matches.", icon=":material/filter_alt_off:")
    else:
        _table(shown, checkpoint_id, namespace)
    if any(lane.column for lane in found.lanes):
        st.caption("The thread was forked: the first line of dots is the current branch, the others are past ones.")
    _turn(cursor, found.older)


def rows_of(found: life.Page, thread_id: str, opened: str, depth: int = 0) -> Iterator[Row]:
    """Yield the rows of a page; the namespace ``opened``, and those around it, have their steps in their place."""
    for line, lane in zip(found.lines, found.lanes, strict=True):
        decisions = found.decisions[line.checkpoint_id]
        for inner in reversed(line.inner):
            yield Row(namespace=inner.namespace, line=line, depth=depth + 1, inner=inner)
            if opened == inner.namespace or opened.startswith(f"{inner.namespace}|"):
                inside = life.page(desk(), thread_id, namespace=inner.namespace, limit=_MOST_INNER)
                yield from rows_of(inside, thread_id, opened, depth + 2)
        yield Row(namespace=line.checkpoint_ns, line=line, depth=depth, lane=lane, decisions=decisions)


def happened(line: Line) -> str:
    """Say in a few words what made a step; parallel nodes stand side by side."""
    return side_by_side(line.nodes) or SOURCES.get(line.source, line.source or "unreadable")


def _table(shown: Sequence[Row], checkpoint_id: str, namespace: str) -> None:
    rows.table(
        "timeline_table",
        _frame(shown, wide=st.session_state.get("timeline_style") == "Detailed"),
        [_place(row) for row in shown],
        (checkpoint_id, namespace, ""),
        partial(_open, namespace),
        columns={"Step": st.column_config.TextColumn(width=55), "Took": st.column_config.TextColumn(width=70)},
        most=20,
        alt="Steps, newest first",
    )


def _place(row: Row) -> tuple[str, str, str]:
    """Return a row's checkpoint, its namespace, and the namespace of the subgraph that the row stands for."""
    return row.line.checkpoint_id, row.line.checkpoint_ns, row.namespace if row.inner else ""


def _open(namespace: str, place: tuple[str, str, str]) -> None:
    """Put the clicked step into the address; a click on a subgraph opens its newest step, or closes it."""
    checkpoint_id, own, inner = place
    if inner and namespace != inner and not namespace.startswith(f"{inner}|"):
        newest = life.page(desk(), st.query_params["thread"], namespace=inner, limit=1).lines[0]
        go(newest.checkpoint_id, inner)
    else:
        go(checkpoint_id, own)


def go(checkpoint_id: str, namespace: str) -> None:
    """Put a step into the address of the thread page."""
    st.query_params[CHECKPOINT] = checkpoint_id
    st.query_params.pop(AGAINST, None)
    if namespace:
        st.query_params[NAMESPACE] = namespace
    else:
        st.query_params.pop(NAMESPACE, None)


def _frame(shown: Sequence[Row], *, wide: bool) -> pd.DataFrame:
    forked = any(row.lane and row.lane.column for row in shown)
    cells = [
        _inner_cells(row.inner, row.depth) if row.inner else _cells(row, forked=forked, wide=wide) for row in shown
    ]
    names = list(dict.fromkeys(name for cell in cells for name in cell))
    names.sort(key=_COLUMNS.index)
    frame = pd.DataFrame([[cell.get(name, "") for name in names] for cell in cells], columns=names, dtype=str)
    return frame.drop(columns=[name for name in names if not frame[name].any()])


def _cells(row: Row, *, forked: bool, wide: bool) -> dict[str, str]:
    line = row.line
    who = ", ".join(dict.fromkeys(decision.reviewer.name for decision in life.answers(row.decisions)))
    left = "".join(f" · {in_words(decision)}" for decision in row.decisions if travel.happened(decision))
    told = {
        "Step": f"{line.step}",
        "What happened": f"{_gutter(row, forked)}{_marks(row)}{happened(line)}{left}",
        "Took": span(line.took) if line.took is not None else "",
        "Decided by": who,
        "When": f"{local(line.created_at):%-d %b %Y, %H:%M:%S}",
    }
    if not wide:
        return told
    return told | {
        "Wrote": ", ".join(line.wrote),
        "Next": "…" if line.to_run is None else ", ".join(dict.fromkeys(line.to_run)),
        "Error": (line.error or "").partition("\n")[0][:200],
        "Source": line.source,
        "Checkpoint": line.checkpoint_id,
    }


def _inner_cells(inner: Inner, depth: int) -> dict[str, str]:
    name = inner.namespace.rpartition("|")[2].partition(":")[0]
    steps = f"{inner.steps} step{'s' * (inner.steps != 1)}"
    return {"What happened": f"{_INDENT * depth}↳ {name} · {steps}"}


def _gutter(row: Row, forked: bool) -> str:
    """Return the indent of a nested step, or the lines of the tree with this step's own marked."""
    if row.depth or not forked or row.lane is None:
        return _INDENT * row.depth
    widest = max(*row.lane.passing, row.lane.column)
    columns = range(widest + 1)
    return "".join("●" if c == row.lane.column else "│" if c in row.lane.passing else " " for c in columns) + " "


def _marks(row: Row) -> str:
    line, answered = row.line, bool(life.answers(row.decisions))
    return "? " * (line.asked and not answered) + "✓ " * answered + "× " * bool(line.error)


def _find(thread_id: str) -> tuple[Find, bool]:
    """Draw the filters; return what they want."""
    [head] = desk().checkpoints.heads([thread_id])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Style", ["Compact", "Detailed"], default="Compact", key="timeline_style", label_visibility="collapsed"
        )
        with st.popover("Filter", icon=":material/filter_alt:"):
            key = f"timeline-find-{short(thread_id)}"
            node = st.selectbox("Node", sorted(head.nodes), index=None, key=f"{key}-node")
            channels = sorted(name for name in head.channels if not name.startswith(("__", "branch:", "join:")))
            channel = st.selectbox("Wrote channel", channels, index=None, key=f"{key}-channel")
            asked = st.checkbox("Asked a question", key=f"{key}-asked")
            decided = st.checkbox("Decided by a person", key=f"{key}-decided")
            failed = st.checkbox("Failed", key=f"{key}-failed")
    return Find(node=node or "", channel=channel or "", failed=failed, asked=asked), decided


def short(thread_id: str) -> str:
    """Return what stands for a thread in keys of widgets: its id may hold anything."""
    return hashlib.sha256(thread_id.encode()).hexdigest()[:12]


def _turn(cursor: str, older: str | None) -> None:
    before = st.session_state.get(cursor)
    with st.container(horizontal=True):
        if before and st.button("Newest", key=f"{cursor}-newest", icon=":material/first_page:"):
            st.session_state[cursor] = None
            st.rerun()
        if older and st.button("Older steps", key=f"{cursor}-older", icon=":material/expand_more:"):
            st.session_state[cursor] = older
            st.rerun()


def _root_of(thread_id: str, checkpoint_id: str, namespace: str) -> str:
    """Return the root step on whose page the opened one is shown: itself, or the last one before it."""
    if not namespace or not checkpoint_id:
        return checkpoint_id
    root = life.page(desk(), thread_id, limit=1, before=checkpoint_id).lines
    return root[0].checkpoint_id if root else ""
