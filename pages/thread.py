"""One thread: where it stands, what waits on it, and its life step by step.

Opened as ``/thread?thread=…`` or ``/?thread=…``; ``checkpoint=…`` and ``ns=…`` open a step, ``against=…`` compares it.
"""

import streamlit as st

from signoff import life
from signoff.errors import CheckpointNotFound, ThreadNotFound
from signoff.ui import (
    branches,
    channels,
    comments,
    compare,
    frame,
    live,
    picture,
    report,
    sources,
    standing,
    step,
    threads,
    timeline,
    travel,
)
from signoff.ui.session import desk, plain

frame.enter()
frame.keep_address("thread", timeline.CHECKPOINT, timeline.NAMESPACE, timeline.AGAINST)

thread_id = st.query_params.get("thread", "")
live.title(plain(f"Thread {sources.own(thread_id)}") if thread_id else "Threads")
if not thread_id:
    wanted = st.text_input("Thread id", placeholder="Paste a thread id…", icon=":material/search:", width=420)
    if wanted and (meant := sources.found(wanted)):
        st.query_params.from_dict({"thread": meant})
        st.rerun()
    threads.show()
    frame.end()

asked_for, namespace = st.query_params.get(timeline.CHECKPOINT), st.query_params.get(timeline.NAMESPACE, "")
against = st.query_params.get(timeline.AGAINST)
try:
    newest, place = life.newest(desk(), thread_id, namespace)
    with st.container(horizontal=True, vertical_alignment="center"):
        standing.badges(thread_id)
        report.download(thread_id)
except ThreadNotFound as gone:
    st.error(plain(str(gone)), icon=":material/search_off:")
    st.page_link("pages/thread.py", label="All threads", icon=":material/account_tree:")
    frame.end()

if place != namespace:
    st.warning("This thread has no such subgraph. Here is the thread itself.", icon=":material/search_off:")
checkpoint_id, namespace = asked_for or newest, place
standing.reviews(thread_id, folded=asked_for is not None)
travel.follow(thread_id)
left, right = st.columns([5, 6], gap="medium")
with left:
    st.subheader("Timeline", anchor=False)
    timeline.pick(thread_id, checkpoint_id, namespace)
    branches.show(thread_id)
    channels.show(thread_id)
    comments.on_thread(thread_id)
with right:
    if against:
        with st.container(border=True):
            st.subheader("What changed", anchor=False)
            compare.show(thread_id, checkpoint_id, against)
    try:
        step.show(thread_id, checkpoint_id, namespace)
    except CheckpointNotFound as missing:
        st.error(plain(str(missing)), icon=":material/search_off:")
    st.subheader("Graph", anchor=False)
    picture.show(thread_id, checkpoint_id=None if namespace else asked_for)
