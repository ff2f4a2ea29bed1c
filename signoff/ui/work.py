"""The line above the queue for those who work through it: what comes next, and what became of the last answer."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from signoff.reviews import Query
from signoff.ui import absence, advance, claims, detail, outcome, shared
from signoff.ui.session import masked, plain
from signoff.ui.table import SELECTED


def bar(query: Query, choose: Callable[[str | None], None]) -> None:
    """Draw the line; ``choose`` opens a review of ``query``."""
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        claims.next_button(query, choose)
        advance.switch()
        absence.popover()
        _last()


def shows() -> object:
    """Return what the line shows that the desk may change."""
    decision = shared.decision(st.session_state.get(detail.LAST))
    return decision and (decision.outcome, decision.review_id == st.session_state.get(SELECTED))


def _last() -> None:
    """Draw what became of the last answer once another review is open, so that a late failure is not missed."""
    decision = shared.decision(st.session_state.get(detail.LAST))
    if decision is None or decision.review_id == st.session_state.get(SELECTED):
        return
    outcome.badge(decision.outcome)
    st.caption(plain(masked(decision.title)), width="content")
    st.page_link("pages/thread.py", label="Open thread", query_params={"thread": decision.thread_id})
