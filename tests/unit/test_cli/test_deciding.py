"""How `decide` takes answers: what goes on record, what is refused, and with which exit code."""

import json
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

DECIDED = {
    "id", "review", "outcome", "reviewer", "answer", "error", "checkpoint_before", "checkpoint_after", "next",
}  # fmt: skip


def test_an_answer_goes_on_record_and_waits_for_an_engine(shop):
    shop.pause("orders", "t1")
    review = shop.review("t1")

    result = shop.run("decide", review, "--answer", '{"approved": true}', "--as", "Ada", "--comment", "fine", "--json")

    decided = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(decided) == DECIDED
    assert decided | {"id": ""} == {
        "id": "", "review": review, "outcome": "recorded", "reviewer": "Ada", "answer": {"approved": True},
        "error": None, "checkpoint_before": None, "checkpoint_after": None, "next": [],
    }  # fmt: skip
    assert "No engine runs now" in result.stderr
    assert [r["state"] for r in shop.json("list")["reviews"]] == ["applying"]


def test_the_second_answer_is_told_who_was_first(shop):
    shop.pause("orders", "t1")
    review = shop.review("t1")
    shop.run("decide", review, "--answer", '{"approved": true}', "--as", "Ada")

    result = shop.run("decide", review, "--answer", '{"approved": false}', "--as", "Bo", "--json")

    error = json.loads(result.stdout)["error"]
    assert result.exit_code == 3
    assert (error["type"], error["reviewer"]) == ("AlreadyDecided", "Ada")
    assert "already decided by Ada" in result.stderr


def test_an_answer_that_does_not_fit_is_refused_with_its_path(shop):
    shop.pause("orders", "t1")

    wrong = '{"approved": true, "note": "far too long"}'
    result = shop.run("decide", shop.review("t1"), "--answer", wrong, "--json")

    assert result.exit_code == 4
    assert [problem["path"] for problem in json.loads(result.stdout)["error"]["problems"]] == [["note"]]
    assert [r["state"] for r in shop.json("list")["reviews"]] == ["waiting"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("yes", "--answer '\"yes\"'"),
        ("{approved: true}", "single quotes"),
        ("NaN", "NaN is no JSON number"),
        ("@missing.json", "No such file"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_json_is_a_usage_error_that_says_how_to_write_it(shop, answer, says):
    shop.pause("orders", "t1")

    result = shop.run("decide", "any", "--answer", answer)

    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(("answer", "stdin"), [("@answer.json", None), ("-", b'\xef\xbb\xbf{"approved": false}')])
def test_an_answer_may_come_from_a_file_or_from_standard_input(shop, answer, stdin):
    shop.pause("orders", "t1")
    Path("answer.json").write_text('{"approved": false}')

    assert shop.json("decide", shop.review("t1"), "--answer", answer, input=stdin)["answer"] == {"approved": False}


def test_an_answer_to_what_is_no_longer_shown_is_refused(shop):
    shop.pause("orders", "t1")

    result = shop.run("decide", shop.review("t1"), "--answer", '{"approved": true}', "--seen", "0" * 64)

    assert result.exit_code == 6
    assert "has changed since it was shown" in result.stderr


def test_a_graph_that_does_not_load_leaves_its_reviews_readable(shop):
    shop.pause("orders", "t1")
    shop.file.write_text("import nothing_of_that_name")

    listed = shop.json("list")
    result = shop.run("decide", listed["reviews"][0]["id"], "--answer", '{"approved": true}')

    assert [review["graph"] for review in listed["reviews"]] == ["orders"]
    assert result.exit_code == 7
    assert "Graph 'orders' did not load: ModuleNotFoundError" in result.stderr
    assert "signoff doctor" in result.stderr


def test_a_thread_of_an_uncertain_graph_is_decided_once_the_graph_is_named(shop):
    shop.pause("orders", "t1", tagged=False)
    review = shop.review("t1")

    refused = shop.run("decide", review, "--answer", '{"approved": true}', "--json")
    named = shop.run("decide", review, "--answer", '{"approved": true}', "--use-graph", "orders", "--json")

    assert refused.exit_code == 5
    assert json.loads(refused.stdout)["error"]["candidates"] == ["orders", "bookings", "errands"]
    assert named.exit_code == 0
    assert shop.json("list")["reviews"][0]["graph"] == "orders"


def test_a_review_whose_thread_was_deleted_is_closed(shop):
    shop.pause("orders", "t1")
    review = shop.review("t1")
    with SqliteSaver.from_conn_string(str(shop.db)) as saver:
        saver.delete_thread("t1")

    result = shop.run("decide", review, "--answer", '{"approved": true}')

    assert result.exit_code == 3
    assert "its thread was deleted" in result.stderr
