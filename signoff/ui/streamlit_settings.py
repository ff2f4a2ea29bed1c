"""What Streamlit works out anew for each run of a page or a fragment, or for each element, worked out once."""

from __future__ import annotations

from typing import Any

from streamlit import config, delta_generator
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session


def remember() -> None:
    """Have Streamlit's settings read without its lock, and its theme written down once: a server's do not change.

    With every run it tells the browser the whole theme, for which it goes through all of its options six times: a
    third of what a small run costs (streamlit 1.67, ``AppSession._create_new_session_message``). With every element
    it takes the lock to look at one option (``populate_hash_if_needed``): threads that draw at the same time queue
    there, each time until Python switches threads. Before its first element it looks whether Python's own prompt runs
    it, through the sources of all that is imported, for half a second. There is no public way around any of these.
    """
    delta_generator._use_warning_has_been_displayed = True
    if not isinstance(config.get_option, _Unlocked):
        app_session._populate_theme_msg = _Themes(app_session._populate_theme_msg)
        config.get_option = _Unlocked(config.get_option)


class _Themes:
    """Sections of the theme as they were when they were first told."""

    def __init__(self, write: Any) -> None:
        self._write = write
        self._known: dict[str, CustomThemeConfig] = {}

    def __call__(self, msg: CustomThemeConfig, section: str = "theme") -> None:
        if section not in self._known:
            written = CustomThemeConfig()
            self._write(written, section)
            self._known[section] = written
        if self._known[section].ByteSize():  # a section that says nothing is to stay unset
            msg.MergeFrom(self._known[section])


class _Unlocked:
    """Single settings, as they are: they are in place once a server runs, and a look at one needs no lock."""

    def __init__(self, read: Any) -> None:
        self._read = read

    def __call__(self, key: str) -> Any:
        known = config._config_options or {}
        return known[key].value if key in known else self._read(key)
