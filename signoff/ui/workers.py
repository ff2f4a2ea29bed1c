"""Who applies decisions: the engines that are alive, and what waits for one that nobody has."""

from __future__ import annotations

import streamlit as st

from signoff.service import Service
from signoff.ui import payload, shared
from signoff.ui.session import plain


def show(service: Service) -> None:
    """Say where engines run, with which graphs, and warn where decisions wait for a graph that no engine has."""
    desk = service.desk
    living = desk.database.executors.living()
    if desk.database.file:
        engine = (
            "this process" if service.engine.running else "another process; this one stands by" if living else "nowhere"
        )
        payload.facts({"Engine runs in": engine})
    else:
        told = {f"{each.host}, process {each.pid}": ", ".join(each.graphs) or "no graph" for each in living}
        payload.facts(told or {"Engines": "none is alive"}, name=str)
    warn()


def warn() -> None:
    """Warn where decisions wait for a graph that no living engine has."""
    if waiting := shared.unserved():
        listed = ", ".join(f"{graph} ({count})" for graph, count in sorted(waiting.items()))
        st.warning(
            f"Decisions wait for a worker that has their graph: {plain(listed)}. Start `signoff work` with it.",
            icon=":material/hourglass:",
        )
