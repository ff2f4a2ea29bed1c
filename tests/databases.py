"""Where tests of the desk's own tables run: on SQLite and on a real PostgreSQL, each time on an empty one."""

from contextlib import contextmanager

import pytest

from signoff.database import Database

BOTH = ["sqlite", "postgres"]


@contextmanager
def desk_url(kind: str, request: pytest.FixtureRequest, folder):
    """Yield the address of a new desk."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'desk.db'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@contextmanager
def desk_database(kind: str, request: pytest.FixtureRequest, folder):
    """Yield a new desk's database, open."""
    with desk_url(kind, request, folder) as url:
        database = Database(url)
        yield database
        database.close()
