"""One `langgraph dev` for all tests of a session, emptied before each; a desk over it."""

import shutil
from contextlib import suppress
from pathlib import Path

import contract.graphs
import pytest
from agent_server import DevServer
from contract.conftest import NoJobs, Office, Store
from server.remote import NamedThreads, Saver

from signoff.apply_server import ServerApplier
from signoff.checkpoints.locks import FileLocks
from signoff.checkpoints.server import ServerCheckpoints
from signoff.database import Database
from signoff.desk import Desk
from signoff.graphs.server import ServerGraphs

HERE = Path(__file__).parent
GRAPHS = (
    *(make.__name__ for make in contract.graphs.ALL),
    *("beside", "slow", "failing", "stops", "configured", "side"),
)


def folder_of_graphs(folder: Path) -> Path:
    shutil.copy(HERE / "served.py", folder / "served.py")
    shutil.copy(Path(contract.graphs.__file__), folder / "contract_graphs.py")
    return folder


@pytest.fixture(scope="session")
def dev_server(tmp_path_factory):
    folder = folder_of_graphs(tmp_path_factory.mktemp("agent_server"))
    server = DevServer(folder, {name: f"./served.py:{name}" for name in GRAPHS}).start()
    yield server
    server.stop()


@pytest.fixture
def server(dev_server):
    """The server without any thread."""
    opened = NamedThreads(dev_server.url)
    while rows := opened.search(limit=1_000, select=["thread_id"]):
        for row in rows:
            opened.delete(row["thread_id"])
    yield opened
    opened.close()


@pytest.fixture
def store(server, tmp_path):
    checkpoints = ServerCheckpoints(server, FileLocks(tmp_path / "locks"), every=0)
    return Store(Saver(server), checkpoints)


class ServerOffice(Office):
    def start(self, name, thread_id="t", **given):
        """Run a graph of the server by its name, up to its pause or its failure."""
        with suppress(ValueError, ZeroDivisionError):
            self.store.saver.serve(name).invoke({"x": 0, "log": []} | given, {"configurable": {"thread_id": thread_id}})
        return self.reviews(thread_id)

    def pause(self, make, thread_id="t"):
        make(self.store.saver).invoke({"x": 0, "log": []}, {"configurable": {"thread_id": thread_id}})
        return self.reviews(thread_id)

    def reviews(self, thread_id="t"):
        self.desk.scan()
        self.desk.scanner.look([thread_id])  # as when somebody opens it: a row tells neither node nor checkpoint
        return super().reviews(thread_id)


@pytest.fixture
def office(store, server, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    graphs = ServerGraphs(server)
    graphs.add = lambda name, make: None
    desk = Desk(store.checkpoints, database, graphs, NoJobs())
    applier = ServerApplier(checkpoints=store.checkpoints, graphs=graphs, journal=database.decisions)
    yield ServerOffice(store, desk, graphs, applier)
    database.close()
