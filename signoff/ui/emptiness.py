"""What the queue says when there is no row to show, or when its rows may be old; and what to do next."""

from __future__ import annotations

import streamlit as st

from signoff.reviews import ME, Query, State
from signoff.ui import filters, sources
from signoff.ui.session import desk, plain, running

_NO_MATCH = "Nothing matches these filters. Clear them to see the whole queue."
_NOTHING: dict[object, str] = {
    ME: "You hold no review. Clear the filter, and Claim next gives you the first that nobody has.",
    State.CLOSED: "No review is closed yet. What is decided or withdrawn appears here.",
}


def warn() -> None:
    """Say that the queue may be out of date, and why; or that it is being read for the first time."""
    service = running()
    if sources.warn():
        return
    if service.problem:
        st.warning(
            f"{plain(service.problem)} What is shown may be old; Signoff tries again every second.",
            icon=":material/cloud_off:",
        )
    elif service.reading:
        st.info(
            "Signoff reads the checkpoint database for the first time. Reviews appear as they are found; "
            "you can answer them meanwhile.",
            icon=":material/hourglass_top:",
        )


def show(query: Query, *, others: bool) -> None:
    """Say why there is no row: nothing of what ``query`` asks for, though there are ``others``, or nothing at all."""
    asked = [name for name, _ in filters.active(query)]
    if asked or others:
        st.info(_NOTHING.get(_only(query, asked), _NO_MATCH), icon=":material/filter_alt_off:")
        st.button("Clear filters", icon=":material/close:", on_click=filters.clear)
        return
    st.info(
        "Nothing waits for a person. Threads appear here the moment they pause; this page shows them by itself.",
        icon=":material/check_circle:",
    )
    if not desk().graphs.names:
        st.caption("No graph is configured, so static breakpoints cannot be told from threads that run: see System.")
    st.page_link("pages/audit.py", label="What was decided", icon=":material/history:")


def _only(query: Query, asked: list[str]) -> object:
    """Return the one thing that is asked for, None where it is more."""
    if asked == ["assignee"]:
        return query.assignee
    return query.states[0] if asked == ["states"] and len(query.states) == 1 else None
