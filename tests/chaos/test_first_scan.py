"""A first scan that is killed in the middle leaves a queue that is right as far as it goes, and is completed later."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
import sqlalchemy as sa
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.graphs import load_graphs, read_sources
from signoff.reviews import Query
from signoff.scanner import Scanner

pytestmark = pytest.mark.chaos

THREADS = 18_000
SCAN = """
import sys
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.graphs import load_graphs, read_sources
from signoff.scanner import Scanner
Scanner(SqliteCheckpoints(sys.argv[1]), Database(sys.argv[2]), load_graphs(read_sources(None, ()))).scan()
"""


@pytest.fixture
def path(tmp_path):
    """A checkpoint database in which many threads wait: one that is really paused, copied under other ids."""
    path = tmp_path / "threads.sqlite"
    with closing(sqlite3.connect(path, check_same_thread=False)) as db:
        graph = StateGraph(dict).add_node("ask", lambda _: {"x": interrupt({"question": "Pay?", "order": "o-17"})})
        config = {"configurable": {"thread_id": "t"}}
        graph.add_edge(START, "ask").compile(checkpointer=SqliteSaver(db)).invoke({}, config)
        for table in ("checkpoints", "writes"):
            others = ", ".join(each[1] for each in db.execute(f"PRAGMA table_info({table})") if each[1] != "thread_id")
            db.execute(
                f"""WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {THREADS})
                INSERT INTO {table} (thread_id, {others}) SELECT 't' || i, {others} FROM {table}, n"""
            )
        db.commit()
    return path


def open_threads(database):
    return database.reviews.page(Query(limit=1)).total


def marks_and_texts(database):
    """Return how many keys are indexed, and how many reviews a search finds that reads the index alone."""
    with database.reading() as connection:
        marks = connection.execute(sa.text("SELECT count(*) FROM correlations")).scalar_one()
        found = connection.execute(sa.text("SELECT count(*) FROM words WHERE words MATCH '\"o-17\"'")).scalar_one()
    return marks, found


def test_a_first_scan_that_is_killed_is_completed_by_the_next(path, tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with closing(Database(url)) as database:
        dying = subprocess.Popen([sys.executable, "-c", SCAN, str(path), url])
        while not (seen := open_threads(database)):
            assert dying.poll() is None
            time.sleep(0.01)
        dying.kill()
        dying.wait()
        left = open_threads(database)

        assert 0 < seen <= left < THREADS
        assert marks_and_texts(database)[1] == left

    with closing(Database(url)) as database, closing(SqliteCheckpoints(path)) as checkpoints:
        scanner = Scanner(checkpoints, database, load_graphs(read_sources(None, ())))
        assert scanner.scan()
        assert not scanner.scan()

        marks, found = marks_and_texts(database)
        assert (open_threads(database), found, len(database.threads.ids(after="", limit=2 * THREADS))) == (THREADS,) * 3
        assert marks == THREADS * 3  # thread_id, question, order
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO words(words, rank) VALUES ('integrity-check', 1)")
