"""The queue: what waits, beside the review that is open. Opened as ``/``, ``/?review=…``, or with filters."""

from functools import partial

import streamlit as st

from signoff import browsing
from signoff.reviews import TROUBLE
from signoff.ui import (
    advance,
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
    workers.warn(running())

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


def _bar() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        saved_views.show(query)
        work.bar(query, partial(selection.choose, query))


def _rows() -> None:
    listed, at = shared.queue(seen)
    table.show(listed.reviews, selection.current(at))
    keys.walk([review.id for review in listed.reviews])
    filters.pages(at, listed)


def _opened() -> None:
    if chosen := selection.current(query):
        with parts.slot():
            if _hides(chosen):
                st.caption(":material/filter_alt: This review is not among those that the filters show.")
        detail.show(chosen, choose=partial(selection.choose, query))


def _next() -> None:
    if selection.current(query) == selected:  # nobody has clicked another row meanwhile
        detail.go_on(partial(selection.choose, query))


def _hides(chosen: str) -> bool:
    listed, _ = shared.queue(seen)
    return all(review.id != chosen for review in listed.reviews) and browsing.hides(desk(), query, chosen)


def _listed() -> object:
    found, _ = shared.queue(seen)
    return found.total, table.rows_of(found.reviews)


def _standing() -> object:
    chosen = selection.current(query)
    return chosen, chosen and (detail.standing(chosen), _hides(chosen))


def _whole() -> object:
    found, _ = shared.queue(seen)
    return running().problem, running().reading, bool(found.reviews)


parts.draw(_figures, lambda: (shared.counts(today()), age(shared.counts(today()).oldest)), key="figures")

selected = selection.current(query)
parts.serve(lambda: (selection.current(query), filters.asked()[0]))
parts.draw(_bar, lambda: (saved_views.shows(), work.shows()), key="bar")
parts.draw(lambda: filters.show(query, shared.choices()), shared.choices, key="filters")
with parts.slot():
    filters.chips(query)
    for sentence in wrong:
        st.warning(plain(sentence), icon=":material/link_off:")

left, right = st.columns([6, 5], gap="medium")
with left:
    many = bulk.switch()
    if not page.reviews:
        counts = shared.counts(today())
        emptiness.show(filtered=counts.open > counts.snoozed or bool(filters.active(query)))
    elif query.by:
        table.show_groups(browsing.bundles(desk(), query), filters.go)
    elif many:
        bulk.choose(query, page)
        filters.pages(query, page)
    else:
        parts.draw(_rows, _listed, key="rows")
with right:
    if many:
        bulk.show()
    elif selected and (followed := detail.followed(selected)):
        follow = partial(detail.follow, followed, choose=partial(selection.choose, query))
        parts.draw(follow, partial(detail.course, followed), key="followed")
        advance.watch(followed, _next)
    elif selected:
        parts.draw(_opened, _standing)
    elif page.reviews:
        st.info("Nothing else waits in this list. Choose a review on the left.", icon=":material/arrow_back:")
if selected and page.reviews and not (query.by or many):
    parts.rest(_whole)
