"""Parts of a page that are drawn by themselves: when the desk changes, only those that show something else then."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

LISTENER = "part-live"
"""The part that hears of changes; it is drawn with every other one."""

_PARTS, _REST = "_parts", "_parts_rest"
Shows = Callable[[], object]
"""Returns what a part shows, or anything else that is equal as long as it shows the same."""


def begin() -> None:
    """Forget the parts of the page before: the whole page is being drawn."""
    st.session_state[_PARTS], st.session_state[_REST] = {}, None


def draw(name: str, body: Callable[[], None], shows: Shows) -> None:
    """Draw a part of the page with ``body``, now and whenever ``shows`` returns something else."""

    def part() -> None:
        st.session_state[_PARTS][name] = (shows, shows())
        body()

    st.fragment(part, key=name)()


def rest(shows: Shows) -> None:
    """Say what the rest of the page shows; when that is something else, the whole page is drawn again."""
    st.session_state[_REST] = (shows, shows())


def alone() -> list[str] | None:
    """Return the parts that show something else by now; None when the whole page has to be drawn again."""
    parts, rest_of = st.session_state.get(_PARTS), st.session_state.get(_REST)
    if not parts or rest_of is None or _moved(rest_of):
        return None
    return [name for name, part in parts.items() if _moved(part)]


def again(*names: str) -> None:
    """Draw these parts again, from the callback of a widget in one of them. Does not return."""
    st.rerun(scope=list(names))


def _moved(part: tuple[Shows, object]) -> bool:
    shows, drawn = part
    return shows() != drawn
