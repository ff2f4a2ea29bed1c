"""Going on to the next review by itself, a moment after an answer was applied."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from signoff.decisions import Decision
from signoff.ui import parts

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
    """Tell whether an applied decision was shown long enough; until then, say that the next review comes.

    A part that is drawn alone has ``go_on`` called when it was.
    """
    if not st.session_state.get(ON):
        return False
    if st.session_state.get(_SINCE, ("", 0.0))[0] != decision.id:
        st.session_state[_SINCE] = (decision.id, time.monotonic())
    left: float = st.session_state[_SINCE][1] + _SECONDS - time.monotonic()
    if left > 0:
        st.caption("The next review opens in a moment.")
        parts.tick(left, lambda: go_on() if st.session_state.get(ON) else None)
    return left <= 0
