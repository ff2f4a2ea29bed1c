"""What changed about a question: while it was open in a browser, and in the code that asked it."""

from __future__ import annotations

import json
from typing import NamedTuple

import streamlit as st

from signoff import answering
from signoff.briefs import Brief
from signoff.forms import build_form
from signoff.reviews import ABSENT, Json
from signoff.ui import payload, session
from signoff.ui.form import JSON_KEY, MODE_KEY, draft_key
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
    old = _draft(brief.review.id, seen.digest)
    if seen.schema == now.schema:
        drafts_of(session.reviewer().name).setdefault(draft_key(form_key(brief.review.id, now.digest)), dict(old))
    with st.container(border=True):
        st.warning(
            "This question has changed since it was shown to you. Nothing was sent. Look at it again, then submit.",
            icon=":material/difference:",
        )
        changes = answering.changes(session.desk().database, brief.waiting, seen.digest)
        payload.facts({one.place: one.said for one in session.masked_differences(changes)}, name=str)
        if seen.schema != now.schema:
            _show(old, seen.schema)
        if st.button("I have seen this", icon=":material/check:", key=f"{key}-read"):
            st.session_state[key] = now
            st.rerun()


def in_vain(review_id: str, reviewer: str) -> bool:
    """Tell whether this session had a review before it that ``reviewer`` has answered, and did not do so itself."""
    seen = st.session_state.get(f"seen-{review_id}")
    if seen is None:
        return False
    return reviewer != session.reviewer().name or bool(_draft(review_id, seen.digest))


def unsent(review_id: str) -> None:
    """Show what this session typed into the form of a review that somebody else has answered."""
    if seen := st.session_state.get(f"seen-{review_id}"):
        _show(_draft(review_id, seen.digest), seen.schema, opened=True)


def _draft(review_id: str, digest: str) -> Draft:
    return drafts_of(session.reviewer().name).get(draft_key(form_key(review_id, digest)), {})


def _show(draft: Draft, schema: Json, *, opened: bool = False) -> None:
    """Show what was typed, to be copied, as the answer that it would have been; nothing when nothing was typed."""
    written = draft.get(JSON_KEY) if draft.get(MODE_KEY) else None
    typed = session.masked(written or build_form(schema, ABSENT, draft).collect(draft))
    if typed is ABSENT or not (written or any(not name.startswith("!") for name in draft)):
        return
    with st.expander("What you had typed", expanded=opened):
        st.code(
            typed if isinstance(typed, str) else json.dumps(typed, indent=2, ensure_ascii=False, default=str),
            language="json",
            wrap_lines=True,
        )


def code_notice(brief: Brief) -> None:
    """Warn that other code will run than the code that asked."""
    if since := brief.code_changed_since:
        paused = f"since this thread paused (first seen {session.moment(since)})"
        said = f"Node {brief.waiting.review.node} has changed {paused}. It runs as it is now."
        st.warning(session.plain(said), icon=":material/code_blocks:")
