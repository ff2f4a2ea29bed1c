"""A review that can be answered no more: what became of it, what was typed in vain, and the way to the next one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from signoff.errors import AlreadyDecided, ReviewNotFound
from signoff.ui import changed, comments, outcome, session, shared
from signoff.ui.session import desk, plain


def show(review_id: str, reason: Exception, choose: Callable[[str | None], None]) -> None:
    """Say why a review can be answered no more, and lead to the next; ``choose`` is told None for that."""
    with st.container(border=True):
        if isinstance(reason, ReviewNotFound):
            st.info("There is no such review on this desk. The link may be cut short, or be one of another desk.")
        else:
            _left(review_id, reason)
        if st.button("Next in queue", type="primary", icon=":material/arrow_forward:"):
            choose(None)
            st.rerun()


def _left(review_id: str, reason: Exception) -> None:
    """Draw what is left of a review that is closed: what was asked and decided, and what was typed in vain."""
    known = shared.dossier(review_id).review
    st.subheader(plain(session.masked(known.title)), anchor=False)
    by = reason.reviewer if isinstance(reason, AlreadyDecided) else None
    said = f"{by} has decided this review." if by else str(reason)
    unsent = " Nothing was sent from this page." if by and changed.in_vain(review_id, by) else ""
    st.info(plain(said + unsent), icon=":material/info:")
    for decision in desk().decisions_on(review_id)[:1]:
        outcome.show(decision, opened=True)
    changed.unsent(review_id)
    st.page_link("pages/thread.py", label="Open thread", query_params={"thread": known.thread_id})
    comments.show(review_id)
