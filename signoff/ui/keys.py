"""Hands on keys: one letter for what a reviewer does all day. Keys choose and focus; only a submit decides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from signoff.ui import parts
from signoff.ui.table import SELECTED

KEYS = (
    ("j", "Next review"),
    ("k", "Previous review"),
    ("o", "Go to the answer of the open review"),
    ("c", "Claim it"),
    ("a", "Choose Approve (or Accept, Yes)"),
    ("r", "Choose Reject (or Decline, No)"),
    ("Ctrl Enter", "Submit the answer"),
    ("n", "Next in queue, after an answer"),
    ("/", "Search"),
    ("Esc", "Leave a field, so that keys work again"),
    ("g q", "Go to the queue"),
    ("g t", "Go to trouble"),
    ("g a", "Go to the audit"),
    ("?", "Show this list"),
)
"""Every key and what it does, as the list on the screen shows them."""

_ROWS = "_key_rows"
_here = Path(__file__)
_component = st.components.v2.component(
    "signoff_keys",
    html=_here.with_name("keys.html").read_text(),
    css=_here.with_name("common.css").read_text() + _here.with_name("keys.css").read_text(),
    js=_here.with_name("keys.js").read_text(),
)


def listen() -> None:
    """Draw the button that shows the list of keys, and listen for them."""
    st.session_state[_ROWS] = ()
    st.fragment(_listen)()


def walk(ids: Sequence[str]) -> None:
    """Make ``j`` and ``k`` go from one of these reviews to the next, in their order."""
    st.session_state[_ROWS] = tuple(ids)


def _listen() -> None:
    parts.catch_up()
    _component(key="keys", data={"keys": KEYS}, width="content", on_step_change=_step)


def _step() -> None:
    rows, chosen = st.session_state.get(_ROWS, ()), st.session_state.get(SELECTED)
    if not rows:
        return
    by = -1 if st.session_state["keys"]["step"] == "back" else 1
    at = rows.index(chosen) + by if chosen in rows else 0
    st.session_state[SELECTED] = rows[min(max(at, 0), len(rows) - 1)]
    parts.redraw(among=parts.CHOOSING)
