"""`signoff doctor` says what is wrong, and how to mend it."""

from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

RULES = """
[[timeouts]]
graph = "orders"
after = 3600
then = "reject"

[[timeouts]]
graph = "ordres"
after = 3600
then = "reject"

[[metadata]]
tags = ["all"]
"""


def test_a_desk_in_order_is_called_fine(shop):
    shop.pause("orders", "t1")

    told = shop.json("doctor")

    assert told["ok"]
    assert [(c["check"], c["level"]) for c in told["checks"]] == [
        ("settings", "fine"), ("checkpoints", "fine"), ("desk", "fine"), ("engine", "note"), ("graphs", "fine"),
    ]  # fmt: skip
    assert "threads: 1; asking something: 1" in told["checks"][1]["message"]


def test_a_graph_that_does_not_load_is_shown_with_its_traceback(shop):
    shop.pause("orders", "t1")
    shop.file.write_text("import nothing_of_that_name")

    result = shop.run("doctor")

    assert result.exit_code == 7
    assert "orders did not load: ModuleNotFoundError" in result.stdout
    assert "line 1" in result.stdout


def test_a_rule_for_a_graph_that_is_not_there_is_told_and_fails_nothing(shop):
    shop.pause("orders", "t1")
    Path("signoff.toml").write_text(RULES)

    result = shop.run("doctor")

    told = [line for line in result.stdout.splitlines() if "there is no graph" in line]
    assert result.exit_code == 0
    assert len(told) == 1
    assert "[[timeouts]] 2 does nothing: there is no graph 'ordres'" in told[0]
    assert "There are: bookings, errands, orders, quotes" in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--graphs", "missing.json"], 2, "missing.json"),
        (["--desk", "/proc/none/desk.db"], 8, "name another place with --desk"),
    ],
)
def test_what_is_wrong_elsewhere_does_not_hide_the_rest(shop, words, code, says):
    shop.pause("orders", "t1")

    result = shop.run("doctor", *words)

    assert result.exit_code == code
    assert says in result.stdout
    assert "threads: 1" in result.stdout


def test_a_missing_database_is_no_reason_to_make_a_desk_beside_it(shop):
    result = shop.run("doctor")

    assert result.exit_code == 8
    assert "There is no file" in result.stdout
    assert not list(shop.db.parent.glob("*.signoff.db"))


def test_a_row_that_cannot_be_read_is_named_with_its_thread(shop):
    shop.pause("orders", "t1")
    shop.pause("orders", "t2")
    with SqliteSaver.from_conn_string(str(shop.db)) as saver:
        saver.conn.execute("UPDATE checkpoints SET checkpoint = x'c1' WHERE thread_id = 't1'")
        saver.conn.commit()

    result = shop.run("doctor")

    assert result.exit_code == 8
    assert "t1: " in result.stdout
    assert "t2: " not in result.stdout
