"""The demo's database: a believable day, made by running the example graphs for real."""

import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from langgraph.checkpoint.base import empty_checkpoint

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo():
    spec = spec_from_file_location("demo_seed_under_test", Path(__file__).parents[2] / "graphs" / "seed.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(demo, path):
    """Return the newest root checkpoint of every thread, with the interrupts and errors still open on it."""
    with demo.open_saver(path) as saver:
        newest = {}
        for stored in list(saver.list(None)):
            newest.setdefault(stored.config["configurable"]["thread_id"], stored)
        graphs = {prefix: demo.examples[graph].graph for graph, prefix in demo.cases.PREFIXES.items()}
        states = {
            thread: graphs[thread.rpartition("-")[0]]
            .copy({"checkpointer": saver})
            .get_state({"configurable": {"thread_id": thread}})
            for thread in newest
        }
    return newest, states


@pytest.fixture(scope="module")
def seeded(demo, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    demo.seed(path, seed=7, now=NOW)
    return path


def test_the_day_has_dozens_of_threads_over_all_graphs_paused_and_finished(demo, seeded):
    newest, states = read(demo, seeded)

    assert 50 <= len(newest) <= 70
    assert {thread.rpartition("-")[0] for thread in newest} == set(demo.cases.PREFIXES.values())
    assert sum(bool(state.next) for state in states.values()) >= 35
    assert sum(not state.next for state in states.values()) >= 10


def test_one_claim_is_half_answered_one_node_has_raised_and_one_chokes_on_its_answer(demo, seeded):
    _, states = read(demo, seeded)

    claims = [len(state.interrupts) for thread, state in states.items() if thread.startswith("claim")]
    errors = [task.error for _, state in sorted(states.items(), reverse=True) for task in state.tasks if task.error]
    assert sorted(claims)[:2] == [0, 2]
    assert [error.split("(")[0] for error in errors] == ["ConnectionError", "KeyError"]


def test_checkpoint_ids_and_times_agree_and_lie_in_the_past(demo, seeded):
    with demo.open_saver(seeded) as saver:
        stored = [found.checkpoint for found in list(saver.list(None))]

    for checkpoint in stored:
        high, middle, low = checkpoint["id"].split("-")[:3]
        ticks = (int(high + middle, 16) << 12) | (int(low, 16) & 0x0FFF)
        inside = datetime.fromtimestamp((ticks - 0x01B21DD213814000) / 1e7, UTC)
        assert abs(inside - datetime.fromisoformat(checkpoint["ts"])) < timedelta(seconds=1)
        assert NOW - timedelta(days=30) < inside < NOW


def test_the_clock_is_set_right_again_after_seeding(seeded):
    assert abs(datetime.fromisoformat(empty_checkpoint()["ts"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_some_threads_do_not_say_which_graph_they_belong_to(demo, seeded):
    newest, _ = read(demo, seeded)

    untagged = [thread for thread, stored in newest.items() if "graph_id" not in stored.metadata]
    assert 5 <= len(untagged) <= len(newest) / 3


def test_the_same_seed_gives_the_same_day(demo, seeded, tmp_path):
    demo.seed(tmp_path / "again.sqlite", seed=7, now=NOW)

    _, first = read(demo, seeded)
    _, second = read(demo, tmp_path / "again.sqlite")
    told = [{t: (s.values, s.next, [i.value for i in s.interrupts]) for t, s in day.items()} for day in (first, second)]
    chats = [thread for thread in told[0] if thread.startswith("chat")]  # their messages carry random ids
    assert {t: v for t, v in told[0].items() if t not in chats} == {t: v for t, v in told[1].items() if t not in chats}


def test_the_trickle_starts_threads_until_it_is_stopped(demo, tmp_path):
    path, stop = tmp_path / "living.sqlite", threading.Event()
    worker = threading.Thread(target=demo.trickle, args=(path,), kwargs={"every": 0.01, "stop": stop})

    worker.start()
    deadline = time.monotonic() + 60
    while _threads(path) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    worker.join(60)

    assert _threads(path) >= 2
    assert not worker.is_alive()


def _threads(path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'").fetchone():
            return 0
        return connection.execute("SELECT count(DISTINCT thread_id) FROM checkpoints").fetchone()[0]
