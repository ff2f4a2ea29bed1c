"""Views of the queue as pills with live counts, and what their owner can do with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from signoff import views
from signoff.errors import SignoffError
from signoff.links import query_text
from signoff.reviews import ABSENT, Query
from signoff.ui import filters, labels, shared
from signoff.ui.session import desk, plain, reviewer, today

_PILLS = "views"
_KEPT, _REFUSED = "view-kept", "view-refused"


def show(query: Query) -> None:
    """Draw the views; the one that shows what is asked for is marked."""
    listed = {view.id: view for view in shared.visible_views()}
    counts = shared.view_counts(shared.visible_views(), today())
    current = next((view for view in listed.values() if query_text(view.query) == query_text(query)), None)
    shown = current.id if current else None
    names = {view.id: f"{plain(view.name)} · {counts[view.id]:,}" for view in listed.values()}
    if labels.note(_PILLS, names) != names or st.session_state.get(_PILLS, ABSENT) != shown:
        st.session_state[_PILLS] = shown  # else pills go on by their old names (streamlit 1.67)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.pills(
            "Views",
            list(listed),
            key=_PILLS,
            format_func=lambda id_: names[id_],
            required=True,
            label_visibility="collapsed",
            on_change=_open,
            width="content",
        )
        own = current if current and current.owner == reviewer().name else None
        label = "This view" if own else "Save view"
        with st.popover(label, icon=":material/bookmark:", type="tertiary", on_change="rerun", key=_KEPT) as opened:
            if opened.open:
                _own(own) if own else _save(query)
            else:
                st.session_state[_REFUSED] = None


def shows() -> object:
    """Return what the views show: themselves and their counts."""
    listed = shared.visible_views()
    return listed, shared.view_counts(listed, today())


def _open() -> None:
    """Open the view that was chosen; a label with a count of before is none of today's, and chooses nothing."""
    if chosen := st.session_state[_PILLS]:
        filters.go_to_view(chosen)


def _save(query: Query) -> None:
    st.caption("Save what you look for, with its order, under a name.")
    st.text_input("Name", key="view-name", max_chars=60)
    st.checkbox("Everybody sees it", key="view-shared")
    icon = ":material/bookmark_add:"
    st.button("Save", type="primary", icon=icon, on_click=_act, args=(partial(_saved, query),))
    _refusal()


def _saved(query: Query) -> None:
    name, everybody = st.session_state["view-name"], st.session_state["view-shared"]
    view = views.save(desk(), name, query, owner=reviewer().name, shared=everybody)
    filters.go_to_view(view.id)
    st.session_state["view-name"] = ""


def _own(view: views.View) -> None:
    st.text_input("Name", view.name, key=f"view-name-{view.id}", max_chars=60)
    st.checkbox("Everybody sees it", view.shared, key=f"view-shared-{view.id}")
    with st.container(horizontal=True):
        icon = ":material/check:"
        st.button("Change", type="primary", icon=icon, on_click=_act, args=(partial(_changed, view),))
        st.button("Delete view", icon=":material/delete:", on_click=_act, args=(partial(_deleted, view),))
    _refusal()


def _changed(view: views.View) -> None:
    me = reviewer().name
    views.rename(desk(), view.id, st.session_state[f"view-name-{view.id}"], viewer=me)
    views.share(desk(), view.id, st.session_state[f"view-shared-{view.id}"], viewer=me)


def _deleted(view: views.View) -> None:
    filters.go(filters.asked()[0])  # what it showed goes on being shown
    views.delete(desk(), view.id, viewer=reviewer().name)


def _act(step: Callable[[], None]) -> None:
    """Take a step and close what it was taken in; where it is refused, that stays open and says why."""
    st.session_state[_REFUSED] = None
    try:
        step()
        st.session_state[_KEPT] = False
    except SignoffError as error:
        st.session_state[_REFUSED] = str(error)


def _refusal() -> None:
    if refused := st.session_state.get(_REFUSED):
        st.error(plain(refused))
