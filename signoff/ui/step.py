"""One step of a thread in full: what changed, the state, what its tasks wrote, its messages, everything as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd
import streamlit as st

from signoff import life
from signoff.checkpoints import Step, Task
from signoff.checkpoints.lines import Line
from signoff.history import Moment, in_words
from signoff.reviews import Json
from signoff.ui import diff, payload, timeline, travel
from signoff.ui.session import desk, masked, moment, plain, span

_BESIDE: Final = 3  # parallel tasks in one row
_OPENED, _CHANGES = "step_tabs", ":material/difference: Changes"
_TALK: Final = 30  # messages that are shown at once


def show(thread_id: str, checkpoint_id: str, namespace: str) -> None:
    """Draw a step. Raises `CheckpointNotFound`."""
    line = life.outline(desk(), thread_id, checkpoint_id, namespace)
    opened = life.moment(desk(), thread_id, checkpoint_id, namespace)
    with st.container(border=True):
        _heading(thread_id, line)
        _happened(opened)
        travel.show(thread_id, opened.step)
        tabs = st.tabs(list(_TABS), key=_OPENED, on_change="rerun")
        for tab, draw in zip(tabs, _TABS.values(), strict=True):
            if tab.open:
                with tab:
                    draw(opened)


def open_changes(checkpoint_id: str) -> None:
    """Put a step of the thread itself into the address, to be opened at what it changed."""
    timeline.go(checkpoint_id, "")
    st.session_state[_OPENED] = _CHANGES


def _heading(thread_id: str, line: Line) -> None:
    place = line.checkpoint_ns
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(f"Step {line.step} · {timeline.happened(line)}"), anchor=False, width="content")
        child = life.child_of(desk(), thread_id, line.checkpoint_id, place)
        _move("Before", "arrow_back", line.parent_id, place)
        _move("After", "arrow_forward", child, place)
    with st.container(horizontal=True, gap="small"):
        st.badge(plain(line.source or "unknown"), icon=":material/input:", color="gray")
        st.badge(moment(line.created_at), icon=":material/schedule:", color="blue")
        if line.took is not None:
            st.badge(span(line.took), icon=":material/timer:", color="gray", help="Since the step before")
        due = "…" if line.to_run is None else ", ".join(dict.fromkeys(line.to_run))
        st.badge(plain(f"next: {due}" if due else "end"), color="violet" if due else "green")
    st.caption(plain(f"checkpoint {line.checkpoint_id}" + (f" in {place}" if place else "")))


def _move(label: str, icon: str, checkpoint_id: str | None, namespace: str) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        disabled=checkpoint_id is None,
        on_click=timeline.go,
        args=(checkpoint_id, namespace),
        key=f"step-{label}",
    )


def _happened(opened: Moment) -> None:
    """Say what went wrong and who decided."""
    if opened.step.error:
        st.error(plain(masked(opened.step.error)), icon=":material/error:")
    for decision in opened.decisions:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"✍️ {in_words(decision)}: {decision.outcome}, {moment(decision.recorded_at)}")
            st.page_link("pages/audit.py", label="The whole story", query_params={"decision": decision.id})


def _changes(opened: Moment) -> None:
    diff.show(opened.before, opened.step.values)


def _state(opened: Moment) -> None:
    values = dict(opened.step.values)
    if not values:
        st.caption("No values.")
        return
    if opened.step.rebuilt:
        names = ", ".join(opened.step.rebuilt)
        st.caption(plain(f"Put together from the last snapshot and the writes since, without your reducer: {names}."))
    style = st.segmented_control(
        "Shown as", ["Readable", "Tree", "Table"], default="Readable", key="state_style", label_visibility="collapsed"
    )
    if style == "Table":
        _table(values)
    else:
        (payload.tree if style == "Tree" else payload.show)(values)


def _table(values: Mapping[str, Json]) -> None:
    shown = masked(dict(values))
    cells = [
        {
            "Channel": name,
            "Kind": _kind(value),
            "Size": f"{len(json.dumps(value, ensure_ascii=False)):,}",
            "Value": payload.brief(value),
        }
        for name, value in shown.items()
    ]
    st.dataframe(pd.DataFrame(cells, dtype=str), hide_index=True, alt="Channels of the state")


def _kind(value: Json) -> str:
    if isinstance(value, Mapping):
        return f"object of {len(value)}"
    if isinstance(value, list):
        return f"list of {len(value)}"
    return {str: "text", bool: "yes or no", type(None): "nothing"}.get(type(value), "number")


def _writes(opened: Moment) -> None:
    """Draw what ran on the step, parallel tasks side by side, at most four in a row."""
    step = opened.step
    edits = {write.task_id for write in step.writes} - {task.id for task in step.tasks}
    if not step.tasks and not edits:
        st.caption("Nothing has run on this step.")
    for start in range(0, len(step.tasks), _BESIDE):
        beside = step.tasks[start : start + _BESIDE]
        for column, task in zip(st.columns(len(beside)), beside, strict=True):
            with column, st.container(border=True):
                _task(step, task)
    if edits:
        st.caption("Written as input:")
        payload.show({write.channel: write.value for write in step.writes if write.task_id in edits})


def _task(step: Step, task: Task) -> None:
    st.text(task.node or "state edited", help=plain(task.path))
    for question in task.questions:
        st.caption("asked")
        payload.show(question.payload if isinstance(question.payload, Mapping) else {"question": question.payload})
    for answer in task.resumed:
        st.caption("was answered")
        payload.show({"answer": answer})
    if task.error:
        st.error(plain(masked(task.error)))
    wrote = {write.channel: write.value for write in step.writes if write.task_id == task.id}
    if wrote:
        st.caption("wrote")
        payload.show(wrote)
    elif not task.questions and not task.error:
        st.caption("wrote nothing to the state")


def _messages(opened: Moment) -> None:
    found = {name: value for name, value in opened.step.values.items() if payload.is_messages(value)}
    if not found:
        st.caption("No messages in this state.")
    for place, (name, talk) in enumerate(found.items()):
        if len(found) > 1:
            st.caption(plain(name))
        skipped = len(talk) - _TALK
        whole = skipped <= 0 or st.toggle(f"Show the {skipped} messages before", key=f"talk-{place}")
        payload.show(talk if whole else talk[skipped:])


def _raw(opened: Moment) -> None:
    step = opened.step
    payload.raw(
        {
            "checkpoint_id": step.checkpoint_id,
            "checkpoint_ns": step.checkpoint_ns,
            "parent_id": step.parent_id,
            "metadata": dict(step.metadata),
            "next": list(step.next),
            "values": dict(step.values),
            "writes": [{"node": one.node, "channel": one.channel, "value": one.value} for one in step.writes],
            "interrupts": [{"id": one.interrupt_id, "node": one.node, "value": one.payload} for one in step.interrupts],
        }
    )


_TABS: Final[dict[str, Callable[[Moment], None]]] = {
    _CHANGES: _changes,
    ":material/data_object: State": _state,
    ":material/edit_note: Writes": _writes,
    ":material/forum: Messages": _messages,
    ":material/code: Raw": _raw,
}
