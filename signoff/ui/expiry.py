"""When a server will delete a thread, whether or not somebody has answered: said, and warned about when it is near."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from signoff.checkpoints import Head
from signoff.ui.session import moment

_SOON = timedelta(hours=24)


def show(head: Head) -> None:
    """Say when the thread expires, where its server tells; nothing otherwise."""
    if head.expires_at is None:
        return
    if head.expires_at - datetime.now(UTC) > _SOON:
        st.caption(f"The server deletes this thread at {moment(head.expires_at)}, answered or not.")
        return
    st.warning(
        f"The server deletes this thread at {moment(head.expires_at)}. An answer that comes later goes nowhere; "
        "answer before, or prolong the thread's TTL on the server.",
        icon=":material/hourglass_bottom:",
    )
