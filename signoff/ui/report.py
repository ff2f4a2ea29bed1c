"""A thread to take away: one file for an auditor, made when its button is clicked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import IO

import streamlit as st

from signoff.dialects.masking import secret_keys
from signoff.report import Facts, write_html, write_json
from signoff.ui.session import desk, reviewer, running

_TYPES = {"html": "text/html", "json": "application/json"}


def download(thread_id: str) -> None:
    """Draw the buttons that hand out the thread's report as HTML and as JSON."""
    with st.popover("Export", icon=":material/download:"):
        st.caption("Timeline, states, decisions and their trail in one file. Secrets are masked.")
        _button("Report (HTML)", thread_id, "html", write_html)
        _button("Report (JSON)", thread_id, "json", write_json)


def _button(label: str, thread_id: str, kind: str, write: Callable[[Facts, IO[bytes]], None]) -> None:
    """Draw one button. The file is made in another thread, where the session cannot be asked who is here."""
    facts = Facts(desk(), thread_id, reviewer().name, secret_keys(running().settings.masking.keys))

    def made() -> bytes:
        out = io.BytesIO()
        write(facts, out)
        return out.getvalue()

    name = f"signoff-{re.sub(r'[^A-Za-z0-9._-]+', '-', thread_id)[:80]}.{kind}"
    st.download_button(
        label,
        made,
        name,
        _TYPES[kind],
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        key=f"report {kind}",
    )
