"""What `list`, `show` and `history` print, and how every command ends when there is nothing to read."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from signoff.cli import app, showing

STEP = {
    "checkpoint_id", "checkpoint_ns", "parent_id", "step", "source", "created_at", "next", "values", "writes",
    "interrupts", "error", "decisions",
}  # fmt: skip
LISTED = {
    "id", "thread_id", "source", "graph", "node", "kind", "interrupt_id", "checkpoint_id", "title", "state", "priority",
    "due_at", "paused_at", "assignee", "dialect", "expires_at", "escalated_at", "follow_up_at",
}  # fmt: skip
SHOWN = {
    "id", "thread_id", "source", "graph", "node", "kind", "state", "interrupt_id", "checkpoint_id", "title", "dialect",
    "payload", "body", "schema", "fields", "digest", "decisions", "expires_at", "escalated_at", "follow_up_at",
    "on_timeout", "snoozed_by", "time_note", "code_changed_since", "claim", "comments",
}  # fmt: skip


def test_list_prints_every_review_in_the_shape_of_the_contract(shop):
    shop.pause("orders", "t1")
    shop.pause("bookings", "t2", item="lamp")

    listed = shop.json("list")

    assert listed["total"] == 2
    assert [set(review) for review in listed["reviews"]] == [LISTED, LISTED]
    assert {review["title"] for review in listed["reviews"]} == {"Order chair?", "Order lamp?"}
    assert {review["kind"] for review in listed["reviews"]} == {"interrupt"}


@pytest.mark.parametrize(
    ("options", "threads"),
    [
        (["--graph", "bookings"], ["t2"]),
        (["--search", "LAMP order"], ["t2"]),
        (["--state", "closed"], []),
        (["--limit", "1"], ["t1"]),
        (["--limit", "1", "--offset", "1"], ["t2"]),
    ],
)
def test_list_shows_only_what_was_asked_for(shop, options, threads):
    shop.pause("orders", "t1")
    shop.pause("bookings", "t2", item="lamp")

    assert [review["thread_id"] for review in shop.json("list", *options)["reviews"]] == threads


@pytest.mark.parametrize(
    ("options", "threads"),
    [
        (["--node", "approve"], ["t1", "t2"]),
        (["--node", "other"], []),
        (["--priority", "normal", "--sort", "newest"], ["t2", "t1"]),
        (["--sort", "title"], ["t1", "t2"]),
        (["--assignee", "@none", "--older", "0m"], ["t1", "t2"]),
        (["--assignee", "@me"], []),
        (["--dialect", "native", "--due", "never"], ["t1", "t2"]),
        (["--due", "overdue"], []),
        (["--older", "1h"], []),
        (["--tag", "eu"], []),
        (["--group", "finance"], []),
        (["--key", "item=lamp"], ["t2"]),
        (["--key", "4711"], []),
    ],
)
def test_list_takes_the_filters_of_the_queue(shop, options, threads):
    shop.pause("orders", "t1")
    shop.pause("bookings", "t2", item="lamp")

    assert [review["thread_id"] for review in shop.json("list", *options)["reviews"]] == threads


def test_list_sees_what_was_paused_since_it_last_ran(shop):
    shop.pause("orders", "t1")
    assert shop.json("list")["total"] == 1

    shop.pause("orders", "t2")

    assert shop.json("list")["total"] == 2


def test_foreign_text_cannot_steer_the_terminal_and_is_cut_at_its_edge(shop):
    shop.pause("orders", "t\x1b[2J", item="\x1b]0;owned\x07\u202echair" + " of oak" * 40)

    listed = shop.run("list", env={"COLUMNS": "120"}).stdout
    shown = shop.run("show", shop.review("t\x1b[2J")).stdout

    assert max(map(len, listed.splitlines())) <= 120
    assert "t\\x1b[2J" in shown
    assert "\\u202echair" in shown
    assert not set("\x1b\x07\u202e") & set(listed + shown)


def test_show_prints_what_the_reviewer_is_shown_in_the_shape_of_the_contract(shop):
    shop.pause("orders", "t1")

    shown = shop.json("show", shop.review("t1"))

    assert set(shown) == SHOWN
    assert shown["payload"] == {"title": "Order chair?", "item": "chair"}
    assert shown["schema"]["required"] == ["approved"]
    assert {"path": ["approved"], "kind": "boolean", "label": "Approved", "required": True} in shown["fields"]
    assert len(shown["digest"]) == 64


def test_show_says_how_to_decide_without_offering_an_answer_to_paste(shop):
    shop.pause("orders", "t1")
    review = shop.review("t1")

    shown = shop.run("show", review).stdout

    assert "Order chair?" in shown
    assert f'signoff decide {review} --answer \'{{"approved": <boolean>' in shown
    assert f"--seen {shop.json('show', review)['digest']}" in shown


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (["show", "nobody"], 2, "There is no review 'nobody'"),
        (["decide", "nobody", "--answer", "1"], 2, "There is no review 'nobody'"),
        (["history", "nobody"], 2, "There is no thread 'nobody'"),
        (["list", "--limit", "0"], 2, "--limit"),
        (["list", "--state", "lost"], 2, "--state"),
        (["list", "--older", "soon"], 2, "write it as 30m, 4h or 2d"),
        (["list", "--sort", "size"], 2, "--sort"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(shop, command, code, says):
    shop.pause("orders", "t1")

    result = shop.run(*command)

    assert (result.exit_code, result.stdout) == (code, "")
    assert says in result.stderr


@pytest.mark.parametrize(
    "command", [["list"], ["show", "x"], ["decide", "x", "--answer", "1"], ["history", "x"], ["work"]]
)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "There is no file"),
        (b"Not a database at all. " * 400, "not a SQLite database"),
        (b"", "no LangGraph checkpoints"),
    ],
)
def test_what_is_no_checkpoint_database_ends_every_command_with_8(shop, command, content, says):
    if content is not None:
        shop.db.write_bytes(content)

    result = shop.run(*command)

    assert result.exit_code == 8
    assert says in result.stderr
    assert not list(shop.db.parent.glob("*.signoff.db"))


def test_an_agent_server_that_does_not_answer_is_called_as_the_api_calls_it():
    result = CliRunner().invoke(app, ["list", "--db", "http://127.0.0.1:9", "--json"])

    assert (result.exit_code, json.loads(result.stdout)["error"]["type"]) == (8, "BackendUnavailable")


def test_without_a_database_the_message_says_what_to_give():
    result = CliRunner().invoke(app, ["list", "--json"])

    assert result.exit_code == 2
    assert "signoff demo" in json.loads(result.stdout)["error"]["message"]


def test_a_desk_that_cannot_be_written_is_named(shop):
    shop.pause("orders", "t1")

    result = shop.run("list", "--desk", "/proc/none/desk.db")

    assert result.exit_code == 8
    assert "/proc/none/desk.db cannot be used" in result.stderr


def test_settings_come_from_signoff_toml_in_the_working_folder(shop):
    shop.pause("orders", "t1")
    Path("signoff.toml").write_text(f'db = "{shop.db}"\ngraph = ["orders={shop.file}:orders"]\n')

    result = CliRunner().invoke(app, ["list", "--json"])

    assert [review["graph"] for review in json.loads(result.stdout)["reviews"]] == ["orders"]


def test_list_goes_on_behind_a_review(shop):
    shop.pause("orders", "t1")
    shop.pause("bookings", "t2", item="lamp")

    listed = shop.json("list", "--after", shop.review("t1"))

    assert ([review["thread_id"] for review in listed["reviews"]], listed["total"]) == (["t2"], 2)
    assert "There is no review 'x'" in shop.run("list", "--after", "x").stderr


def test_history_tells_the_steps_newest_first_with_the_decisions_taken_at_them(shop):
    shop.pause("orders", "t1")
    shop.run("decide", shop.review("t1"), "--answer", '{"approved": true}', "--as", "Ada")

    told = shop.json("history", "t1")

    newest = told["steps"][0]
    assert (told["thread_id"], told["graph"]) == ("t1", "orders")
    assert [set(step) for step in told["steps"]] == [STEP] * 2
    assert [step["step"] for step in told["steps"]] == [0, -1]
    assert newest["next"] == ["approve"]
    assert newest["values"] == {"item": "chair"}
    assert [asked["payload"]["item"] for asked in newest["interrupts"]] == ["chair"]
    assert [decided["reviewer"] for decided in newest["decisions"]] == ["Ada"]


def test_history_compares_the_last_step_shown_with_the_one_before_it(shop):
    shop.pause("orders", "t1")

    [only] = shop.json("history", "t1", "--diff", "--limit", "1")["steps"]

    assert only["changes"] == [{"channel": "item", "how": "added", "after": "chair"}]


def test_history_says_to_people_what_was_asked_and_what_changed(shop):
    shop.pause("orders", "t1")

    told = shop.run("history", "t1", "--diff").stdout

    assert "next: approve" in told
    assert '? approve: {"title": "Order chair?"' in told
    assert '+ item: "chair"' in told


def test_history_of_a_channel_tells_when_it_changed(shop):
    shop.pause("orders", "t1")

    told = shop.json("history", "t1", "--channel", "item")

    [change] = told["changes"]
    assert (told["thread_id"], told["channel"], change["step"], change["after"]) == ("t1", "item", 0, "chair")
    assert set(change) == {"checkpoint_id", "step", "created_at", "wrote", "after"}
    assert 'added "chair"' in shop.run("history", "t1", "--channel", "item").stdout
    assert "nothing never held a value." in shop.run("history", "t1", "--channel", "nothing").stdout


def test_history_of_a_channel_of_an_unknown_thread_ends_with_2(shop):
    shop.pause("orders", "t1")

    assert shop.run("history", "nobody", "--channel", "item").exit_code == 2


@pytest.mark.parametrize(
    ("fields", "outline"),
    [
        ([((), "textarea")], '"<textarea>"'),
        ([((), "boolean")], "<boolean>"),
        ([(("reason",), "text"), (("sum",), "number")], '{"reason": "<text>", "sum": <number>}'),
        ([(("a", "b"), "text")], "<JSON>"),
    ],
)
def test_the_outline_of_an_answer_has_the_quotes_that_a_text_wants(fields, outline):
    assert showing._skeleton([SimpleNamespace(path=path, kind=kind) for path, kind in fields]) == outline
