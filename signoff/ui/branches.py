"""The branches of a thread that was taken back in time, and the way to compare two of them."""

from __future__ import annotations

import streamlit as st

from signoff import travel
from signoff.branches import Branch
from signoff.ui import timeline
from signoff.ui.session import desk, moment


def show(thread_id: str) -> None:
    """Draw the branches of a thread that has some, folded; they are looked for when it is opened."""
    folded = st.expander(
        "Branches", icon=":material/fork_right:", key=f"branches-{timeline.short(thread_id)}", on_change="rerun"
    )
    if not folded.open:
        return
    found = travel.branches_of(desk(), thread_id)
    with folded:
        if len(found) == 1:
            st.caption("One branch only: no step was left for another way on.")
            return
        for one in found:
            _branch(thread_id, one, found[0].tip)


def _branch(thread_id: str, one: Branch, current: str) -> None:
    left = f"left the older branch at step {one.left_step}" if one.left else "the first branch"
    count = "1 step" if one.steps == 1 else f"{one.steps} steps"
    with st.container(horizontal=True, vertical_alignment="center"):
        if one.current:
            st.badge("current", color="green")
        st.text(f"Ends at step {one.step}, {moment(one.ended_at)} · {count} of its own · {left}")
        if not one.current:
            compared = {"thread": thread_id, timeline.CHECKPOINT: one.tip, timeline.AGAINST: current}
            st.page_link("pages/thread.py", label="Compare with current", query_params=compared)
