"""Keeps a page up to date: when the desk has changed, the page is drawn again. What is being typed stays."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from signoff.ui import badge, keys, parts, session, shared
from signoff.ui.form_canvas import save_all
from signoff.ui.table import SELECTED

ADDRESS = "/_live"
"""Where `signoff.asgi` tells open tabs of changes; not below ``/api``, which a proxy may let anybody reach."""

_SECONDS, _OFTEN = 60.0, 2.0  # with a server that tells of changes, and without
_PLACE = "_listener_place"
_here = Path(__file__)
SCRIPT = _here.with_name("news.js").read_text() + _here.with_name("live.js").read_text()
_css = _here.with_name("common.css").read_text() + _here.with_name("news.css").read_text()
_listener = st.components.v2.component("signoff_live", css=_css, js=SCRIPT)
_pushes = False


def pushes() -> None:
    """Say that this process serves `ADDRESS`; without it, as in ``streamlit run``, pages look by themselves."""
    global _pushes  # noqa: PLW0603 - one server per process
    _pushes = True


def title(text: str) -> None:
    """Draw a page's title (Markdown), the live mark and the keys.

    The server tells the tab of a change (`signoff.live`), and a page that says what it shows (`signoff.ui.parts`) is
    then drawn only if that is something else. The page also looks by itself, every minute, or every two seconds when
    there is nobody to tell it.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(text, anchor=False)
        with st.container(width="content"):
            _standing() if _pushes else st.fragment(_watch, run_every=_OFTEN)(["just drawn"])
        with st.container(width="content"):
            keys.listen()
    st.session_state[_PLACE] = st.container()


def listen() -> None:
    """Hear of changes, of what is typed, and when to look again: once a page with a title is drawn, whose parts know.

    In a fragment: one waits for its turn, where a run of the page cuts short what is running. A click whose run is cut
    short before it comes to its button is lost (streamlit 1.67, ``on_scriptrunner_yield``).
    """
    if place := st.session_state.pop(_PLACE, None):
        with place:
            st.fragment(_listen, key=parts.LISTENER)()


def draw_again() -> None:
    """Have the page drawn again soon, whether the desk changes or not: what could not be read may be back."""
    st.fragment(_again, run_every=_OFTEN)(["just drawn"])


def _listen() -> None:
    parts.catch_up()
    path = f"/{st.get_option('server.baseUrlPath')}{ADDRESS}".replace("//", "/") if _pushes else ""
    tick = parts.next_tick()
    data = {
        "mark": shared.mark(),
        "path": path,
        "mine": shared.mine(),
        "tick": _SECONDS if tick is None else tick,
        "review": st.query_params.get("review"),
        "opened": st.session_state.get(SELECTED) if parts.drawn(parts.OPENED) else None,
    }
    _listener(
        key="live",
        data=data,
        height=1,
        on_moved_change=_moved,
        on_tick_change=_ticked,
        on_typed_change=save_all,
    )
    st.set_page_config(page_title=badge.title())


def _moved() -> None:
    """Have drawn again what would show something else: parts of the page, or all of it; and the listener."""
    shared.look()
    parts.redraw()


def _ticked() -> None:
    """Have drawn again what shows something else by itself, or because of a change that nobody has told of."""
    if parts.tock():
        parts.redraw(among=parts.CHOOSING)
    elif shared.mark() != shared.look() or parts.known():
        parts.redraw()


def _watch(fresh: list[str]) -> None:
    """Draw the page again if the desk has changed, but not while it is being drawn: ``fresh`` is emptied by then."""
    _standing()
    if fresh:
        fresh.clear()
    elif session.running().mark() != shared.mark():
        st.rerun()


def _standing() -> None:
    """Say whether the page is up to date."""
    problem = session.running().problem
    if problem:
        st.badge("Not up to date", icon=":material/cloud_off:", color="red", help=session.plain(problem))
    else:
        st.badge("Live", icon=":material/bolt:", color="green", help="Changes appear by themselves.")


def _again(fresh: list[str]) -> None:
    if fresh:
        fresh.clear()
    else:
        st.rerun()
