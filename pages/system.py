"""For administrators: graphs, databases, engine, and everything that is wrong."""

import streamlit as st

from signoff.ui import frame, live, outcome, payload, sources, time, workers
from signoff.ui.session import desk, plain, running

frame.enter()

health = desk().health()
live.title("System")

if not sources.warn() and running().problem:
    st.error(plain(running().problem or ""), icon=":material/cloud_off:")

with st.grid(4, min_column_width=150):
    st.metric("Graphs loaded", len(health.graphs), border=True)
    st.metric("Graphs broken", len(health.broken), border=True)
    st.metric("Decisions under way", len(health.undecided), border=True)
    st.metric("Threads unreadable", len(health.unreadable), border=True)

sources.listing()

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("Databases and engine", anchor=False)
    workers.show(running())
    payload.facts({"Checkpoints": health.checkpoints, "Desk": health.desk})
    st.subheader("Graphs", anchor=False)
    stops = {name: desk().graphs.breakpoints(name) for name in health.graphs}
    pauses = {name: ", ".join(sorted({*marks.before, *marks.after})) for name, marks in stops.items()}
    payload.facts({name: f"loaded, pauses at {at}" if at else "loaded" for name, at in pauses.items()}, name=str)
    for name, story in health.broken.items():
        with st.expander(f"× {plain(name)} did not load"):
            st.code(story, language="text")
    for name, story in health.broken_forms.items():
        with st.expander(f"× {plain(f'Form {name}')} did not load"):
            st.code(story, language="text")
    if not health.graphs and not health.broken:
        st.info(
            "No graph is configured: the queue can be read, not answered. "
            "Give --graphs langgraph.json or --graph NAME=path.py:attribute."
        )
with right:
    st.subheader("Decisions under way", anchor=False)
    for decision in health.undecided:
        outcome.show(decision)
    if not health.undecided:
        st.caption("None.")
    time.troubled()
    for limit in health.limits:
        st.info(plain(limit), icon=":material/info:")
    st.subheader("Threads that cannot be read", anchor=False)
    payload.facts(health.unreadable, name=str)
    if not health.unreadable:
        st.caption("None.")
