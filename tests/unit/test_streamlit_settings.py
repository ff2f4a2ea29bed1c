"""What Streamlit works out for each run, worked out once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig, NewSession
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed

from signoff.ui import streamlit_settings

THEMES = {
    "theme": {"primaryColor": "#123456", "base": "dark", "font": "Inter:https://fonts.test/inter.css"},
    "theme.light": {"primaryColor": "#abcdef", "fontFaces": [{"family": "Inter", "url": "inter.woff2"}]},
    "theme.dark": {"primaryColor": None, "fontFaces": None},
}


@pytest.fixture(autouse=True)
def undone(monkeypatch):
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    monkeypatch.setattr(config, "get_option", config.get_option)


def told():
    """Return the theme as Streamlit puts it together for a browser."""
    message = NewSession()
    app_session._populate_theme_msg(message.custom_theme)
    app_session._populate_theme_msg(message.custom_theme.light, "theme.light")
    app_session._populate_theme_msg(message.custom_theme.dark, "theme.dark")
    return message


def test_browsers_are_told_the_same_theme_and_what_one_is_told_is_nobody_elses(monkeypatch):
    monkeypatch.setattr(config, "get_options_for_section", THEMES.__getitem__)
    before = told()

    streamlit_settings.remember()
    told().custom_theme.light.primary_color = "another"

    assert told() == before
    assert told().custom_theme.HasField("light")
    assert not told().custom_theme.HasField("dark")


def test_the_theme_that_streamlit_sends_with_each_run_is_read_once(monkeypatch):
    reads = []
    read = config.get_options_for_section
    monkeypatch.setattr(config, "get_options_for_section", lambda section: reads.append(section) or read(section))

    streamlit_settings.remember()
    streamlit_settings.remember()
    for _ in range(3):
        app_session._populate_theme_msg(CustomThemeConfig(), "theme.dark")

    assert reads == ["theme.dark"]


def test_a_look_at_a_setting_waits_for_nobody_and_says_what_it_said():
    before = config.get_option("server.port")
    streamlit_settings.remember()

    with ThreadPoolExecutor(1) as another, config._config_lock:
        assert another.submit(config.get_option, "server.port").result(timeout=60) == before
        populated = another.submit(populate_hash_if_needed, ForwardMsg(script_finished=0))
        assert populated.result(timeout=60) is None


def test_a_setting_that_is_set_is_told_and_one_that_there_is_not_is_an_error(monkeypatch):
    streamlit_settings.remember()

    before = config.get_option("client.toolbarMode")
    config.set_option("client.toolbarMode", "viewer")
    try:
        assert config.get_option("client.toolbarMode") == "viewer"
    finally:
        config.set_option("client.toolbarMode", before)
    with pytest.raises(RuntimeError, match="not defined"):
        config.get_option("server.nonsense")
