"""A desk on which nothing has happened yet says so on every page."""

import sqlite3
from contextlib import closing

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from pages.screen import words


@pytest.fixture(scope="module")
def empty_office(open_office, tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    with closing(sqlite3.connect(folder / "demo.sqlite")) as connection:
        SqliteSaver(connection).setup()
    return open_office(folder, GRAPHS=None)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("queue", "Nothing waits for a person."),
        ("thread", "The checkpoint database holds no thread yet"),
        ("audit", "No decision yet."),
        ("insights", "Nothing arrived and nothing was decided"),
        ("system", "No graph is configured"),
    ],
)
@pytest.mark.parametrize("way", ["page", "cold"])
def test_a_page_says_that_there_is_nothing_yet(empty_office, way, name, said):
    app = getattr(empty_office, way)(name)

    assert not app.exception
    assert said in words(app)
