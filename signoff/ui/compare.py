"""Two steps of a thread, and what changed from one to the other."""

from __future__ import annotations

import streamlit as st

from signoff.channels import step_at
from signoff.checkpoints import Step
from signoff.errors import ThreadNotFound
from signoff.ui import diff
from signoff.ui.session import desk, moment, plain


def show(thread_id: str, checkpoint_id: str, against: str) -> None:
    """Draw what is different at a step from another one; says so where one is gone."""
    try:
        before, after = (step_at(desk(), thread_id, one) for one in (against, checkpoint_id))
    except ThreadNotFound:
        st.warning("This thread has no such step any more.", icon=":material/search_off:")
        return
    st.caption(plain(f"From {_named(before)} to {_named(after)}"))
    diff.show(before.values, after.values)


def _named(step: Step) -> str:
    return f"step {step.step} ({moment(step.created_at)})"
