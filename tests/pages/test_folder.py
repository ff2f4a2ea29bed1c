"""Streamlit runs any file in ``pages/`` by its address, without ``dashboard.py``; so each brings the frame along."""

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from signoff.ui import frame

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for path in (ROOT / "pages").iterdir() if path.name != "__pycache__")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_enters_the_frame_before_it_does_anything_else(path):
    docstring, *statements = ast.parse(path.read_text()).body
    first = next(each for each in statements if not isinstance(each, ast.Import | ast.ImportFrom))

    assert isinstance(docstring, ast.Expr)
    assert ast.unparse(first) == "frame.enter()"


def test_the_folder_holds_the_pages_of_the_navigation_and_nothing_else(monkeypatch):
    listed = []
    monkeypatch.setattr(frame.st, "navigation", lambda pages, position: listed.extend(pages))

    AppTest.from_string("from signoff.ui import frame; frame._navigation()").run()

    assert sorted(page._page for page in listed) == PAGES
