"""Absent and locked databases, broken graphs, unreadable rows: each is named with what to do, and the rest works."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pages.screen import until, words

from signoff import service
from signoff.database.executors import this_process
from signoff.decisions import Reviewer
from signoff.membership import alone_on
from signoff.reviews import Query

GRAPHS = Path(__file__).parents[2] / "graphs"


@pytest.fixture
def own_office(open_office, seeded, tmp_path, monkeypatch):
    """A desk that a test may break; another process is its engine, which saves starting and stopping one here."""
    monkeypatch.setattr("signoff.membership.Alone.join", lambda self: False)
    shutil.copy(seeded, tmp_path)
    yield open_office(tmp_path)
    service.stop_service()


def change(office, sql, *values):
    with closing(sqlite3.connect(office.folder / "demo.sqlite")) as connection, connection:
        connection.execute(sql, values)


@pytest.mark.parametrize("name", ["queue", "thread", "audit", "system"])
@pytest.mark.parametrize(
    ("database", "said"),
    [
        (None, "No checkpoint database is named"),
        ("missing.sqlite", "There is no file"),
        ("notes.txt", "is not a SQLite database"),
        ("other.sqlite", "holds no LangGraph checkpoints"),
    ],
)
def test_a_desk_that_cannot_open_says_on_every_page_why_and_what_to_do(open_office, tmp_path, name, database, said):
    (tmp_path / "notes.txt").write_text("no database " * 500)
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as connection:
        connection.execute("CREATE TABLE other (x)")

    app = open_office(tmp_path, DB=database).cold(name)

    assert not app.exception
    assert said in words(app)
    assert "signoff doctor" in words(app)


def test_a_database_that_is_locked_for_long_is_said_and_read_again_by_itself(own_office, monkeypatch):
    monkeypatch.setattr("signoff.checkpoints.sqlite.BUSY_SECONDS", 0.2)
    with closing(sqlite3.connect(own_office.folder / "demo.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        review = own_office.review(graph="transaction")
        other.execute("BEGIN EXCLUSIVE")
        app = own_office.start(review=review.id)
        assert not app.exception
        assert "stayed locked" in words(app)

    until(app, f"Thread {review.thread_id}")


def test_a_database_that_vanishes_is_missed_and_not_made_anew(own_office):
    review = own_office.review(graph="transaction")
    app = own_office.start(review=review.id)
    for path in own_office.folder.glob("demo.sqlite*"):
        shutil.move(path, path.with_name(f"moved-{path.name}"))

    until(app, "There is no file")
    with pytest.raises(Exception, match="There is no file"):
        own_office.desk.decide(review.id, {"approved": True}, reviewer=Reviewer(name="Ada"))
    assert not (own_office.folder / "demo.sqlite").exists()


def test_a_thread_that_is_deleted_while_it_is_open_says_so(own_office):
    review = own_office.review(graph="transaction")
    app = own_office.start(review=review.id)

    change(own_office, "DELETE FROM checkpoints WHERE thread_id = ?", review.thread_id)

    until(app, "its thread was deleted")
    assert review.id not in [each.id for each in own_office.desk.queue(Query(limit=500)).reviews]


def test_a_graph_that_does_not_load_is_shown_with_its_traceback_and_the_others_work(open_office, seeded, tmp_path):
    shutil.copy(seeded, tmp_path)
    (tmp_path / "wrong.py").write_text("def build():\n    raise LookupError('no <b>key</b> here')\n\ngraph = build()\n")
    office = open_office(tmp_path, GRAPHS=None, GRAPH=f"transaction=wrong.py:graph intake={GRAPHS}/intake.py:graph")
    said = words(office.page("system"))

    app = office.start(review=office.review(graph="transaction").id)

    assert "transaction did not load" in said
    assert "line 4, in <module>" in said
    assert "LookupError: no <b>key</b> here" in said
    assert "Graph 'transaction' did not load" in words(app)
    assert not [button for button in app.button if button.label == "Submit and resume"]


def test_a_row_that_cannot_be_read_costs_itself_alone(own_office):
    before = own_office.desk.queue(Query()).total
    change(own_office, "UPDATE checkpoints SET checkpoint = x'c1c1' WHERE thread_id = 'txn-10402'")
    own_office.desk.scanner.rebuild()

    system, queue = words(own_office.page("system")), own_office.page()

    assert "txn-10402" in system.split("Threads that cannot be read")[1]
    assert not queue.exception
    assert own_office.desk.queue(Query()).total in (before, before - 1)


def test_a_thread_that_may_belong_to_several_graphs_asks_for_its_graph_first(own_office):
    def look_closely(state):
        return {"approved": interrupt("Pay?")}

    builder = StateGraph(dict).add_node(look_closely).add_edge(START, "look_closely")
    own_office.pause(builder, "orphan")
    own_office.desk.scan()
    app = own_office.start(review=own_office.review(thread_id="orphan").id)
    assert "It is not certain which graph this thread belongs to" in words(app)

    graph = next(box for box in app.selectbox if box.placeholder == "Choose…")
    graph.set_value("intake").run()
    next(button for button in app.button if button.label == "This is its graph").click().run()

    assert own_office.review(thread_id="orphan").graph == "intake"
    assert [button for button in app.button if button.label == "Submit and resume"]


def test_a_payload_of_five_megabytes_is_shown_cut_and_can_be_answered(own_office):
    def ask(state):
        return {"approved": interrupt({"question": "Pay?", "evidence": "x" * 5_000_000})}

    own_office.pause(StateGraph(dict).add_node(ask).add_edge(START, "ask"), "big", graph_id="transaction")
    own_office.desk.scan()

    app = own_office.start(review=own_office.review(thread_id="big").id)

    assert not app.exception
    assert len(words(app)) < 3_000_000
    assert [button for button in app.button if button.label == "Submit and resume"]


def test_where_another_process_is_the_engine_the_system_page_says_that_this_one_stands_by(own_office):
    own_office.start()
    database = own_office.desk.database
    with alone_on(database):
        database.executors.enlist(this_process("other", graphs=("transaction",), concurrency=1))
        assert "another process; this one stands by" in words(own_office.page("system"))
