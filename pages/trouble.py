"""Threads in trouble: grouped by what went wrong, acted on one by one or all alike."""

import streamlit as st

from signoff import mending
from signoff.reviews import Kind
from signoff.ui import detail, frame, live, trouble
from signoff.ui.session import age, desk

frame.enter()

live.title("Trouble")
groups = mending.groups(desk())

with st.grid(4, min_column_width=150):
    for kind in (Kind.FAILED, Kind.STUCK, Kind.STALLED):
        st.metric(kind.value.capitalize(), f"{sum(g.count for g in groups if g.kind is kind):,}", border=True)
    st.metric("Oldest", age(min((group.oldest for group in groups), default=None)), border=True)

left, right = st.columns(2, gap="medium")
with left:
    group = trouble.choose_group(groups)
    if group:
        members = mending.members(desk(), group)
        review = trouble.choose_member(group, members)
with right:
    trouble.results()
    if group and review:
        st.button("All of them alike", icon=":material/arrow_back:", type="tertiary", on_click=trouble.leave_member)
        detail.show(review, choose=trouble.open_member)
    elif group:
        trouble.all_alike(group, members)
