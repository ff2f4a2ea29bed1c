"""What a page shows, part by part: where a change of the desk shows nowhere, the page is not drawn again.

The whole page is drawn where it does: a part that is drawn alone (a keyed fragment) around the form, itself a fragment,
left the browser with a "Bad delta path" when both were drawn at once (streamlit 1.67).
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_PARTS, _REST = "_parts", "_parts_rest"
Shows = Callable[[], object]
"""Returns what a part shows, or anything else that is equal as long as it shows the same."""


def begin() -> None:
    """Forget the parts of the page before: the whole page is being drawn."""
    st.session_state[_PARTS], st.session_state[_REST] = [], None


def draw(body: Callable[[], None], shows: Shows) -> None:
    """Draw a part of the page with ``body``; ``shows`` says later whether it would show something else."""
    st.session_state[_PARTS].append((shows, shows()))
    body()


def rest(shows: Shows) -> None:
    """Say what the rest of the page shows. A page that does not say so is drawn again at every change."""
    st.session_state[_REST] = (shows, shows())


def moved() -> bool:
    """Tell whether the page would show something else by now."""
    parts, rest_of = st.session_state.get(_PARTS), st.session_state.get(_REST)
    return not parts or rest_of is None or any(shows() != drawn for shows, drawn in [rest_of, *parts])
