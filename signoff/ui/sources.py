"""Several sources on a page: whose a thread is, which are silent, how each stands. Nothing where there is one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from signoff.standings import silent, standings
from signoff.threads import ThreadQuery
from signoff.ui.session import age, desk, moment, plain

_LOOKED_AT = 50  # threads among which the ones of an id are looked for


def own(there: str) -> str:
    """Return a thread or a graph by the name that its source knows; the source is shown beside it."""
    return desk().sources.own(there)


def found(wanted: str) -> str | None:
    """Return which thread is meant by an id that somebody has, which may be the one that its source gave it.

    Where several sources have such a thread, draw a link to each and return None.
    """
    sources = desk().sources
    if sources.of(wanted) in sources.names:
        return wanted
    listed = desk().database.threads.page(ThreadQuery(search=wanted, limit=_LOOKED_AT)).threads
    same = [thread for thread in listed if sources.own(thread.thread_id) == wanted]
    if len(same) < 2:
        return same[0].thread_id if same else wanted
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Several sources have this thread:")
        for thread in same:
            where = {"thread": thread.thread_id}
            st.page_link("pages/thread.py", label=thread.source, icon=":material/database:", query_params=where)
    return None


def badge(there: str) -> None:
    """Draw whose a thread is, where there are several sources."""
    sources = desk().sources
    if sources.several and (source := sources.of(there)):
        st.badge(plain(source), icon=":material/database:", color="gray", help="The source of this thread")


def warn() -> bool:
    """Say which sources are silent and what that means; return whether one of them does not answer."""
    found = silent(desk())
    for one in found:
        if one.gone:
            whose = f"The source {one.name} is" if one.name else "A source without a name was read before and is"
            said = f"{whose} not configured any more; its open reviews ({one.open:,}) are shown as they were last seen."
            st.info(plain(f"{said} They cannot be answered here."), icon=":material/database_off:")
        else:
            since = f"{moment(one.since)}, {age(one.since)} ago" if one.since else "now"
            said = f"The source {one.name} has not answered since {since}: {one.problem}"
            kept = (
                f"Its {one.open:,} open reviews are shown as they were last seen, and can be answered when it is back."
            )
            st.warning(plain(f"{said} {kept if one.open else ''}"), icon=":material/cloud_off:")
    return any(one.problem for one in found)


def marked(source: str, quiet: frozenset[str]) -> str:
    """Return a source's name for a table, with a mark where it is silent; nothing where there is but one."""
    if not desk().sources.several:
        return ""
    return f"⚠ {source}" if source in quiet else source


def quiet() -> frozenset[str]:
    """Return the names of the sources that are silent."""
    return frozenset(one.name for one in silent(desk()))


def listing() -> None:
    """Draw how each source stands; nothing where there is but one."""
    found = standings(desk())
    if not found:
        return
    st.subheader("Sources", anchor=False)
    rows = [
        {
            "Source": one.name or "(without a name)",
            "State": "not configured" if one.gone else "⚠ silent" if one.problem else "answers",
            "Open reviews": one.open,
            "Where": one.address,
            "Since": moment(one.since) if one.since else "",
            "Why": one.problem or "",
        }
        for one in found
    ]
    frame = pd.DataFrame(rows)
    st.dataframe(
        frame.drop(columns=[name for name in ("Since", "Why") if not frame[name].any()]),
        hide_index=True,
        column_config={"Why": st.column_config.TextColumn(width="large")},
        alt="Sources",
    )
