"""The queue: what waits, beside the review that is open. Opened as ``/``, ``/?review=…``, or with filters."""

from functools import partial

import streamlit as st

from signoff import browsing
from signoff.reviews import TROUBLE
from signoff.ui import bulk, detail, emptiness, filters, frame, keys, live, saved_views, selection, shared, table, work
from signoff.ui.session import age, desk, plain, reviewer, today

frame.enter()

live.title("Review queue")
emptiness.warn()

asked, wrong = filters.asked()
query = asked.seen_by(reviewer().name, today=today())
page, query = shared.queue(query)
counts = shared.counts(today())

with st.grid(4, min_column_width=150):
    st.metric("Waiting", f"{counts.open - counts.snoozed:,}", border=True)
    st.metric("Oldest", age(counts.oldest), border=True)
    st.metric("Applied today", f"{counts.applied_today:,}", border=True)
    trouble = sum(counts.by_state.get(state, 0) for state in TROUBLE)
    st.metric("In trouble", f"{trouble:,}", border=True)

selected = selection.current(query)
with st.container(horizontal=True, vertical_alignment="center"):
    saved_views.show(query)
    work.bar(query, partial(selection.choose, query))
filters.show(query, shared.choices())
filters.chips(query)
for sentence in wrong:
    st.warning(plain(sentence), icon=":material/link_off:")

listing, opened = st.columns([6, 5], gap="medium")
with listing:
    many = bulk.switch()
    if not page.reviews:
        emptiness.show(filtered=counts.open > counts.snoozed or bool(filters.active(query)))
    elif query.by:
        table.show_groups(browsing.bundles(desk(), query), filters.go)
    elif many:
        bulk.choose(query, page)
        filters.pages(query, page)
    else:
        table.show(page.reviews, selected)
        keys.walk([review.id for review in page.reviews])
        filters.pages(query, page)
with opened:
    if many:
        bulk.show()
    elif selected:
        if browsing.hides(desk(), query, selected):
            st.caption(":material/filter_alt: This review is not among those that the filters show.")
        detail.show(selected, choose=partial(selection.choose, query))
    elif page.reviews:
        st.info("Nothing else waits in this list. Choose a review on the left.", icon=":material/arrow_back:")
