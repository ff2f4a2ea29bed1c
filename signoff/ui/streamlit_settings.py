"""What Streamlit works out anew for each run of a page or a fragment, or for each element, worked out once."""

from __future__ import annotations

from functools import cache
from typing import Any

from streamlit import config, delta_generator


def remember() -> None:
    """Have Streamlit's settings read without its lock, and each section of them once: a server's do not change.

    With every run it tells the browser the whole theme, for which it goes through all of its options six times: a
    quarter of what a small run costs (streamlit 1.67, ``AppSession._create_new_session_message``). With every element
    it takes the lock to look at one option (``populate_hash_if_needed``): threads that draw at the same time queue
    there, each time until Python switches threads. Before its first element it looks whether Python's own prompt runs
    it, through the sources of all that is imported, for half a second. There is no public way around any of these.
    """
    delta_generator._use_warning_has_been_displayed = True
    if not isinstance(config.get_option, _Unlocked):
        config.get_options_for_section = _Remembered(config.get_options_for_section)
        config.get_option = _Unlocked(config.get_option)


class _Remembered:
    """Sections of settings as they were when they were first asked for."""

    def __init__(self, read: Any) -> None:
        self.once = cache(read)

    def __call__(self, section: str) -> dict[str, Any]:
        return dict(self.once(section))


class _Unlocked:
    """Single settings, as they are: they are in place once a server runs, and a look at one needs no lock."""

    def __init__(self, read: Any) -> None:
        self._read = read

    def __call__(self, key: str) -> Any:
        known = config._config_options or {}
        return known[key].value if key in known else self._read(key)
