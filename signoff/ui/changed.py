"""What changed about a question: while it was open in a browser, and in the code that asked it."""

from __future__ import annotations

import json
from typing import NamedTuple

import streamlit as st

from signoff import answering
from signoff.briefs import Brief
from signoff.reviews import Json, Kind
from signoff.ui import payload, session
from signoff.ui.form import JSON_KEY, draft_key
from signoff.ui.form_canvas import Draft
from signoff.ui.form_drafts import drafts_of


class _Seen(NamedTuple):
    digest: str
    schema: Json


def form_key(review_id: str, digest: str) -> str:
    """Return the key of the form of a review as it had this digest."""
    return f"{review_id}-{digest[:8]}"


def notice(brief: Brief) -> None:
    """Say field by field how a review differs from what this session was shown of it, until somebody has read it.

    What was typed is carried over into the new form, or shown to be copied where that form asks for something else.
    """
    key = f"seen-{brief.review.id}"
    now = _Seen(brief.digest, brief.waiting.card.schema)
    seen: _Seen = st.session_state.setdefault(key, now)
    if seen.digest == now.digest:
        return
    typed = _typed(brief.review.id, seen, now)
    with st.container(border=True):
        st.warning(
            "This question has changed since it was shown to you. Nothing was sent. Look at it again, then submit.",
            icon=":material/difference:",
        )
        changes = answering.changes(session.desk().database, brief.waiting, seen.digest)
        payload.facts({one.place: one.said for one in session.masked_differences(changes)}, name=str)
        if typed and seen.schema != now.schema:
            _show(typed)
        if st.button("I have seen this", icon=":material/check:", key=f"{key}-read"):
            st.session_state[key] = now
            st.rerun()


def unsent(review_id: str) -> None:
    """Show what this session typed into the form of a review that somebody else has answered."""
    seen: _Seen | None = st.session_state.get(f"seen-{review_id}")
    if seen and (typed := _typed(review_id, seen, seen)):
        _show(typed, opened=True)


def _show(typed: Draft, *, opened: bool = False) -> None:
    with st.expander("What you had typed", expanded=opened):
        st.code(json.dumps(session.masked(typed), indent=2, ensure_ascii=False, default=str), language="json")


def code_notice(brief: Brief) -> None:
    """Warn that other code will run than the code that asked."""
    if since := brief.code_changed_since:
        again = "It runs again from its first line" if brief.review.kind is Kind.INTERRUPT else "It runs"
        paused = f"since this thread paused (first seen {session.moment(since)})"
        said = f"Node {brief.waiting.review.node} has changed {paused}. {again}, as it is now."
        st.warning(session.plain(said), icon=":material/code_blocks:")


def _typed(review_id: str, seen: _Seen, now: _Seen) -> Draft:
    """Return what was typed into the old form; a new form that asks the same begins with it."""
    drafts = drafts_of(session.reviewer().name)
    old = drafts.get(draft_key(form_key(review_id, seen.digest)), {})
    if seen.schema == now.schema:
        drafts.setdefault(draft_key(form_key(review_id, now.digest)), dict(old))
    return {name: value for name, value in old.items() if not name.startswith("!") or name == JSON_KEY}
