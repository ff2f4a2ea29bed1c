"""Where a thread stands: its graph, what is next, and the questions on it that wait for a person."""

from __future__ import annotations

import streamlit as st

from signoff.origin import Origin, origin_of
from signoff.projection import is_unrun
from signoff.reviews import Review
from signoff.ui import detail, sources, timeline
from signoff.ui.session import desk, masked, plain

_CHOSEN = "thread_review"


def badges(thread_id: str) -> None:
    """Draw the thread's graph, step, what is next, and where it was forked. Raises `ThreadNotFound`."""
    graph, candidates = desk().graph_of(thread_id)
    [head] = desk().checkpoints.heads([thread_id])
    unknown = f"unknown graph ({', '.join(candidates) or 'none fits'})"
    st.badge(plain(sources.own(graph) if graph else unknown), icon=":material/account_tree:")
    sources.badge(thread_id)
    st.badge(f"step {head.step}", color="gray")
    st.badge(
        plain(f"next: {', '.join(dict.fromkeys(head.next))}") if head.next else "finished",
        color="violet" if head.next else "green",
    )
    if is_unrun(head):
        st.badge("not run", icon=":material/pause:", color="gray", help="*Run again from here* on its step runs it.")
    if found := origin_of(desk().checkpoints, thread_id, head.metadata):
        _origin(found)
    if head.problem:
        st.badge("cannot be read", icon=":material/error:", color="red", help=plain(head.problem))


def _origin(found: Origin) -> None:
    where = {"thread": found.thread_id, timeline.CHECKPOINT: found.checkpoint_id}
    st.page_link("pages/thread.py", label=plain(found.words), icon=":material/fork_right:", query_params=where)


def reviews(thread_id: str, *, folded: bool) -> None:
    """Draw the open reviews of a thread, one at a time, ready to be decided."""
    waiting = desk().open_on(thread_id)
    ids = [review.id for review in waiting]
    chosen, following = st.session_state.get(_CHOSEN), st.session_state.get(detail.FOLLOWED) is not None
    if chosen not in ids and not following:
        chosen = ids[0] if ids else None
    if not chosen:
        st.info("Nothing on this thread waits for a person.", icon=":material/check_circle:")
    else:
        titles = " · ".join(dict.fromkeys(masked(review.title)[:80] for review in waiting[:3]))
        count = f"{len(ids)} open reviews" if len(ids) != 1 else "1 open review"
        with st.expander(
            plain(f"{count}: {titles}" if titles else "Decision"),
            icon=":material/inbox:",
            expanded=following or not folded,
        ):
            chosen = _choose(waiting, chosen) if len(ids) > 1 else chosen
            detail.show(chosen, choose=lambda review_id: st.session_state.update({_CHOSEN: review_id}))
    st.session_state[_CHOSEN] = chosen


def _choose(waiting: tuple[Review, ...], chosen: str) -> str:
    titles = {review.id: review.title for review in waiting}
    place = list(titles).index(chosen) if chosen in titles else 0
    return st.selectbox("Question", list(titles), index=place, format_func=lambda one: titles[one])
