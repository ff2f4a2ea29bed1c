"""The record can be checked and handed out from the command line."""

import csv
import io
import json
import sqlite3

import pytest
from typer.testing import CliRunner

from signoff.cli import app


@pytest.fixture
def record(shop):
    shop.pause("orders", "t1")
    shop.pause("orders", "t2")
    for thread in ("t1", "t2"):
        answer = ("--answer", '{"approved": true}')
        assert shop.run("decide", shop.review(thread), *answer, "--comment", "=1+1", "--as", "Ada").exit_code == 0
    return shop


def audit(shop, *words):
    return CliRunner().invoke(app, ["audit", words[0], *shop.words("")[1:], *words[1:]], catch_exceptions=False)


def test_an_untouched_record_verifies(record):
    result = audit(record, "verify", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) | {"newest": ""} == {"ok": True, "entries": 2, "newest": "", "problems": []}


def test_a_changed_record_is_found(record):
    with sqlite3.connect(record.db.with_suffix(".signoff.db")) as desk:
        desk.execute("UPDATE decisions SET reviewer = 'Mallory' WHERE thread_id = 't1'")
    desk.close()

    result = audit(record, "verify")

    assert result.exit_code == 1
    assert "was changed: reviewer" in result.stdout


def test_an_export_for_a_spreadsheet_holds_no_formula(record):
    rows = list(csv.DictReader(io.StringIO(audit(record, "export").stdout)))

    assert [row["thread_id"] for row in rows] == ["t1", "t2"]
    assert {row["comment"] for row in rows} == {"'=1+1"}
    assert {row["resume"] for row in rows} == {'{"approved": true}'}


def test_an_export_as_json_holds_what_was_answered(record):
    [first, _] = json.loads(audit(record, "export", "--format", "json").stdout)

    assert (first["reviewer"], first["answer"], first["comment"]) == ("Ada", {"approved": True}, "=1+1")


def test_one_decision_is_told_from_what_was_proposed_to_what_was_written(shop):
    shop.pause("orders", "t1")
    _, decided, _ = shop.finish("decide", shop.review("t1"), "--answer", '{"approved": true}', "--wait", "30")

    told = json.loads(audit(shop, "show", decided["id"], "--json").stdout)
    story = audit(shop, "show", decided["id"]).stdout

    assert (told["outcome"], told["resume"], told["shown"]["payload"]["item"]) == (
        "applied",
        {"approved": True},
        "chair",
    )
    assert {"node": "approve", "channel": "approved", "value": True} in told["wrote"]["writes"]
    assert [one["event"] for one in told["ran"] if one["node"] == "approve"] == ["started", "finished"]
    assert 'wrote     approve: {"approved": true}' in story
    assert "outcome   applied" in story


def test_an_unknown_decision_says_where_ids_are(shop):
    shop.pause("orders", "t1")

    result = audit(shop, "show", "nobody")

    assert result.exit_code == 2
    assert "There is no decision 'nobody'" in result.stderr


def test_an_export_holds_what_was_proposed_edited_and_written(record):
    first = json.loads(audit(record, "export", "--format", "json").stdout)[0]

    assert (first["proposed"], first["edits"], first["wrote"]) == (None, [], None)
