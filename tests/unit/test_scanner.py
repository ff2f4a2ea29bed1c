"""The projection of a SQLite checkpoint database into the queue: only what changed is read, and nothing is made up."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from weakref import ref

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from signoff.checkpoints import head
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.errors import BackendUnavailable
from signoff.graphs import load_graphs, read_sources
from signoff.reviews import Query, Sort
from signoff.scanner import Scanner
from signoff.sweep import Sweep

reached, go_on = threading.Event(), threading.Event()


def of(*nodes):
    return StateGraph(dict).add_sequence(nodes).add_edge(START, nodes[0].__name__)


def ask(state):
    return {"x": interrupt(state.get("question", "Ask?"))}


def check(state):
    return {"x": interrupt("Check?")}


def think_then_ask(state):
    reached.set()
    go_on.wait(60)
    return {"x": interrupt("After long thought?")}


orders = of(ask)
audits = of(check)
audits_too = of(check)
slow = of(think_then_ask)
unknown = StateGraph(dict).add_node("elsewhere", ask).add_edge(START, "elsewhere")
NAMES = ("orders", "audits", "audits_too", "slow")


class Floor:
    """A checkpoint database that graphs write to, and the scanner that reads it."""

    def __init__(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "threads.sqlite", check_same_thread=False)
        self.saver = SqliteSaver(self.connection)
        self.saver.setup()
        self.checkpoints = SqliteCheckpoints(folder / "threads.sqlite")
        self.database = Database(f"sqlite:///{folder / 'desk.db'}")
        self.scanner = self.opened(*NAMES)

    def opened(self, *names: str) -> Scanner:
        graphs = load_graphs(read_sources(None, [f"{name}={__file__}:{name}" for name in names]))
        return Scanner(self.checkpoints, self.database, graphs)

    def run(self, builder, thread, given=None, **metadata):
        config = {"configurable": {"thread_id": thread}, "metadata": metadata}
        builder.compile(checkpointer=self.saver).invoke({} if given is None else given, config)

    def open(self, **wanted):
        return self.database.reviews.page(Query(sort=Sort.OLDEST, **wanted)).reviews

    def close(self) -> None:
        self.checkpoints.close()
        self.database.close()
        self.connection.close()


@pytest.fixture
def floor(tmp_path):
    with closing(Floor(tmp_path)) as opened:
        yield opened


@pytest.fixture
def decoded(monkeypatch):
    """The values that were decoded."""
    seen = []
    decode = head.decode
    monkeypatch.setattr(head, "decode", lambda kind, blob: seen.append(blob) or decode(kind, blob))
    return seen


def test_a_scan_with_nothing_new_decodes_nothing_and_changes_nothing(floor, decoded):
    for thread in ("t1", "t2"):
        floor.run(orders, thread)
    assert floor.scanner.scan()
    assert decoded
    decoded.clear()
    version = floor.database.scans.version()

    assert not floor.scanner.scan()

    assert (decoded, floor.database.scans.version()) == ([], version)


def test_processes_that_keep_one_desk_up_to_date_read_no_more_often_than_one_and_take_over_when_it_stops(floor):
    (kept_up,) = floor.opened(*NAMES).scans
    floor.run(orders, "t1")
    assert floor.scanner.scan()
    floor.run(orders, "t2")

    assert not kept_up()
    assert len(floor.open()) == 1

    (lock,) = Path(floor.database.file).parent.glob("*.scan.lock")
    os.utime(lock, (0, 0))
    assert kept_up()
    assert len(floor.open()) == 2


def test_a_scan_that_failed_and_a_clock_that_was_set_back_keep_no_other_process_from_scanning(floor, monkeypatch):
    (kept_up,) = floor.opened(*NAMES).scans
    floor.run(orders, "t1")
    with monkeypatch.context() as broken:
        broken.setattr(floor.database.scans, "cursor", away)
        with pytest.raises(BackendUnavailable):
            floor.scanner.scan()
    assert kept_up()

    floor.run(orders, "t2")
    (lock,) = Path(floor.database.file).parent.glob("*.scan.lock")
    os.utime(lock, (time.time() + 3600,) * 2)
    assert kept_up()
    assert len(floor.open()) == 2


def away(*_asked):
    raise BackendUnavailable("The database is away.")


def test_a_scan_reads_the_threads_that_moved_and_no_others(floor, decoded):
    floor.run(orders, "t1", {"question": "first"})
    floor.scanner.scan()
    decoded.clear()

    floor.run(orders, "t2", {"question": "second"})
    floor.scanner.scan()

    assert not any(b"first" in blob for blob in decoded)
    assert [review.title for review in floor.open()] == ["first", "second"]


def test_a_scan_holds_one_decoded_thread_at_a_time(floor, monkeypatch):
    seen, alive = [], []

    def heads(*given):
        for found in read(*given):
            seen.append(ref(found))
            alive.append(sum(one() is not None for one in seen))
            yield found

    read = floor.checkpoints.heads
    monkeypatch.setattr(floor.checkpoints, "heads", heads)
    for number in range(6):
        floor.run(orders, f"t{number}", {"question": "Ask?", "number": number})

    floor.scanner.scan()

    assert len(floor.open()) == len(alive) == 6
    assert max(alive) <= 2  # the one that is read, and the one before it


def test_a_restarted_scanner_goes_on_where_the_last_one_stopped(floor, decoded):
    floor.run(orders, "t1")
    floor.scanner.scan()
    decoded.clear()

    assert not floor.opened(*NAMES).scan()
    assert decoded == []


def test_other_graphs_make_a_scanner_read_everything_again(floor):
    floor.run(orders, "t1")
    floor.opened("slow").scan()
    assert floor.open()[0].graph is None

    floor.opened("orders", "slow").scan()

    assert floor.open()[0].graph == "orders"


def test_a_thread_that_was_answered_elsewhere_or_deleted_leaves_the_queue(floor):
    for thread in ("answered", "deleted", "kept"):
        floor.run(orders, thread)
    floor.scanner.scan()

    floor.run(orders, "answered", Command(resume="yes"))
    floor.saver.delete_thread("deleted")
    floor.scanner.scan()

    assert [review.thread_id for review in floor.open()] == ["kept"]


def test_a_queue_that_is_built_anew_has_the_same_reviews(floor):
    for thread in ("t1", "t2", "t3"):
        floor.run(orders, thread)
    floor.scanner.scan()
    before = floor.open()

    floor.scanner.rebuild()

    assert floor.open() == before


def test_a_thread_waits_since_its_checkpoint_was_made_when_nobody_looked_before(floor):
    floor.run(orders, "t1")
    [written] = [step for step in floor.checkpoints.steps("t1", limit=1)]

    floor.scanner.scan()

    assert floor.open()[0].paused_at == written.created_at


def test_a_node_that_works_long_before_it_asks_has_not_been_waiting_meanwhile(floor):
    working = threading.Thread(target=floor.run, args=(slow, "t1"))
    working.start()
    reached.wait(60)
    looked_at = datetime.now(UTC)
    floor.scanner.scan()
    assert floor.open() == ()

    go_on.set()
    working.join(10)
    floor.scanner.scan()

    [review] = floor.open()
    assert floor.checkpoints.steps("t1", limit=1)[0].created_at < looked_at <= review.paused_at


@pytest.mark.parametrize(
    ("builder", "metadata", "graph", "candidates"),
    [
        (orders, {"graph_id": "audits"}, "audits", ()),
        (orders, {"graph_id": "unheard of"}, "unheard of", ()),
        (orders, {"assistant_id": "audits"}, "audits", ()),
        (orders, {"assistant_id": "fe096781-5601-53d2-b2f6-0d3403f7e9ca"}, "orders", ()),
        (orders, {}, "orders", ()),
        (audits, {}, None, ("audits", "audits_too")),
        (unknown, {}, None, ()),
    ],
    ids=["named", "named, not loaded", "assistant", "foreign assistant", "by its nodes", "two fit", "none fits"],
)
def test_the_graph_of_a_thread_comes_from_its_metadata_or_from_its_nodes(floor, builder, metadata, graph, candidates):
    floor.run(builder, "t1", **metadata)

    floor.scanner.scan()

    assert [review.graph for review in floor.open()] == [graph]
    assert floor.scanner.graph_of(*floor.checkpoints.heads(["t1"])) == (graph, candidates)


def test_the_graph_that_a_person_chose_counts_before_all_others(floor):
    floor.run(orders, "t1", graph_id="orders")
    floor.database.scans.choose_graph("t1", "audits", chosen_by="Ada")

    floor.scanner.scan()

    assert floor.open()[0].graph == "audits"


def test_a_deleted_thread_leaves_the_queue_while_others_move(floor):
    for thread in ("t1", "t2"):
        floor.run(orders, thread)
    floor.scanner.scan()
    for scan in (floor.scanner.scan, floor.opened(*NAMES).scan):
        floor.saver.delete_thread(floor.open()[0].thread_id)
        floor.run(orders, f"t{scan}")

        assert scan()
        assert floor.open()[0].thread_id != "t1"

    assert len(floor.open()) == 2


@pytest.mark.parametrize("vacuum", ["NONE", "FULL"])
def test_where_a_deletion_frees_space_it_is_found_at_once_however_many_threads_there_are(tmp_path, monkeypatch, vacuum):
    with closing(sqlite3.connect(tmp_path / "threads.sqlite")) as new:
        new.execute(f"PRAGMA auto_vacuum = {vacuum}")
        new.execute("VACUUM")
    monkeypatch.setattr(Sweep, "next", lambda self, **_: ())  # among so many that the sweep does not come to it soon
    with closing(Floor(tmp_path)) as floor:
        for thread in ("t1", "t2", "t3"):
            floor.run(orders, thread, {"question": "?" * 9_000})
            floor.scanner.scan()

        floor.saver.delete_thread("t1")
        floor.run(orders, "t4")
        floor.scanner.scan()

        assert [review.thread_id for review in floor.open()] == ["t2", "t3", "t4"]


def test_a_look_that_met_a_dead_database_is_made_up_for_by_the_next_scan(floor, monkeypatch):
    floor.run(orders, "t1")
    floor.scanner.scan()
    [before] = floor.open()
    floor.database.reviews.project(["t1"], ())  # the queue says something else, and nothing will ever move the thread

    def away(*_):
        raise BackendUnavailable("away")

    with monkeypatch.context() as dead:
        dead.setattr(floor.checkpoints, "heads", away)
        with pytest.raises(BackendUnavailable):
            floor.scanner.look(["t1"])
    assert floor.open() == ()

    floor.scanner.scan()
    assert [one.id for one in floor.open()] == [before.id]


def test_of_a_round_each_scan_takes_the_less_the_more_has_moved_and_all_are_looked_for():
    threads = [f"t{number:04}" for number in range(1_000)]
    sweep = Sweep(lambda *, after, limit: [one for one in threads if one > after][:limit], size=100)
    sweep.begin()

    rounds = [sweep.next(beside=moved) for moved in (0, 50, 5_000)]
    assert [len(one) for one in rounds] == [100, 16, 1]
    while found := sweep.next(beside=7):
        rounds.append(found)

    assert [one for found in rounds for one in found] == threads
