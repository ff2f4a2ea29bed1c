"""What a page shows, part by part: at a change of the desk only what would show something else is drawn again.

Parts with a key are drawn alone. None of them holds the form of a review: that is a fragment itself, and one that was
drawn at the same time as a fragment around it left the browser with a "Bad delta path" (streamlit 1.67). Where another
part, or the rest, would show something else, the whole page is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from signoff.reviews import ABSENT

_PARTS, _REST, _PURPOSE = "_parts", "_parts_rest", "_parts_purpose"
Shows = Callable[[], object]
"""Returns what a part shows, or anything else that is equal as long as it shows the same."""


@dataclass
class Part:
    """A part of the page, and what it showed when it was drawn last; `ABSENT` before."""

    body: Callable[[], None]
    shows: Shows
    key: str | None
    drawn: object = ABSENT

    def draw(self) -> None:
        """Draw the part, now or again; the whole page instead where it was drawn for something else."""
        purpose: Part | None = st.session_state.get(_PURPOSE)
        if self.drawn is not ABSENT and purpose and purpose.moved:
            st.rerun()
        self.drawn = self.shows()
        self.body()

    @property
    def moved(self) -> bool:
        """Tell whether the part would show something else by now."""
        return self.shows() != self.drawn


def begin() -> None:
    """Forget the parts of the page before: the whole page is being drawn."""
    st.session_state[_PARTS], st.session_state[_REST], st.session_state[_PURPOSE] = [], None, None


def draw(body: Callable[[], None], shows: Shows, *, key: str | None = None) -> None:
    """Draw a part of the page with ``body``; ``shows`` says later whether it would show something else.

    With a ``key`` it can be drawn alone, as it is when something in it is clicked; where that changes what the page is
    for, see `serve`. A callback must not call `st.rerun`: that run would be in place of a click elsewhere (1.67).
    """
    part = Part(body, shows, key)
    st.session_state[_PARTS].append(part)
    st.fragment(part.draw, key=key)() if key else part.draw()


def slot() -> DeltaGenerator:
    """Return a place for what comes and goes: one element, whatever is in it, so that nothing below it moves.

    Streamlit knows a fragment by its place (1.67): a click on a form that has moved meanwhile would be lost, as would
    what is being typed in it.
    """
    return st.container()


def serve(purpose: Shows) -> None:
    """Say what the page is drawn for: a part that is to be drawn alone has all of it drawn when that is another."""
    st.session_state[_PURPOSE] = Part(lambda: None, purpose, None, purpose())


def rest(shows: Shows) -> None:
    """Say what the rest of the page shows. A page that does not say so is drawn again at every change."""
    st.session_state[_REST] = Part(lambda: None, shows, None, shows())


def moved() -> list[str] | None:
    """Return the keys of the parts that would show something else by now; None where the whole page is to be drawn."""
    parts, rest_of = st.session_state.get(_PARTS), st.session_state.get(_REST)
    if not parts or rest_of is None or rest_of.moved:
        return None
    found = [part.key for part in parts if part.moved]
    return None if None in found else [key for key in found if key]
