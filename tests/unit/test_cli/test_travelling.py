"""``signoff rerun`` and ``signoff fork``: their JSON and their exit codes."""

import pytest

WHY = ("--comment", "the address was wrong")
YES = '{"approved": true}'


@pytest.fixture
def asked(shop):
    """A thread that asks for an approval, and the checkpoint at which it does."""
    shop.pause("orders", "t1")
    return shop.json("history", "t1")["steps"][0]["checkpoint_id"]


def test_a_thread_is_run_again_with_an_edited_state(shop, asked):
    code, done, _ = shop.finish("rerun", "t1", asked, "--values", '{"item": "table"}', *WHY, "--wait", "60")

    assert (code, done["outcome"], done["thread_id"], done["again"]) == (0, "applied", "t1", ["approve"])
    [newest, branch, *_] = [*shop.json("history", "t1")["steps"], None]
    assert newest["values"] == {"item": "table"}
    assert (newest["source"], newest["parent_id"]) == ("fork", asked)
    assert branch["checkpoint_id"] == asked
    [decision] = branch["decisions"]
    assert (decision["id"], decision["comment"]) == (done["id"], WHY[1])
    assert [one["title"] for one in shop.json("list")["reviews"]] == ["Order table?"]
    assert done["next"] == [shop.review("t1")]


def test_a_fork_is_another_thread_and_the_first_one_stays_as_it_is(shop, asked):
    before = shop.json("history", "t1")["steps"]

    code, done, _ = shop.finish("fork", "t1", asked, "--to", "t2", "--run", *WHY, "--wait", "60")

    assert (code, done["outcome"], done["thread_id"]) == (0, "applied", "t2")
    assert shop.json("history", "t2")["graph"] == "orders"
    assert [s["checkpoint_id"] for s in shop.json("history", "t1")["steps"]] == [s["checkpoint_id"] for s in before]
    assert {one["thread_id"] for one in shop.json("list")["reviews"]} == {"t1", "t2"}


def test_the_same_key_again_is_the_same_decision(shop, asked):
    first, again = (shop.json("fork", "t1", asked, *WHY, "--key", "k") for _ in range(2))

    assert (first["id"], first["thread_id"]) == (again["id"], again["thread_id"])


def test_people_are_told_what_runs_again_and_that_no_engine_does(shop, asked):
    told = shop.run("rerun", "t1", asked, *WHY)

    assert told.exit_code == 0
    assert "recorded: Run again from step" in told.stdout
    assert "approve runs again from the first line" in told.stderr
    assert "No engine runs now" in told.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("rerun", "t1", "CHECKPOINT", *WHY), "Run again by Ada: recorded"),
        (("fork", "t1", "CHECKPOINT", *WHY, "--to", "t2"), "Forked to t2 by Ada: recorded"),
        (("decide", "REVIEW", "--answer", YES), f"Answered by Ada: recorded  {YES}"),
    ],
)
def test_history_says_to_people_who_did_what_where(shop, asked, command, said):
    named = {"CHECKPOINT": asked, "REVIEW": shop.review("t1")}
    shop.run(*(named.get(word, word) for word in command), "--as", "Ada")

    assert f"      ! {said}\n" in shop.run("history", "t1").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["rerun", "t1", "nowhere", *WHY], 2),
        (["rerun", "t9", "nowhere", *WHY], 2),
        (["rerun", "t1", "ASKED"], 2),
        (["rerun", "t1", "ASKED", "--comment", " "], 4),
        (["rerun", "t1", "ASKED", *WHY, "--values", "[]"], 2),
        (["rerun", "t1", "ASKED", *WHY, "--values", "{"], 2),
        (["rerun", "t1", "ASKED", *WHY, "--values", '{"item": 1}'], 4),
        (["fork", "t1", "ASKED", *WHY, "--to", "t1"], 4),
    ],
)
def test_what_cannot_be_done_is_refused(shop, asked, words, code):
    refused = shop.run(*[asked if word == "ASKED" else word for word in words])

    assert refused.exit_code == code
    assert [step["decisions"] for step in shop.json("history", "t1")["steps"]] == [[], []]


def test_while_another_decision_is_under_way_the_thread_is_busy(shop, asked):
    shop.run("rerun", "t1", asked, *WHY)

    assert shop.run("rerun", "t1", asked, *WHY).exit_code == 3
    assert shop.run("decide", shop.review("t1"), "--answer", '{"approved": true}').exit_code == 3
