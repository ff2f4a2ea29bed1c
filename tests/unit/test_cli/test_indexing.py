"""The command line over PostgreSQL: what `signoff index` adds and takes away, what `doctor` says, an answer applied."""

import runpy
import sys

import pytest
from langgraph.checkpoint.postgres import PostgresSaver


@pytest.fixture
def on_postgres(shop, postgres_url):
    with PostgresSaver.from_conn_string(postgres_url) as saver:
        saver.setup()
    shop.db = postgres_url
    return shop


def index_check(shop):
    told = shop.json("doctor", "--desk", "desk.db")
    return next(check for check in told["checks"] if check["check"] == "index")


@pytest.mark.parametrize(("flags", "name"), [((), "the index"), (("--live",), "live triggers")])
def test_what_is_added_is_told_by_doctor_and_taken_away_again(on_postgres, flags, name):
    made = on_postgres.run("index", *flags)
    there = index_check(on_postgres)
    dropped = on_postgres.run("index", *flags, "--drop")

    assert (made.exit_code, dropped.exit_code) == (0, 0)
    assert "--drop" in made.stdout
    assert (there["level"], there["message"]) == ("fine", f"installed: {name}")
    assert index_check(on_postgres)["level"] == "note"


def test_a_question_in_postgresql_is_listed_and_its_answer_applied(on_postgres):
    with PostgresSaver.from_conn_string(on_postgres.db) as saver:
        graph = runpy.run_path(str(on_postgres.file))["orders"].copy({"checkpointer": saver})
        graph.invoke({"item": "chair"}, {"configurable": {"thread_id": "t1"}, "metadata": {"graph_id": "orders"}})
    [review] = on_postgres.json("list", "--desk", "desk.db")["reviews"]

    code, decision, told = on_postgres.finish(
        "decide", review["id"], "--answer", '{"approved": true}', "--wait", "60", "--desk", "desk.db"
    )

    assert (review["thread_id"], code, decision.get("outcome")) == ("t1", 0, "applied"), told


def test_a_sqlite_file_needs_no_index(shop):
    shop.pause("orders", "t1")

    result = shop.run("index")

    assert result.exit_code == 2
    assert "Only a PostgreSQL checkpoint database takes an index" in result.stderr


def test_the_missing_packages_are_named(on_postgres, monkeypatch):
    monkeypatch.delitem(sys.modules, "signoff.checkpoints.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg_pool", None)
    monkeypatch.delitem(sys.modules, "signoff.checkpoints.postgres_connection", raising=False)
    monkeypatch.delitem(sys.modules, "signoff.checkpoints.postgres_changes", raising=False)

    result = on_postgres.run("list", "--desk", "desk.db")

    assert result.exit_code == 2
    assert "pip install 'signoff[postgres]'" in result.stderr


def test_a_password_is_shown_nowhere(on_postgres):
    on_postgres.db = "postgresql://ada:s3cret@127.0.0.1:9/things?password=s3cret"

    for command in ("doctor", "list", "index"):
        result = on_postgres.run(command, "--desk", "desk.db")
        assert result.exit_code == 8
        assert "s3cret" not in result.output + result.stderr
