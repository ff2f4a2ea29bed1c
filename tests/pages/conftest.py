"""Desks in folders of their own, opened by Streamlit's AppTest in this very process, one after another."""

import os
import runpy
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from streamlit.testing.v1 import AppTest

from signoff import service
from signoff.decisions import Decision
from signoff.desk import Desk
from signoff.engine import wait_for
from signoff.reviews import Query, Review

ROOT = Path(__file__).parents[2]


@dataclass
class Office:
    """A folder with a checkpoint database, and the dashboard on it."""

    folder: Path

    @property
    def desk(self) -> Desk:
        return service.service().desk

    def page(self, name: str = "queue", **query: str) -> AppTest:
        """Open a page through the dashboard, as a visitor does who comes from another page."""
        app = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60).run()
        return _opened(app.switch_page(f"pages/{name}.py"), query)

    def cold(self, name: str, **query: str) -> AppTest:
        """Open a page first of all: Streamlit 1.67 then runs it alone, without ``dashboard.py``."""
        app = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
        return _opened(app.switch_page(f"pages/{name}.py"), query)

    def start(self, **query: str) -> AppTest:
        """Open the dashboard's own address."""
        return _opened(AppTest.from_file(ROOT / "dashboard.py", default_timeout=60), query)

    def review(self, **wanted: Any) -> Review:
        found = self.desk.queue(Query(limit=500)).reviews
        return next(r for r in found if all(getattr(r, name) == value for name, value in wanted.items()))

    def settled(self, decision: Decision) -> Decision | None:
        """Wait for the outcome, and for the queue to know what the thread waits for now."""
        found = wait_for(self.desk.database, decision.id, seconds=60)
        self.desk.scan()
        return found

    def pause(self, builder: Any, thread: str, graph_id: str | None = None, **state: Any) -> None:
        """Run a graph from this state up to its first question."""
        with closing(sqlite3.connect(self.folder / "demo.sqlite", check_same_thread=False)) as connection:
            metadata = {"graph_id": graph_id} if graph_id else {}
            config = {"configurable": {"thread_id": thread}, "metadata": metadata}
            builder.compile(checkpointer=SqliteSaver(connection)).invoke(state, config)


def _opened(app: AppTest, query: dict[str, str]) -> AppTest:
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's checkpoint database."""
    path = tmp_path_factory.mktemp("seeded") / "demo.sqlite"
    runpy.run_path(str(ROOT / "graphs" / "seed.py"))["seed"](path)
    return path


@pytest.fixture(scope="module")
def open_office() -> Iterator[Callable[..., Office]]:
    """Open a desk in a folder; the process has one at a time, so the one before is closed first."""
    with pytest.MonkeyPatch.context() as patch:

        def opened(folder: Path, **settings: str | None) -> Office:
            service.stop_service()
            patch.chdir(folder)
            for name in [name for name in os.environ if name.startswith("SIGNOFF_")]:
                patch.delenv(name)
            given = {"DB": str(folder / "demo.sqlite"), "GRAPHS": str(ROOT / "langgraph.json"), "AS": "Ada"} | settings
            for name, value in given.items():
                if value is not None:
                    patch.setenv(f"SIGNOFF_{name}", value)
            return Office(folder)

        yield opened
        service.stop_service()


@pytest.fixture(scope="module")
def office(open_office, seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The demo's desk, shared by the tests of a module that only look or that take a thread of their own."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copy(seeded, folder)
    return open_office(folder)


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    """A folder with a checkpoint database in which nothing has run yet."""
    with closing(sqlite3.connect(tmp_path / "demo.sqlite")) as connection:
        SqliteSaver(connection).setup()
    return tmp_path
