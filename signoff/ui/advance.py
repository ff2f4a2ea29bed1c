"""Going on to the next review by itself, a moment after an answer was applied."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from signoff.decisions import Decision

ON = "advance"
"""Key, and name in the address, of the switch."""

_SINCE = "advance_since"  # the decision whose end is being shown, and since when
_SECONDS, _TICK = 2.5, 1.25


def switch() -> None:
    """Draw the switch, on unless somebody turned it off; pages without it do not go on by themselves."""
    st.toggle(
        "Auto-advance", value=True, key=ON, bind="query-params", help="Open the next review when an answer is applied."
    )


def due(decision: Decision) -> bool:
    """Tell whether an applied decision was shown long enough; until then, say that the next review comes."""
    if not st.session_state.get(ON):
        return False
    if st.session_state.get(_SINCE, ("", 0.0))[0] != decision.id:
        st.session_state[_SINCE] = (decision.id, time.monotonic())
    over = _over(decision.id)
    if not over:
        st.caption("The next review opens in a moment.")
    return over


@st.fragment(run_every=_TICK)
def watch(decision_id: str, go_on: Callable[[], None]) -> None:
    """Call ``go_on`` when the outcome of a decision was shown long enough.

    Drawn beside the part that shows it, not within: a fragment in a fragment, both drawn in one run, left the browser
    with a "Bad delta path" (streamlit 1.67).
    """
    if st.session_state.get(ON) and _over(decision_id):
        go_on()


def _over(decision_id: str) -> bool:
    shown, since = st.session_state.get(_SINCE, ("", 0.0))
    return bool(shown == decision_id and time.monotonic() - since >= _SECONDS)
