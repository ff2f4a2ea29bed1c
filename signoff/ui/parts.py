"""What a page shows, part by part: after a click, or a change of the desk, only what shows something else is drawn.

Parts with a key are drawn alone. Within one of them nothing is a fragment: a fragment in a fragment that is drawn alone
left the browser with "Bad delta path" and "setIn cannot be called on an ElementNode" (streamlit 1.67, Chromium, twice
in eight minutes of clicking). Where another part, or the rest, would show something else, the whole page is drawn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from signoff.errors import SignoffError
from signoff.reviews import ABSENT
from signoff.ui import session, shared
from signoff.ui.form_canvas import save_all
from signoff.ui.turns import drawing

ROWS, OPENED, WORK = "rows", "opened", "work"
"""Keys of the parts that show which review is open, and what it says: those that choosing another one draws."""
CHOOSING = (ROWS, OPENED, WORK)
LISTENER = "listener"
"""Key of the part that hears of changes, and that looks again when the time of another part has come."""

_BOARD = "_parts"
_AGAIN = 2.0  # seconds until what could not be read is tried again
_EARLY = 0.05  # seconds by which a browser's clock may be ahead
_here = threading.local()  # the keyed part that this thread draws
Shows = Callable[[], object]
"""Returns what a part shows, or anything else that is equal as long as it shows the same."""


@dataclass
class Part:
    """A part of the page, and what it showed when it was ``drawn`` last, if it was ``before`` and could be.

    ``until`` is when it shows something else by itself (`time.monotonic`), None for never; ``over`` is called then.
    """

    body: Callable[[], None]
    shows: Shows
    key: str | None
    drawn: object = ABSENT
    before: bool = False
    until: float | None = None
    over: Callable[[], None] | None = None

    def draw(self) -> None:
        """Draw the part, now or again; the whole page instead where it was drawn for something else.

        What was typed so far is kept first of all: the form may be gone from this drawing, and back in the next.
        """
        board = _board()
        if not self.before:
            self._draw()
            return
        save_all()
        clicked = self.key not in board.announced
        if clicked:
            board.catch_up()
            shared.look_at_own()
        board.announced.discard(self.key)
        with drawing():
            self._draw()

    def _draw(self) -> None:
        self.before, self.until, self.over, self.drawn = True, None, None, ABSENT
        outer, _here.part = inside(), self if self.key else None
        try:
            self.drawn = self.shows()
            self.body()
        except SignoffError as error:
            if not self.key:
                raise
            st.error(session.plain(str(error)), icon=":material/cloud_off:")
            tick(_AGAIN)
        finally:
            _here.part = outer

    @property
    def due(self) -> bool:
        """Tell whether the time has come at which the part shows something else by itself."""
        return self.until is not None and self.until <= time.monotonic() + _EARLY

    @property
    def moved(self) -> bool:
        """Tell whether the part would show something else by now."""
        try:
            return self.due or self.shows() != self.drawn
        except SignoffError:
            return True  # it says why when it is drawn


@dataclass
class _Board:
    """The parts of the page that a session has before it.

    ``announced`` are the keys of those that are about to be drawn together; ``late`` says that the page has to be drawn
    because a callback changed what it shows, in a run that was for something else, too.
    """

    parts: list[Part] = field(default_factory=list)
    rest: Part | None = None
    purpose: Part | None = None
    announced: set[str | None] = field(default_factory=set)
    late: bool = False

    def catch_up(self) -> None:
        if self.late or (self.purpose and self.purpose.moved):
            st.rerun()


def begin() -> None:
    """Forget the parts of the page before: the whole page is being drawn."""
    st.session_state[_BOARD] = _Board()
    _here.part = None


def draw(body: Callable[[], None], shows: Shows, *, key: str | None = None) -> None:
    """Draw a part of the page with ``body``; ``shows`` says later whether it would show something else.

    With a ``key`` it can be drawn alone, as it is when something in it is clicked; where that changes what the page is
    for, see `serve`.
    """
    part = Part(body, shows, key)
    _board().parts.append(part)
    st.fragment(part.draw, key=key)() if key else part.draw()


def inside() -> Part | None:
    """Return the part that is being drawn, if it is one that can be drawn alone: nothing in it is to be a fragment."""
    found: Part | None = getattr(_here, "part", None)
    return found


def slot() -> DeltaGenerator:
    """Return a place for what comes and goes: one element, whatever is in it, so that nothing below it moves.

    Streamlit knows a fragment by its place (1.67): a click on a form that has moved meanwhile would be lost, as would
    what is being typed in it.
    """
    return st.container()


def serve(purpose: Shows) -> None:
    """Say what the page is drawn for: a part that is to be drawn alone has all of it drawn when that is another."""
    _board().purpose = Part(lambda: None, purpose, None, purpose())


def rest(shows: Shows) -> None:
    """Say what the rest of the page shows. A page that does not say so is drawn again at every change."""
    _board().rest = Part(lambda: None, shows, None, shows())


def known() -> bool:
    """Tell whether the page has said what it shows, so that drawing it again draws only what is different."""
    return _board().rest is not None


def drawn(key: str) -> bool:
    """Tell whether the page has the part with this key."""
    return any(part.key == key for part in _board().parts)


def tick(seconds: float, over: Callable[[], None] | None = None) -> None:
    """Have the part that is being drawn drawn again after so many seconds; ``over`` is called before."""
    if part := inside():
        until = time.monotonic() + seconds
        part.until, part.over = min(part.until or until, until), over or part.over


def tock() -> bool:
    """Call what is to be called before parts whose time has come are drawn; return whether there are any."""
    late = [part for part in _board().parts if part.due]
    for part in late:
        if part.over:
            part.over()
    return bool(late)


def next_tick() -> float | None:
    """Return in how many seconds a part of the page shows something else by itself; None for never."""
    times = [part.until for part in _board().parts if part.until is not None]
    return max(0.0, min(times) - time.monotonic()) if times else None


def moved(among: Collection[str] = ()) -> list[str] | None:
    """Return the keys of the parts that would show something else by now; None where the whole page is to be drawn.

    With ``among`` only these are looked at, and what the page is for.
    """
    board = _board()
    if not board.parts or board.rest is None or (board.purpose and board.purpose.moved):
        return None
    if not among and board.rest.moved:
        return None
    found = [part.key for part in board.parts if (part.key in among or not among) and part.moved]
    return None if None in found else [key for key in found if key]


def redraw(*clicked: str, among: Collection[str] = ()) -> None:
    """Say, at the end of a callback, that what parts show has changed: those are drawn, and those that were clicked.

    With ``among`` only these are looked at: what else has changed meanwhile is drawn when the tab is told of it.
    An ``st.rerun`` takes the place of the run that the callback belongs to. Where that is for another click, too, which
    would be lost (streamlit 1.67), the page is drawn when what was clicked is.
    """
    context = get_script_run_ctx()
    if context is None or not context.fragment_ids_this_run:
        return  # the page is drawn anyway
    if len(context.fragment_ids_this_run) > 1:
        _board().late = True
        return
    with drawing():
        shared.look_at_own()
        keys = moved(among)
    if keys is None:
        st.rerun()
    known = {part.key for part in _board().parts}
    if keys := list(dict.fromkeys([*keys, *(key for key in clicked if key in known)])):
        _board().announced.update(keys)
        st.rerun([*keys, LISTENER])


def catch_up() -> None:
    """Draw the page where a callback asked for it in a run that was for something else, too."""
    _board().catch_up()


def _board() -> _Board:
    board: _Board = st.session_state.setdefault(_BOARD, _Board())
    return board
