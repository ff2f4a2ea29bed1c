"""Priority, due date and tags of a review, set by hand."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from signoff import overrides
from signoff.briefs import Brief
from signoff.errors import SignoffError
from signoff.reviews import Priority, Review
from signoff.ui import session
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
    due = (
        review.due_at.astimezone(session.zone()).replace(tzinfo=None, second=0, microsecond=0)
        if review.due_at
        else None
    )
    words = [priority.value for priority in reversed(Priority)]
    with st.form(f"{key}-form", border=False):
        priority = st.selectbox("Priority", words, words.index(review.priority.value))
        wanted = st.datetime_input("Due", due)
        tags = st.text_input("Tags", ", ".join(review.tags), help="Separated by commas.")
        if not st.form_submit_button("Save"):
            return
    me = session.reviewer()
    try:
        if priority != review.priority.value:
            overrides.set_priority(desk(), review.id, Priority(priority), reviewer=me)
        if wanted != due:
            overrides.set_due(desk(), review.id, wanted and wanted.replace(tzinfo=session.zone()), reviewer=me)
        if tags != ", ".join(review.tags):
            overrides.set_tags(desk(), review.id, tags.split(","), reviewer=me)
    except SignoffError as error:
        st.error(plain(str(error)))
        return
    st.session_state[key] = False
    st.rerun()


def _reset(review_id: str, field: str) -> None:
    try:
        overrides.reset(desk(), review_id, field)
    except SignoffError as error:
        st.toast(plain(str(error)), icon=":material/error:")
