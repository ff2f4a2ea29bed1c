"""What the record says: how long people wait, what is decided, and which approvals never change anything."""

import time
from datetime import UTC, datetime

import streamlit as st

from signoff import insights
from signoff.ui import frame, live, parts
from signoff.ui import insights as report
from signoff.ui.session import desk, moment, zone

frame.enter()

STANDS = 60.0  # seconds for which the figures stand, whatever changes meanwhile: they are read from the whole record

live.title("Insights")


def _report() -> None:
    now = datetime.now(UTC)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start, end = report.choose_range(now)
        graph = report.choose_graph(insights.graphs(desk()))
        found = insights.read(desk(), start=start, end=end, now=now, zone=zone(), graph=graph)
        report.export(found)
    st.caption(f"From {moment(start)} to {moment(end)}, {zone().key} time. Questions and breakpoints only.")
    report.metrics(found)
    if not found.decisions and not any(found.figures.arrived):
        st.info("Nothing arrived and nothing was decided in this range.", icon=":material/insights:")
        return
    report.charts(found)
    if found.decisions:
        report.tables(found)
        report.gates(found)


parts.draw(_report, lambda: time.monotonic() // STANDS, key="insights")
parts.rest(lambda: None)
