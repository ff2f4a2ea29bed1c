"""In Chromium: what a form no longer shows is gone, even when something else on the page is drawn right behind it."""

import pytest
from playwright.sync_api import expect
from streamlit_app import served

pytestmark = pytest.mark.browser
APP = """
import time

import streamlit as st

from signoff.ui import streamlit_ends

streamlit_ends.keep()
st.title("A form")


@st.fragment(run_every="200ms")
def poll():
    st.caption(f"at {time.time()}")


@st.fragment
def form():
    shown = st.segmented_control("Show", ["one", "three"], default="three")
    for number in range(3 if shown == "three" else 1):
        st.text_input(f"{shown} {number}")
    st.button("Submit")
    time.sleep(0.4)  # a poll comes meanwhile, waits, and is drawn right behind


poll()
form()
"""


@pytest.fixture
def url(tmp_path):
    with served(tmp_path, APP) as url:
        yield url


def test_what_a_form_no_longer_shows_is_gone_though_another_part_is_drawn_right_behind(url, visit):
    page = visit(url)

    for shown, fields in [("one", 1), ("three", 3)] * 6:
        page.get_by_test_id("stButtonGroup").get_by_text(shown, exact=True).click()
        expect(page.get_by_label(f"{shown} 0")).to_be_visible()
        expect(page.get_by_test_id("stTextInput")).to_have_count(fields, timeout=5_000)
        expect(page.get_by_role("button", name="Submit")).to_have_count(1)
