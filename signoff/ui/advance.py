"""Going on to the next review by itself, a moment after an answer was applied."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from signoff.decisions import Decision

ON = "advance"
"""Key, and name in the address, of the switch."""

_SINCE = "advance_since"  # the decision whose end is being shown, and since when
_SECONDS = 2.5


def switch() -> None:
    """Draw the switch, on unless somebody turned it off; pages without it do not go on by themselves."""
    st.toggle(
        "Auto-advance", value=True, key=ON, bind="query-params", help="Open the next review when an answer is applied."
    )


def due(decision: Decision, go_on: Callable[[], None]) -> bool:
    """Tell whether an applied decision was shown long enough; until then ``go_on`` is called when it was."""
    if not st.session_state.get(ON):
        return False
    shown, since = st.session_state.get(_SINCE) or ("", 0.0)
    if shown != decision.id:
        since = time.monotonic()
        st.session_state[_SINCE] = (decision.id, since)
    if time.monotonic() - since < _SECONDS:
        _look_again(since, go_on)
        return False
    return True


@st.fragment(run_every=_SECONDS)
def _look_again(since: float, go_on: Callable[[], None]) -> None:
    st.caption("The next review opens in a moment.")
    if time.monotonic() - since >= _SECONDS:
        go_on()
