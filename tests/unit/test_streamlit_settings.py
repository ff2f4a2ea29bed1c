"""What Streamlit works out for each run, worked out once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed

from signoff.ui import streamlit_settings

SECTIONS = ("server", "client", "theme", "theme.light", "theme.dark", "theme.light.sidebar")


@pytest.fixture(autouse=True)
def undone(monkeypatch):
    monkeypatch.setattr(config, "get_options_for_section", config.get_options_for_section)
    monkeypatch.setattr(config, "get_option", config.get_option)


def test_settings_are_the_same_and_those_of_one_who_changes_them_are_nobody_elses():
    before = {name: config.get_options_for_section(name) for name in SECTIONS}

    streamlit_settings.remember()
    config.get_options_for_section("server")["port"] = "another"

    assert {name: config.get_options_for_section(name) for name in SECTIONS} == before


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
