"""The queue: what waits, beside the review that is open. Opened as ``/``, ``/?review=…``, or with filters."""

from functools import partial

import streamlit as st

from signoff import browsing
from signoff.reviews import TROUBLE
from signoff.ui import (
    bulk,
    detail,
    emptiness,
    filters,
    frame,
    keys,
    live,
    parts,
    saved_views,
    selection,
    shared,
    table,
    work,
    workers,
)
from signoff.ui.session import age, desk, plain, reviewer, running, today

frame.enter()

live.title("Review queue")
with parts.slot():
    emptiness.warn()
    workers.warn()

asked, wrong = filters.asked()
seen = asked.seen_by(reviewer().name, today=today())
page, query = shared.queue(seen)


def _figures() -> None:
    counts = shared.counts(today())
    with st.grid(4, min_column_width=150):
        st.metric("Waiting", f"{counts.open - counts.snoozed:,}", border=True)
        st.metric("Oldest", age(counts.oldest), border=True)
        st.metric("Applied today", f"{counts.applied_today:,}", border=True)
        trouble = sum(counts.by_state.get(state, 0) for state in TROUBLE)
        st.metric("In trouble", f"{trouble:,}", border=True)


def _rows() -> None:
    listed, at = shared.queue(seen)
    table.show(listed.reviews, selection.current(at))
    keys.walk([review.id for review in listed.reviews])
    filters.pages(at, listed, behind=seen.offset > at.offset)


def _opened() -> None:
    chosen = selection.current(query)
    choose = partial(selection.choose, query)
    if not chosen:
        st.info("Nothing else waits in this list. Choose a review on the left.", icon=":material/arrow_back:")
    elif followed := detail.followed(chosen):
        detail.follow(followed, choose=choose)
    else:
        with parts.slot():
            if _hides(chosen):
                st.caption(":material/filter_alt: This review is not among those that the filters show.")
        detail.show(chosen, choose=choose)


def _hides(chosen: str) -> bool:
    listed, _ = shared.queue(seen)
    return all(review.id != chosen for review in listed.reviews) and browsing.hides(desk(), query, chosen)


def _listed() -> object:
    found, at = shared.queue(seen)
    return found.total, table.told_of(found.reviews), selection.current(at)


def _standing() -> object:
    chosen = selection.current(query)
    followed = detail.followed(chosen) if chosen else None
    return chosen, detail.course(followed) if followed else chosen and (detail.standing(chosen), _hides(chosen))


def _whole() -> object:
    found, _ = shared.queue(seen)
    return running().problem, running().reading, bool(found.reviews), shared.unserved()


parts.draw(_figures, lambda: (shared.counts(today()), age(shared.counts(today()).oldest)), key="figures")

selected = selection.current(query)
parts.serve(lambda: filters.asked()[0])
with st.container(horizontal=True, vertical_alignment="center"):
    with st.container(width="content"):
        parts.draw(lambda: saved_views.show(query), saved_views.shows, key="views")
    with st.container(width="content"):
        parts.draw(lambda: work.bar(query, partial(selection.choose, query)), work.shows, key=parts.WORK)
parts.draw(lambda: filters.show(query, shared.choices()), shared.choices, key="filters")
with parts.slot():
    filters.chips(query)
    for sentence in wrong:
        st.warning(plain(sentence), icon=":material/link_off:")

left, right = st.columns([7, 5], gap="medium")
with left:
    many = bulk.switch()
    if not page.reviews:
        counts = shared.counts(today())
        emptiness.show(query, others=counts.open > counts.snoozed)
    elif query.by:
        table.show_groups(browsing.bundles(desk(), query), filters.go)
    elif many:
        bulk.choose(query, page)
        filters.pages(query, page, behind=seen.offset > query.offset)
    else:
        parts.draw(_rows, _listed, key=parts.ROWS)
with right:
    if many:
        bulk.show()
    elif selected or page.reviews:
        parts.draw(_opened, _standing, key=parts.OPENED)
if page.reviews and not (query.by or many):
    parts.rest(_whole)
