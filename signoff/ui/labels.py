"""Lists whose choices are called by a count, too, which moves: a choice may arrive by a name that it had before.

A browser sends a choice by its label, and Streamlit 1.67 takes a label that it no longer knows for a value of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

_CALLED = "called-"  # with the key of a list: the names of its choices, by choice, as last drawn and before
_MOST = 4


def note(key: str, names: Mapping[Any, str]) -> Mapping[Any, str]:
    """Remember what the choices of a list are called now; return what they were called when it was last drawn."""
    known = st.session_state.get(_CALLED + key, [])
    before: Mapping[Any, str] = known[0] if known else {}
    if before != names:
        st.session_state[_CALLED + key] = [names, *known][:_MOST]
    return before


def meant(key: str, value: Any) -> Any:
    """Return the choice that the value of a list stands for, be it what that was called before."""
    known = st.session_state.get(_CALLED + key, [])
    if not known or value in known[0]:
        return value
    return next((choice for names in known for choice, name in names.items() if name == value), value)
