"""The record: who decided what, when, and what became of it. Opened as ``/audit`` or ``/audit?decision=…``."""

import json

import pandas as pd
import streamlit as st

from signoff.decisions import Outcome
from signoff.ui import comments, frame, lineage, live, rows
from signoff.ui.session import desk, masked, zone

frame.enter()
frame.keep_address(lineage.LINK)

PAGE = 50
live.title("Audit")
with st.container(horizontal=True, vertical_alignment="top"):
    search = st.text_input("Search", key="q", bind="query-params", placeholder="Title, reviewer, thread…", width=320)
    wanted = st.pills("Outcome", [o.value for o in Outcome], key="outcome", bind="query-params")
offset = PAGE * (st.session_state.get("audit_page", 1) - 1)
decisions, total = desk().decisions(
    limit=PAGE, offset=offset, search=search or "", outcome=Outcome(wanted) if wanted else None
)
if not decisions:
    st.info(
        "No decision matches."
        if search or wanted
        else "No decision yet. The first one made on this desk appears here.",
        icon=":material/history:",
    )
    frame.end()

table = pd.DataFrame(
    [
        {
            "When": decision.recorded_at,
            "Reviewer": f"{decision.reviewer.name} ({decision.reviewer.source})",
            "Request": masked(decision.title),
            "Answer": json.dumps(masked(decision.resume), ensure_ascii=False)[:200],
            "Outcome": decision.outcome.value,
            "Graph": decision.graph,
            "Thread": decision.thread_id,
        }
        for decision in decisions
    ]
)
st.caption(f"{offset + 1:,}–{offset + len(decisions):,} of {total:,}")
rows.table(
    "audit_table",
    table,
    [decision.id for decision in decisions],
    st.query_params.get(lineage.LINK),
    lineage.pick,
    columns={
        "When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss", timezone=zone().key),
        "Request": st.column_config.TextColumn(width="large"),
    },
    most=12,
    alt="Decisions",
)
if total > PAGE:
    st.pagination(-(-total // PAGE), key="audit_page")

linked = st.query_params.get(lineage.LINK)
decision = desk().decision(linked) if linked else decisions[0]
with st.container(border=True):
    if decision is None:
        st.info("There is no such decision on this desk. The link may be cut short, or be one of another desk.")
    else:
        lineage.show(decision)
        comments.on_review(decision.review_id)
