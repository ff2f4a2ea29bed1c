"""What is on the screen: every text of every element that a page sent to the browser."""

import time
from collections.abc import Iterator
from typing import Any

import pandas as pd
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from signoff.ui.rows import DIGITS

INERT = ("text", "code", "json", "arrow_data_frame")
"""Elements that Streamlit 1.67 draws letter by letter; it reads all others as Markdown, or as HTML."""

_INERT_PARTS = {
    "text_input": ("default", "value"),
    "text_area": ("default", "value"),
    "selectbox": ("options",),
    "multiselect": ("options",),
}
"""What it draws letter by letter of other elements (seen in Chromium)."""


def texts(app: AppTest) -> list[tuple[str, str]]:
    """Return (kind of element, text) of what was drawn, labels and help texts too, but for what stands in fields."""
    return [(kind, text) for kind, drawn in _drawn(app) for text in _strings(_without_inert(kind, drawn))]


def words(app: AppTest) -> str:
    """Return everything drawn as one text, without the escapes that make it literal."""
    return "\n".join(text for _, text in texts(app)).replace("\\", "")


def listed(app: AppTest) -> pd.DataFrame:
    """Return what the page's first table shows, under the names of its columns."""
    return app.dataframe[0].value.rename(columns=lambda name: name.rstrip(DIGITS))


def until(app: AppTest, text: str, *, seconds: float = 60) -> AppTest:
    """Draw the page again and again, as its live mark does, until it says so."""
    deadline = time.monotonic() + seconds
    while text not in words(app):
        assert time.monotonic() < deadline, words(app)
        time.sleep(0.1)
        app.run()
    return app


def unfold(app: AppTest, key: str) -> AppTest:
    """Open a popover, which draws what is in it only then."""
    app.session_state[key] = True
    return app.run()


def _without_inert(kind: str, drawn: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in drawn.items() if name not in _INERT_PARTS.get(kind, ())}


def _drawn(app: AppTest) -> Iterator[tuple[str, dict[str, Any]]]:
    for node in app.main:
        if (proto := getattr(node, "proto", None)) is not None:
            yield node.type, MessageToDict(proto)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
