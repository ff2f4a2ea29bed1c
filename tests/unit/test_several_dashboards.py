"""Several processes on one desk in PostgreSQL: a change made by one is told to all, without asking again and again."""

import subprocess
import sys
import time

import pytest

from signoff.database import Database, listening
from signoff.database.listening import Listener

CHANGE = """
import sys
from signoff.database import Database
database = Database(sys.argv[1])
database.scans.choose_graph("t", "g", chosen_by="Ada")
database.close()
"""


class Reading:
    """Counts how often the database is asked."""

    def __init__(self, database: Database) -> None:
        self.database, self.times = database, 0

    def __call__(self) -> int:
        self.times += 1
        return self.database.scans.version()


@pytest.fixture
def desk(postgres_url):
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.fixture
def reading(desk):
    return Reading(desk)


@pytest.fixture
def listener(desk, reading, monkeypatch):
    monkeypatch.setattr(listening, "_TRUST_SECONDS", 600)  # so that what is told was heard, not asked for
    listener = Listener(desk.engine, reading)
    yield listener
    listener.close()


def until(seen, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def settled_down(listener):
    listener.version()
    until(lambda: listener.listening)
    time.sleep(0.2)
    return listener.version()


def test_a_change_that_another_process_makes_is_heard_of(desk, reading, listener):
    before = settled_down(listener)

    subprocess.run([sys.executable, "-c", CHANGE, desk.url], check=True)

    until(lambda: listener.version() != before)
    assert listener.version() == desk.scans.version()


def test_while_nothing_changes_nothing_is_asked(reading, listener):
    settled_down(listener)
    asked = reading.times

    for _ in range(50):
        listener.version()

    assert reading.times == asked


def test_without_a_connection_that_listens_the_database_is_asked_each_time(desk, reading, listener, postgres):
    settled_down(listener)
    postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    until(lambda: not listener.listening)
    asked = reading.times

    listener.version()
    listener.version()
    assert reading.times == asked + 2

    until(lambda: listener.listening)
    desk.scans.choose_graph("t", "g", chosen_by="Ada")
    until(lambda: listener.version() == desk.scans.version())


def test_the_first_look_is_what_begins_to_listen(listener):
    assert not listener.listening
    assert listener._thread.ident is None
