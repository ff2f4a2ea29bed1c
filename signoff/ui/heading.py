"""The heading of an open review: its title, what it is at a glance, and where its thread stands."""

from __future__ import annotations

import streamlit as st

from signoff.briefs import Brief
from signoff.reviews import Kind, Priority, Review
from signoff.ui import expiry, outcome, session, sources, time
from signoff.ui.session import age, moment, plain
from signoff.ui.table import state_words

_PRIORITIES: dict[Priority, outcome.Color] = {
    Priority.URGENT: "red",
    Priority.HIGH: "orange",
    Priority.NORMAL: "gray",
    Priority.LOW: "gray",
}


def show(review: Review, brief: Brief) -> None:
    """Draw the heading of a review; ``review`` is as the reviewers' own words on priority and the like have it."""
    st.subheader(plain(session.masked(review.title)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(" ".join(_badges(review)), width="content")
        sources.badge(review.thread_id)
    where = [
        f"Thread {sources.own(review.thread_id)}",
        review.node or "",
        f"step {brief.head.step}",
        review.business_key or "",
    ]
    st.caption(plain(" · ".join(filter(None, where))))
    time.show(brief)
    expiry.show(brief.head)


def _badges(review: Review) -> list[str]:
    """Return the badges in Markdown, to be one element: each costs the server 0.4 ms (streamlit 1.67)."""
    found = []
    if review.priority is not Priority.NORMAL:
        found.append(_badge(review.priority.value, _PRIORITIES[review.priority], "priority_high"))
    found.append(_badge(sources.own(review.graph) if review.graph else "unknown graph", "blue", "account_tree"))
    found.append(_badge(f"waiting {age(review.paused_at)}", "orange", "schedule"))
    if review.due_at:
        found.append(_badge(f"due {moment(review.due_at)}", "violet", "event"))
    if review.kind is not Kind.INTERRUPT:
        found.append(_badge(state_words(review), "red" if review.kind in (Kind.FAILED, Kind.STUCK) else "violet"))
    return [*found, *(_badge(tag, "gray") for tag in review.tags)]


def _badge(label: str, color: outcome.Color, icon: str = "") -> str:
    said = plain(label).replace("\n", " ")
    return f":{color}-badge[:material/{icon}: {said}]" if icon else f":{color}-badge[{said}]"
