"""Threads are listed, and handed out as reports that can be checked, from the command line."""

import json
import sqlite3

import pytest


@pytest.fixture
def record(shop):
    shop.pause("orders", "t1")
    shop.pause("orders", "t2")
    answer = ("--answer", '{"approved": true}')
    assert shop.run("decide", shop.review("t1"), *answer, "--as", "Ada").exit_code == 0
    return shop


def test_threads_are_listed(record):
    told = record.json("threads", "--search", "T2")

    assert told["total"] == 1
    assert told["threads"][0] | {"updated_at": "", "checkpoint_id": ""} == {
        "thread_id": "t2",
        "source": "",
        "graph": "orders",
        "state": "waiting",
        "business_key": None,
        "checkpoint_id": "",
        "step": 0,
        "next": ["approve"],
        "updated_at": "",
    }


def test_threads_are_listed_for_people_page_by_page(record):
    told = record.run("threads", "--limit", "1").stdout

    assert "waiting  orders" in told
    assert "1 of 2; --offset 1 lists the next" in told
    assert record.run("threads", "--state", "failed").stdout == "No thread is like this.\n"


@pytest.mark.parametrize(
    ("words", "total"),
    [
        (("--graph", "orders"), 2),
        (("--graph", "bookings"), 0),
        (("--key", "graph_id=orders"), 2),
        (("--key", "graph_id=order"), 0),
        (("--since", "1d"), 2),
        (("--since", "2100-01-01"), 0),
        (("--state", "waiting"), 2),
    ],
)
def test_threads_are_filtered(record, words, total):
    assert record.json("threads", *words)["total"] == total


@pytest.mark.parametrize("words", [("--since", "soon"), ("--key", "nothing"), ("--state", "lost")])
def test_a_filter_that_is_none_is_refused(record, words):
    assert record.run("threads", *words).exit_code == 2


def test_a_report_is_written_and_confirmed(record, tmp_path):
    html, file = tmp_path / "t1.html", tmp_path / "t1.json"

    assert record.run("report", "t1", "--html", str(html), "--json", str(file)).exit_code == 0

    for path in (html, file):
        checked = record.run("report", "verify", str(path), "--with-desk")
        assert checked.exit_code == 0, checked.stdout
        assert "unchanged since it was written; 1 entries" in checked.stdout
    assert json.loads(file.read_text())["head"]["thread_id"] == "t1"
    assert sorted(path.name for path in tmp_path.glob("t1*")) == ["t1.html", "t1.json"]


def test_a_changed_report_is_refused(record, tmp_path):
    path = tmp_path / "t1.html"
    record.run("report", "t1", "--html", str(path))
    path.write_text(path.read_text().replace("Ada", "Eve"))

    checked = record.run("report", "verify", str(path))

    assert checked.exit_code == 1
    assert "The file was changed" in checked.stdout


def test_a_report_that_the_desk_does_not_know_is_refused(record, tmp_path):
    path = tmp_path / "t1.json"
    record.run("report", "t1", "--json", str(path))
    with sqlite3.connect(record.db.with_suffix(".signoff.db")) as desk:
        desk.execute("UPDATE audit SET hash = '0' WHERE seq = 1")
    desk.close()

    assert record.run("report", "verify", str(path)).exit_code == 0
    checked = record.run("report", "verify", str(path), "--with-desk")
    assert (checked.exit_code, checked.stdout) == (1, "Entry 1 of the trail is not what the desk has.\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("t1",), "Say what to write"),
        (("nobody", "--html", "x.html"), "There is no thread 'nobody'"),
        (("verify", "missing.html"), "cannot be read"),
        (("t1", "--html", "missing/x.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_reported_says_why(record, words, told):
    result = record.run("report", *words)

    assert result.exit_code != 0
    assert told in result.stderr
