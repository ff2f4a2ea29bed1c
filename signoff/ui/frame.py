"""The frame around every page: page settings, navigation, deep links, and a clear text when the desk cannot open.

Streamlit 1.67 runs a page in ``pages/`` alone, without ``dashboard.py``, when a cold server's first visitor opens its
address. So every page begins with `enter`, which puts the frame around the page when nobody did.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any, NoReturn

import streamlit as st

from signoff.errors import SignoffError
from signoff.paths import app_dir
from signoff.ui import badge, live, parts, session, shared, streamlit_ends
from signoff.ui.form_canvas import save_all
from signoff.ui.turns import turn

_inside = threading.local()
_ADDRESS = "address"  # the part of the address that a page's links change, as the session was last drawn by


def run() -> None:
    """Draw the frame and the page that the visitor asked for; ``/?thread=…`` leads to a thread.

    What a database does not let the page read is said in its place. What was typed so far is kept first of all: the
    form may be gone from this drawing, and back in the next.
    """
    streamlit_ends.keep()
    save_all()
    parts.begin()
    with suppress(SignoffError):  # `enter` says what is wrong
        shared.look()
    page = _navigation()
    if page.url_path == "" and "thread" in st.query_params:
        st.switch_page("pages/thread.py", query_params=st.query_params.to_dict())
    _inside.page = True
    try:
        with turn():
            page.run()
            live.listen()
    except SignoffError as error:
        st.error(session.plain(str(error)), icon=":material/cloud_off:")
        live.draw_again()
    finally:
        _inside.page = False


def enter() -> None:
    """Begin a page: put the frame around it if it runs alone, and stop with a clear text if the desk cannot open."""
    if not getattr(_inside, "page", False):
        run()
        st.stop()
    try:
        session.desk()
    except SignoffError as error:
        st.title("Signoff cannot open its desk")
        st.error(session.plain(str(error)), icon=":material/error:")
        st.write(
            "`signoff doctor` checks every setting and says how to mend it. This page tries again when you reload it."
        )
        st.stop()


def end() -> NoReturn:
    """End a page that has said all it has to say before its last line; it goes on listening."""
    live.listen()
    st.stop()


def keep_address(*names: str) -> None:
    """Have the address say what the page draws, where a link that changes these parameters led from it to itself.

    Streamlit 1.67 draws what such a link asks for and leaves the address as it was. The browser takes no notice of an
    address that it is at.
    """
    asked = {name: st.query_params.get(name) for name in names}
    if st.session_state.setdefault(_ADDRESS, asked) != asked:
        st.session_state[_ADDRESS] = asked
        st.query_params.update()


def _navigation() -> Any:
    st.set_page_config(page_title=badge.title(), page_icon="✍️", layout="wide", initial_sidebar_state="collapsed")
    pages = app_dir() / "pages"
    return st.navigation(
        [
            st.Page(pages / "queue.py", title="Queue", icon=":material/inbox:", default=True),
            st.Page(pages / "trouble.py", title="Trouble", icon=":material/build:", url_path="trouble"),
            st.Page(pages / "thread.py", title="Threads", icon=":material/account_tree:", url_path="thread"),
            st.Page(pages / "audit.py", title="Audit", icon=":material/history:", url_path="audit"),
            st.Page(pages / "insights.py", title="Insights", icon=":material/insights:", url_path="insights"),
            st.Page(pages / "system.py", title="System", icon=":material/monitor_heart:", url_path="system"),
            st.Page(pages / "playground.py", title="Playground", icon=":material/science:", url_path="playground"),
        ],
        position="top",
    )
