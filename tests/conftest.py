"""Shared by all tests."""

import compileall
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

import postgres as postgres_servers
import pytest
from psycopg.conninfo import conninfo_to_dict

from signoff.database import Database
from signoff.graphs import importing

_MEMORY = Path("/dev/shm")  # Linux keeps its files in memory
_ROOM = 2 * 1024**3


def pytest_configure(config):
    """Keep temporary files in memory where there is room, and bytecode at hand.

    Tests make and drop databases by the hundred, and start as many processes, which may be told to write no bytecode.
    """
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(__file__).parents[1] / "signoff", quiet=2)
    if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def pytest_collection_finish():
    """Have the garbage collector leave alone what is loaded now, and come seldom: some of each test went to it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def pytest_collection_modifyitems(items):
    """Begin with what mostly waits, for an Agent Server, so that it is never alone at the end.

    What a browser does is tried up to three times: machines are shared, and a click may meet a page being drawn.
    """
    items.sort(key=lambda item: item.path.parent.name != "server")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=int(os.environ.get("SIGNOFF_TEST_RERUNS", "2"))))


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server."""
    with postgres_servers.running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres):
    """The address of an empty PostgreSQL database of the test's own."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def new_desk(tmp_path_factory):
    """The file of a desk in which nothing has happened yet, for others to be copied from."""
    path = tmp_path_factory.mktemp("new") / "desk.db"
    Database(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def new_desk_on_postgres(postgres):
    """The name of a database with such a desk."""
    with postgres.database() as url:
        Database(url).close()
        yield conninfo_to_dict(url)["dbname"]


@pytest.fixture
def clean_imports(monkeypatch, tmp_path_factory):
    """Find no module of a graph that another test loaded, and leave neither modules nor environment behind."""
    ours = str(tmp_path_factory.getbasetemp())
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if not folder.startswith(ours)])
    monkeypatch.setattr(importing, "_roots", [])
    environment = dict(os.environ)
    _forget_modules_in(ours)
    yield
    _forget_modules_in(ours)
    os.environ.clear()
    os.environ.update(environment)


def _forget_modules_in(folder):
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]
