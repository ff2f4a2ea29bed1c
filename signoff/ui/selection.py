"""Which review is open: known by its id alone, whatever the page, the filters and the table do. In the address, too."""

from __future__ import annotations

import streamlit as st

from signoff import browsing
from signoff.links import query_text
from signoff.reviews import Query
from signoff.ui import shared
from signoff.ui.session import desk
from signoff.ui.table import SELECTED

_ASKED = "review_asked"  # the review that the address named when it was last looked at
_OFFERED = "review_offered"  # the review that was opened because none was asked for, and for which query


def current(query: Query) -> str | None:
    """Return the open review: what the address asks for, what was chosen since, or the first one that waits."""
    asked = st.query_params.get("review")
    if asked and asked != st.session_state.get(_ASKED):
        st.session_state[SELECTED] = asked
    elif SELECTED not in st.session_state or _offered_in_vain(query):
        offered = shared.first(query)
        st.session_state[SELECTED], st.session_state[_OFFERED] = offered, (offered, query_text(query))

    selected: str | None = st.session_state[SELECTED]
    if selected and selected != st.session_state.get(_OFFERED, ("", ""))[0]:
        st.session_state.pop(_OFFERED, None)
        if asked != selected:
            st.query_params["review"] = selected
        st.session_state[_ASKED] = selected
    return selected


def _offered_in_vain(query: Query) -> bool:
    """Tell whether other filters hide the open review, one that nobody asked for, or there was none to be opened."""
    selected = st.session_state[SELECTED]
    offered, asked = st.session_state.get(_OFFERED, ("", ""))
    if asked == query_text(query):
        return False
    return not selected or (selected == offered and browsing.hides(desk(), query, selected))


def choose(query: Query, review_id: str | None) -> None:
    """Open a review; None opens the next one that waits in the order shown."""
    if review_id is None:
        review_id = browsing.following(desk(), query, st.session_state.get(SELECTED))
    st.session_state[SELECTED] = review_id
