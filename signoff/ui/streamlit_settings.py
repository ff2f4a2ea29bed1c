"""What Streamlit works out anew for each run of a page or a fragment, worked out once."""

from __future__ import annotations

from functools import cache
from typing import Any

from streamlit import config


def remember() -> None:
    """Have each section of Streamlit's settings read once: they do not change while the server runs.

    With every run it tells the browser the whole theme, for which it goes through all of its options six times. That
    is a quarter of what a small run costs, and there is no public way around it (streamlit 1.67,
    ``AppSession._create_new_session_message``).
    """
    if not hasattr(config.get_options_for_section, "once"):
        config.get_options_for_section = _Remembered(config.get_options_for_section)


class _Remembered:
    """Sections of settings as they were when they were first asked for."""

    def __init__(self, read: Any) -> None:
        self.once = cache(read)

    def __call__(self, section: str) -> dict[str, Any]:
        return dict(self.once(section))
