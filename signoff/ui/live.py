"""Keeps a page up to date: when the desk has changed, the page is drawn again. What is being typed stays."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from signoff.ui import badge, keys, parts, session, shared
from signoff.ui.form_canvas import save_all

ADDRESS = "/api/live"
"""Where `signoff.asgi` serves the desk's mark to open tabs."""

_SECONDS, _OFTEN = 60.0, 2.0  # with a server that tells of changes, and without
_DRAWN, _LISTENER = "_drawn_mark", "listener"
_listener = st.components.v2.component("signoff_live", js=Path(__file__).with_name("live.js").read_text())
_pushes = False


def pushes() -> None:
    """Say that this process serves `ADDRESS`; without it, as in ``streamlit run``, pages look by themselves."""
    global _pushes  # noqa: PLW0603 - one server per process
    _pushes = True


def pushing() -> bool:
    """Return whether open tabs are told of changes, and tell what is typed in them."""
    return _pushes


def title(text: str) -> None:
    """Draw a page's title (Markdown), the live mark and the keys.

    The server tells the tab of a change (`signoff.live`), and a page that says what it shows (`signoff.ui.parts`) is
    then drawn only if that is something else. The page also looks by itself, every minute, or every two seconds when
    there is nobody to tell it, and is drawn if anything has changed since it was.
    """
    st.session_state[_DRAWN] = shared.mark()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(text, anchor=False)
        with st.container(width="content"):
            st.fragment(_watch, run_every=_SECONDS if _pushes else _OFTEN)(["just drawn"])
        keys.listen()
    if _pushes:
        _listen()


def draw_again() -> None:
    """Have the page drawn again soon, whether the desk changes or not: what could not be read may be back."""
    st.fragment(_look, run_every=_OFTEN)(["just drawn"])
    st.session_state[_DRAWN] = ""


@st.fragment(key=_LISTENER)
def _listen() -> None:
    """Hear of changes, in a fragment: one waits for its turn, where a run of the page cuts short what is running.

    A click whose run is cut short before it comes to its button is lost (streamlit 1.67, ``on_scriptrunner_yield``).
    """
    path = f"/{st.get_option('server.baseUrlPath')}{ADDRESS}".replace("//", "/")
    data = {"mark": shared.mark(), "path": path, "mine": shared.mine()}
    _listener(key="live", data=data, height=1, on_moved_change=_moved, on_typed_change=save_all)
    st.set_page_config(page_title=badge.title())


def _moved() -> None:
    """Have drawn again what would show something else: parts of the page, or all of it; and the listener.

    Not when this run is for something else, too: an ``st.rerun`` would take its place, and a click be lost (streamlit
    1.67). It goes first; a tab that was not brought up to date by it asks again.
    """
    context = get_script_run_ctx()
    if context is None or len(context.fragment_ids_this_run or ()) != 1:
        return
    shared.look()
    keys = parts.moved()
    if keys is None:
        st.rerun()
    elif keys:
        st.rerun([_LISTENER, *keys])


def _watch(fresh: list[str]) -> None:
    problem = session.running().problem
    if problem:
        st.badge("Not up to date", icon=":material/cloud_off:", color="red", help=session.plain(problem))
    else:
        st.badge("Live", icon=":material/bolt:", color="green", help="Changes appear by themselves.")
    _look(fresh)


def _look(fresh: list[str]) -> None:
    """Draw the page again if the desk has changed, but not while it is being drawn: ``fresh`` is emptied by then."""
    if fresh:
        fresh.clear()
    elif session.running().mark() != st.session_state[_DRAWN]:
        st.rerun()
