"""Views of the queue as pills with live counts, and what their owner can do with them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from signoff import views
from signoff.errors import SignoffError
from signoff.links import query_text
from signoff.reviews import Query
from signoff.ui import filters, shared
from signoff.ui.session import desk, plain, reviewer, today

_PILLS = "views"


def show(query: Query) -> None:
    """Draw the views; the one that shows what is asked for is marked."""
    listed = {view.id: view for view in shared.visible_views()}
    counts = shared.view_counts(shared.visible_views(), today())
    current = next((view for view in listed.values() if query_text(view.query) == query_text(query)), None)
    shown = current.id if current else None
    if st.session_state.get(_PILLS) != shown or _PILLS not in st.session_state:
        st.session_state[_PILLS] = shown
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.pills(
            "Views",
            list(listed),
            key=_PILLS,
            format_func=lambda id_: f"{plain(listed[id_].name)} · {counts[id_]:,}",
            label_visibility="collapsed",
            on_change=_open,
            width="content",
        )
        own = current if current and current.owner == reviewer().name else None
        label = "This view" if own else "Save view"
        with st.popover(
            label, icon=":material/bookmark:", type="tertiary", on_change="rerun", key="view-kept"
        ) as opened:
            if opened.open:
                _own(own) if own else _save(query)


def shows() -> object:
    """Return what the views show: themselves and their counts."""
    listed = shared.visible_views()
    return listed, shared.view_counts(listed, today())


def _open() -> None:
    filters.go_to_view(st.session_state[_PILLS])


def _save(query: Query) -> None:
    st.caption("Save what you look for, with its order, under a name.")
    name = st.text_input("Name", key="view-name", max_chars=60)
    everybody = st.checkbox("Everybody sees it", key="view-shared")
    if st.button("Save", type="primary", icon=":material/bookmark_add:"):
        with _said():
            view = views.save(desk(), name, query, owner=reviewer().name, shared=everybody)
            filters.go_to_view(view.id)
            del st.session_state["view-name"]
            st.rerun()


def _own(view: views.View) -> None:
    me = reviewer().name
    name = st.text_input("Name", view.name, key=f"view-name-{view.id}", max_chars=60)
    everybody = st.checkbox("Everybody sees it", view.shared, key=f"view-shared-{view.id}")
    with st.container(horizontal=True):
        if st.button("Change", type="primary", icon=":material/check:"):
            _act(
                lambda: views.rename(desk(), view.id, name, viewer=me),
                lambda: views.share(desk(), view.id, everybody, viewer=me),
            )
        if st.button("Delete view", icon=":material/delete:"):
            _act(lambda: views.delete(desk(), view.id, viewer=me))


def _act(*steps: Callable[[], None]) -> None:
    with _said():
        for step in steps:
            step()
        filters.go(filters.asked()[0])
        st.rerun()


class _said:  # noqa: N801 - reads as a word
    """Shows what went wrong in place of raising it."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, SignoffError):
            st.error(plain(str(error)))
            return True
        return False
