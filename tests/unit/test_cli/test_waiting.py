"""`decide --wait` with real processes: the outcome, and who applies the answer when others die."""

import signal
import sqlite3
import time
from contextlib import closing

import pytest

YES = ("--answer", '{"approved": true}')


def test_an_answer_is_applied_and_the_next_question_named(shop):
    shop.pause("orders", "t1")

    code, decided, _ = shop.finish("decide", shop.review("t1"), *YES, "--wait", "30")

    [asked] = shop.json("list")["reviews"]
    assert (code, decided["outcome"], decided["next"]) == (0, "applied", [asked["id"]])
    assert asked["title"] == "Where to?"
    assert decided["checkpoint_before"] != decided["checkpoint_after"]


def test_a_node_that_raises_ends_with_7_and_leaves_the_thread_to_be_tried_again(shop):
    shop.pause("bookings", "t1")

    code, decided, told = shop.finish("decide", shop.review("t1"), *YES, "--wait", "30")

    assert (code, decided["outcome"]) == (7, "failed")
    assert "RuntimeError: the ledger is down" in decided["error"]
    assert "failed: RuntimeError: the ledger is down" in told
    assert [review["kind"] for review in shop.json("list")["reviews"]] == ["failed"]


def test_a_node_that_has_begun_is_waited_for_since_leaving_would_make_it_run_again(shop, monkeypatch):
    monkeypatch.setenv("LINGER", "5")
    shop.pause("errands", "t1")

    code, decided, told = shop.finish("decide", shop.review("t1"), *YES, "--wait", "2")

    assert (code, decided["outcome"]) == (0, "applied")
    assert "it is waited for" in told


def test_a_wait_that_is_over_leaves_the_answer_to_the_engine_that_runs_elsewhere(shop):
    shop.pause("errands", "t1")
    engine = shop.start("work")
    assert '"running": true' in engine.stdout.readline() + engine.stdout.readline()

    code, decided, told = shop.finish("decide", shop.review("t1"), *YES, "--wait", "3")

    assert (code, decided["outcome"]) == (0, "applying")
    assert "on record; it had no outcome within 3 s" in told


def test_ctrl_c_while_waiting_ends_without_a_traceback(shop):
    shop.pause("errands", "t1")
    waiting = shop.start("decide", shop.review("t1"), *YES, "--wait", "50")
    _until(shop, "applying")

    waiting.send_signal(signal.SIGINT)
    out, told = waiting.communicate(timeout=60)

    assert (waiting.returncode, out) == (130, "")
    assert "Traceback" not in told


@pytest.mark.chaos
def test_whoever_waits_takes_over_when_the_engine_is_killed(shop, monkeypatch):
    monkeypatch.setenv("LINGER", "8")
    shop.pause("errands", "t1")
    shop.pause("orders", "t2")
    engine = shop.start("work")
    assert '"running": true' in engine.stdout.readline() + engine.stdout.readline()
    other = shop.review("t2")
    shop.run("decide", shop.review("t1"), *YES)
    _until(shop, "applying")
    time.sleep(1)  # its node lingers now; stopped while it writes, it would keep everybody else from writing
    engine.send_signal(signal.SIGSTOP)  # alive, so that the next one stands by, and not working

    waiting = shop.start("decide", other, *YES, "--wait", "120", "--json")
    time.sleep(4)
    engine.kill()
    engine.communicate()
    out, _ = waiting.communicate(timeout=150)

    assert (waiting.returncode, '"outcome": "applied"' in out) == (0, True)


def _until(shop, outcome: str) -> None:
    """Wait until the newest decision has come so far."""
    desk = shop.db.with_name("shop.signoff.db")
    for _ in range(600):
        with closing(sqlite3.connect(desk)) as db:
            try:
                if db.execute("SELECT 1 FROM decisions WHERE outcome = ?", (outcome,)).fetchone():
                    return
            except sqlite3.OperationalError:  # the tables are being made
                pass
        time.sleep(0.1)
    raise AssertionError(f"nothing became {outcome} within 60 s")


def test_who_answers_what_has_changed_meanwhile_is_told_what_is_different(shop, monkeypatch):
    monkeypatch.setenv("RATE", "1.10")
    shop.pause("quotes", "t1")
    ready, quote = sorted(shop.json("list")["reviews"], key=lambda review: review["title"] != "Ready?")
    seen = shop.json("show", quote["id"])["digest"]
    monkeypatch.setenv("RATE", "1.25")
    shop.finish("decide", ready["id"], "--answer", "true", "--wait", "30")  # runs the other node up to its question

    code, told, said = shop.finish("decide", quote["id"], "--answer", "true", "--seen", seen)

    change = {"path": ["payload", "rate"], "how": "changed", "before": "1.10", "after": "1.25"}
    assert (code, told["error"]["type"], told["error"]["changes"]) == (6, "ReviewChanged", [change])
    assert 'payload.rate: "1.10" → "1.25"' in said
    assert shop.json("show", quote["id"])["decisions"] == []
