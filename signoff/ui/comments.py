"""Comments on a review: read by everybody, written as plain text, withdrawn by their author."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from signoff import comments
from signoff.comments import Comment
from signoff.errors import SignoffError
from signoff.ui import session
from signoff.ui.session import desk, moment, plain

_WRITTEN = "comments_written"  # how many in this session


def show(review_id: str, known: Sequence[Comment] | None = None) -> None:
    """Draw the comments on a review, ``known`` or read now, and the field for one more."""
    found = comments.on_review(desk(), review_id) if known is None else known
    count = sum(not one.withdrawn_at for one in found)
    label, key = f"Comments ({count})", f"comments-{review_id}"
    with st.expander(label, icon=":material/chat:", expanded=bool(count), on_change="rerun", key=key) as opened:
        if not opened.open:
            return
        _list(found)
        with st.form(f"comment-{review_id}", border=False):
            key = f"comment-{review_id}-{st.session_state.get(_WRITTEN, 0)}"  # an empty field after each comment
            text = st.text_area("Comment", key=key, height=80, label_visibility="collapsed", placeholder="Comment…")
            if st.form_submit_button("Add comment", icon=":material/add_comment:"):
                _add(review_id, text)


def on_review(review_id: str) -> None:
    """Draw the comments on a review, to be read; nothing when there are none."""
    _read(comments.on_review(desk(), review_id))


def on_thread(thread_id: str) -> None:
    """Draw the comments on all reviews of a thread, to be read; nothing when there are none."""
    _read(comments.on_thread(desk(), thread_id))


def _read(found: Sequence[Comment]) -> None:
    if found:
        st.subheader("Comments", anchor=False)
        with st.container(border=True):
            _list(found, own=False)


def _add(review_id: str, text: str) -> None:
    try:
        comments.comment(desk(), review_id, text, reviewer=session.reviewer())
    except SignoffError as error:
        st.error(plain(str(error)))
    else:
        st.session_state[_WRITTEN] = st.session_state.get(_WRITTEN, 0) + 1
        st.rerun()


def _list(found: Sequence[Comment], *, own: bool = True) -> None:
    for one in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            said = "withdrew a comment of" if one.withdrawn_at else "·"
            st.caption(plain(f"{one.author.name} {said} {moment(one.at)}"), width="content")
            if own and one.author == session.reviewer() and not one.withdrawn_at:
                st.button("Withdraw", type="tertiary", key=f"withdraw-{one.seq}", on_click=_withdraw, args=(one.seq,))
        if not one.withdrawn_at:
            st.text(one.text)


def _withdraw(seq: int) -> None:
    try:
        comments.withdraw(desk(), seq, reviewer=session.reviewer())
    except SignoffError as error:
        st.toast(plain(str(error)), icon=":material/error:")
