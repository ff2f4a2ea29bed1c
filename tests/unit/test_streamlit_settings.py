"""What Streamlit works out for each run, worked out once."""

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from signoff.ui import streamlit_settings

SECTIONS = ("server", "client", "theme", "theme.light", "theme.dark", "theme.light.sidebar")


@pytest.fixture(autouse=True)
def undone(monkeypatch):
    monkeypatch.setattr(config, "get_options_for_section", config.get_options_for_section)


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
