"""All threads as a table, with filters that stay in the address; a click on a row opens its thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from signoff.threads import Thread, ThreadQuery, ThreadState, of_params
from signoff.ui import rows, sources
from signoff.ui.session import desk, masked, moment

PAGE: Final = 50
SPANS: Final = {"Last day": "24h", "Last 7 days": "7d", "Last 30 days": "30d"}

_STATES = {
    ThreadState.WAITING: "waiting",
    ThreadState.FAILED: "× failed",
    ThreadState.RUNNING: "running",
    ThreadState.NOT_RUN: "not run",
    ThreadState.FINISHED: "finished",
    ThreadState.UNREADABLE: "⚠ unreadable",
}


def show() -> None:
    """Draw the filters, one page of the threads that match, and how many there are."""
    query = _filters()
    page = desk().database.threads.page(query)
    if page.threads:
        _table(page.threads)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{query.offset + 1:,}–{query.offset + len(page.threads):,} of {page.total:,}")
            if page.total > PAGE:
                st.pagination(-(-page.total // PAGE), key="threads_page")
    elif page.total:
        st.session_state.pop("threads_page", None)
        st.rerun()
    elif desk().database.threads.page(ThreadQuery(limit=1)).total:
        st.info("No thread matches these filters. Clear them to see all.", icon=":material/filter_alt_off:")
    else:
        st.info(
            "The checkpoint database holds no thread yet. Each appears here with its first step.",
            icon=":material/account_tree:",
        )


def _filters() -> ThreadQuery:
    """Draw the filters; return the query. The names of graphs are foreign text: boxes draw options letter by letter."""
    bound: dict[str, Any] = {"bind": "query-params", "on_change": _first_page}
    with st.container(horizontal=True, vertical_alignment="top"):
        search = st.text_input(
            "Search threads",
            key="threads",
            placeholder="Id, business key, name=value…",
            icon=":material/search:",
            width=280,
            **bound,
        )
        names = desk().sources.names
        source = (
            st.selectbox("Source", names, index=None, key="source", placeholder="All sources", width=160, **bound)
            if len(names) > 1
            else None
        )
        graph = st.selectbox(
            "Graph",
            desk().database.threads.graphs(),
            index=None,
            key="of_graph",
            placeholder="All graphs",
            width=200,
            **bound,
        )
        since = st.selectbox(
            "Written", list(SPANS), index=None, key="written", placeholder="Any time", width=160, **bound
        )
        state = st.pills("State", [state.value for state in ThreadState], key="standing", **bound)
    params = {
        "q": search or "",
        "graph": graph or "",
        "source": source or "",
        "state": state or "",
        "since": SPANS.get(since or "", ""),
    }
    offset = PAGE * (st.session_state.get("threads_page", 1) - 1)
    return of_params(params, limit=PAGE, offset=offset)


def _first_page() -> None:
    st.session_state["threads_page"] = 1


def _table(threads: Sequence[Thread]) -> None:
    frame, ids = pd.DataFrame([_row(thread) for thread in threads]), [thread.thread_id for thread in threads]
    rows.table("threads_table", frame, ids, None, _open, alt="Threads, the latest written first")


def _row(thread: Thread) -> dict[str, Any]:
    return {
        "Thread": sources.own(thread.thread_id),
        **({"Source": thread.source} if desk().sources.several else {}),
        "State": _STATES[thread.state],
        "Graph": sources.own(thread.graph) if thread.graph else "?",
        "Business key": masked({"business_key": thread.business_key or ""})["business_key"],
        "Next": ", ".join(thread.next),
        "Step": thread.step,
        "Written": moment(thread.updated_at),
    }


def _open(thread_id: str) -> None:
    st.query_params["thread"] = thread_id
