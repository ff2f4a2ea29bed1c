"""When did this field change? The steps at which one channel of a thread changed, newest first."""

from __future__ import annotations

from itertools import islice

import streamlit as st

from signoff.channels import Turn, turns
from signoff.differences import differences
from signoff.picture import START
from signoff.reviews import ABSENT, Absent, Json
from signoff.ui import diff, step
from signoff.ui.session import desk, moment, plain

_SHOWN = 10


def show(thread_id: str) -> None:
    """Ask for a channel and draw its changes; more of them on request. Raises `ThreadNotFound`."""
    names = sorted(desk().history(thread_id, limit=1)[0].step.values)
    channel = st.selectbox("When did this field change?", names, index=None, placeholder="Choose a field…")
    if channel is None:
        return
    key = f"turns-{thread_id}-{channel}"
    most = st.session_state.get(key, _SHOWN)
    found = list(islice(turns(desk(), thread_id, channel), most + 1))
    for turn in found[:most]:
        _turn(thread_id, channel, turn)
    if len(found) > most and st.button("Older changes", key=f"{key}-more", icon=":material/expand_more:"):
        st.session_state[key] = most + _SHOWN
        st.rerun()


def _turn(thread_id: str, channel: str, turn: Turn) -> None:
    made = turn.step
    told = ["input" if node == START else node for node in turn.wrote]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(" · ".join([f"Step {made.step}", *told, moment(made.created_at)])), width="content")
            st.button(
                "All it changed",
                icon=":material/difference:",
                type="tertiary",
                key=f"turn-{thread_id}-{made.checkpoint_id}",
                on_click=step.open_changes,
                args=(made.checkpoint_id,),
            )
        diff.places(differences(_held(channel, turn.before), _held(channel, turn.after)))


def _held(channel: str, value: Json | Absent) -> dict[str, Json]:
    return {} if value is ABSENT else {channel: value}
