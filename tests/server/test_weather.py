"""What becomes of an answer when the server, or we, die at the worst moment. Real processes, SIGKILL."""

import shutil

import pytest
from agent_server import DevServer
from contract.conftest import NoJobs, Store
from server.conftest import GRAPHS, ServerOffice, folder_of_graphs
from server.remote import NamedThreads, Saver

from signoff.agent_server import Unsure
from signoff.apply_server import ServerApplier
from signoff.checkpoints.locks import FileLocks
from signoff.checkpoints.server import ServerCheckpoints
from signoff.database import Database
from signoff.decisions import Outcome
from signoff.desk import Desk
from signoff.errors import BackendUnavailable
from signoff.graphs.server import ServerGraphs

pytestmark = pytest.mark.chaos


@pytest.fixture
def own(tmp_path):
    """A server for one test alone, to be killed, and an office over it."""
    folder = folder_of_graphs(tmp_path)
    dev = DevServer(folder, {name: f"./served.py:{name}" for name in GRAPHS}).start()
    server = NamedThreads(dev.url)
    checkpoints = ServerCheckpoints(server, FileLocks(tmp_path / "locks"), every=0)
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    graphs = ServerGraphs(server)
    desk = Desk(checkpoints, database, graphs, NoJobs())
    applier = ServerApplier(checkpoints=checkpoints, graphs=graphs, journal=database.decisions)
    yield dev, ServerOffice(Store(Saver(server), checkpoints), desk, graphs, applier)
    database.close()
    server.close()
    dev.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_an_answer_recorded_while_the_server_is_dead_is_applied_when_it_is_back(own):
    dev, office = own
    [review] = office.start("slow")
    decision = office.decide(review, "yes")
    dev.stop()  # in peace, so that it remembers

    with pytest.raises(BackendUnavailable, match="does not answer"):
        office.applier.apply(decision)
    assert office.desk.decision(decision.id).outcome is Outcome.RECORDED

    dev.start()
    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert office.values()["log"] == ["yes", "slept"]


def test_a_dev_server_that_forgets_the_run_is_given_the_answer_again_by_the_same_decision(own):
    """`langgraph dev` writes down what it knows every ten seconds; killed before, it stands at the question again."""
    dev, office = own
    [review] = office.start("slow", x=3)
    decision = office.decide(review, "yes")
    dev.stop()
    dev.start()
    server = office.store.checkpoints.server
    real, killed = server.begin, []

    def begin(*given, **more):
        run = real(*given, **more)
        if not killed:
            killed.append(run["run_id"])
            dev.kill()
        return run

    server.begin = begin
    with pytest.raises(BackendUnavailable):
        office.applier.apply(decision)
    assert office.desk.decision(decision.id).outcome is Outcome.APPLYING

    dev.start()
    settled = office.deliver(decision)

    assert settled.outcome is Outcome.APPLIED
    assert office.values()["log"] == ["yes", "slept"]


def test_a_run_that_began_although_the_connection_broke_is_found_and_no_second_one_is_begun(own):
    _, office = own
    [review] = office.start("slow", x=1)
    decision = office.decide(review, "yes")
    server = office.store.checkpoints.server
    real = server.begin

    def begin(*given, **more):
        real(*given, **more)
        raise Unsure("the connection broke")

    server.begin = begin

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert len(server.runs("t")) == 2


def test_we_die_while_the_server_runs_and_find_the_run_by_our_decision(own):
    _, office = own
    [review] = office.start("slow", x=2)
    decision = office.decide(review, "yes")
    server = office.store.checkpoints.server
    real = server.events
    server.events = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        office.applier.apply(decision)
    server.events = real

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert office.values()["log"] == ["yes", "slept"]
    assert len(server.runs("t")) == 2
