"""What the record says: how long people wait, what is decided, and which approvals never change anything."""

from datetime import UTC, datetime

import streamlit as st

from signoff import insights
from signoff.ui import frame
from signoff.ui import insights as parts
from signoff.ui.session import desk, moment, zone

frame.enter()

now = datetime.now(UTC)
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Insights", anchor=False)
    start, end = parts.choose_range(now)
    graph = parts.choose_graph(insights.graphs(desk()))
    found = insights.read(desk(), start=start, end=end, now=now, zone=zone(), graph=graph)
    parts.export(found)
st.caption(f"From {moment(start)} to {moment(end)}, {zone().key} time. Questions and breakpoints only.")

parts.metrics(found)
if not found.decisions and not any(found.figures.arrived):
    st.info("Nothing arrived and nothing was decided in this range.", icon=":material/insights:")
    st.stop()
parts.charts(found)
if found.decisions:
    parts.tables(found)
    parts.gates(found)
