"""The corpus of schemas through real widgets: drawn by Streamlit, submitted untouched."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from signoff.forms.equality import identical

FOLDER = Path(__file__).parents[1] / "corpus"
CASES = [
    pytest.param(one["schema"], one["valid"], id=f"{file.stem}: {one['name']}")
    for file in sorted(FOLDER.glob("*.json"))
    for one in json.loads(file.read_text(encoding="utf-8"))
]


def page(schema, prefill):
    import streamlit as st

    from signoff.ui.form import render

    def submit(answer, raw):
        st.session_state["sent"] = (answer, raw)

    render(schema, prefill, key="corpus", submit=submit)


@pytest.mark.parametrize(("schema", "valid"), CASES)
def test_submitting_untouched_sends_what_was_prefilled(schema, valid):
    app = AppTest.from_function(page, kwargs={"schema": schema, "prefill": valid}, default_timeout=60).run()

    app.button(key="corpus:!submit").click().run()

    assert not app.exception
    answer, raw = app.session_state["sent"]
    assert identical(answer, valid)
    assert raw is False
