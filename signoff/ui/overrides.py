"""Priority, due date and tags of a review, set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

import streamlit as st

from signoff import overrides
from signoff.briefs import Brief
from signoff.errors import SignoffError
from signoff.reviews import Priority, Review
from signoff.ui import parts, session
from signoff.ui.session import desk, moment, plain

_NAMES = {overrides.PRIORITY: "Priority", overrides.DUE: "Due date", overrides.TAGS: "Tags"}


def shown(brief: Brief) -> Review:
    """Return the review as its thread tells it this moment, with what the queue says of priority, due date and tags."""
    listed = brief.review
    return replace(brief.waiting.review, priority=listed.priority, due_at=listed.due_at, tags=listed.tags)


def popover(review: Review) -> None:
    """Draw the button behind which priority, due date and tags can be set."""
    key = f"overrides-{review.id}"
    with st.popover("Edit", icon=":material/edit:", type="tertiary", on_change="rerun", key=key) as opened:
        if not opened.open:
            return
        for one in overrides.on_review(desk(), review.id):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(plain(f"{_NAMES[one.field]} set by {one.set_by}, {moment(one.set_at)}"), width="content")
                args = (review.id, one.field)
                st.button("Reset", type="tertiary", key=f"{key}-{one.field}", on_click=_reset, args=args)
        _form(review, key)


def _form(review: Review, key: str) -> None:
    due = session.local(review.due_at).replace(tzinfo=None, second=0, microsecond=0) if review.due_at else None
    words = [priority.value for priority in reversed(Priority)]
    shown = {"priority": review.priority.value, "due": due, "tags": ", ".join(review.tags)}
    places = {
        name: f"{key}-{name}-{crc32(repr(value).encode())}" for name, value in shown.items()
    }  # what a colleague changes is shown anew
    with st.form(f"{key}-form", border=False):
        st.selectbox("Priority", words, words.index(review.priority.value), key=places["priority"])
        st.datetime_input("Due", due, key=places["due"])
        st.text_input("Tags", shown["tags"], help="Separated by commas.", key=places["tags"])
        st.form_submit_button("Save", on_click=_save, args=(review.id, key, shown, places))
    if refused := st.session_state.pop(f"{key}-refused", None):
        st.error(plain(refused))


def _save(review_id: str, key: str, shown: Mapping[str, Any], places: Mapping[str, str]) -> None:
    """Set what says something else than was shown, and close the form; refused, it stays and says why."""
    me, wanted = session.reviewer(), {name: st.session_state[place] for name, place in places.items()}
    try:
        if wanted["priority"] != shown["priority"]:
            overrides.set_priority(desk(), review_id, Priority(wanted["priority"]), reviewer=me)
        if (due := wanted["due"]) != shown["due"]:
            overrides.set_due(desk(), review_id, due and due.replace(tzinfo=session.zone()), reviewer=me)
        if wanted["tags"] != shown["tags"]:
            overrides.set_tags(desk(), review_id, wanted["tags"].split(","), reviewer=me)
        st.session_state[key] = False
    except SignoffError as error:
        st.session_state[f"{key}-refused"] = str(error)
    parts.redraw(parts.OPENED, among=parts.CHOOSING)


def _reset(review_id: str, field: str) -> None:
    try:
        overrides.reset(desk(), review_id, field, reviewer=session.reviewer())
    except SignoffError as error:
        st.toast(plain(str(error)), icon=":material/error:")
