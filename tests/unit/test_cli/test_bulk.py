"""``signoff bulk``: a dry run first, then one decision for each review."""

import json
import subprocess

import pytest
from forked import Python

YES = ("--answer", json.dumps({"approved": True}))


@pytest.fixture
def orders(shop):
    for number in range(3):
        shop.pause("orders", f"o{number}", item=f"chair {number}")
    shop.pause("quotes", "q")
    return shop


def dry_run(shop, *words):
    return shop.json("bulk", *YES, *words)


def test_without_send_nothing_is_recorded_and_every_review_is_listed(orders):
    found = dry_run(orders)

    left_out = {item["thread_id"]: item["left_out"] for item in found["items"] if item["left_out"]}
    assert [item["resume"] for item in found["items"] if not item["left_out"]] == [{"approved": True}] * 3
    assert set(left_out) == {"q"}
    assert {review["state"] for review in orders.json("list")["reviews"]} == {"waiting"}


def test_send_records_what_the_dry_run_showed(orders):
    found = dry_run(orders, "--graph", "orders")

    sent = orders.run("bulk", *YES, "--graph", "orders", "--send", found["fingerprint"], "--comment", "All in stock")

    assert (sent.exit_code, "3 recorded, 0 left out" in sent.stdout) == (0, True)
    states = {review["thread_id"]: review["state"] for review in orders.json("list")["reviews"]}
    assert states == {"o0": "applying", "o1": "applying", "o2": "applying", "q": "waiting"}


def test_send_stops_where_the_dry_run_has_another_result(orders):
    found = dry_run(orders, "--graph", "orders")
    orders.pause("orders", "o9")

    sent = orders.run("bulk", *YES, "--graph", "orders", "--send", found["fingerprint"], "--comment", "In stock")

    assert (sent.exit_code, "another result" in sent.stderr) == (6, True)
    assert {review["state"] for review in orders.json("list")["reviews"]} == {"waiting"}


def test_send_needs_a_comment(orders):
    sent = orders.run("bulk", *YES, "--send", dry_run(orders)["fingerprint"])

    assert (sent.exit_code, "Say why" in sent.stderr) == (2, True)


def test_reviews_can_be_named(orders):
    found = dry_run(orders, orders.review("o1"))

    assert [item["thread_id"] for item in found["items"]] == ["o1"]


def test_what_is_decided_already_is_named_and_ends_with_a_code_of_its_own(orders):
    chosen = [orders.review("o0"), orders.review("o1")]
    orders.run("decide", chosen[0], *YES, "--as", "Grace")
    found = dry_run(orders, *chosen)

    sent = orders.run("bulk", *chosen, *YES, "--send", found["fingerprint"], "--comment", "In stock")

    assert (sent.exit_code, "already decided by Grace" in sent.stdout) == (3, True)


def test_an_empty_selection_says_so(shop):
    shop.pause("orders", "o")

    assert "0 would be sent, 0 left out" in shop.run("bulk", *YES, "--node", "elsewhere").stdout


SENDING = """
import sys
from signoff import bulk
from signoff.decisions import Reviewer
from signoff.reviews import Query
from signoff.settings import Settings
from signoff.wiring import open_desk

desk = open_desk(Settings(db=sys.argv[1], graph=(sys.argv[2],)))
desk.scan()
selection = bulk.alike(desk, [review.id for review in desk.queue(Query()).reviews])
ada = Reviewer(name="Ada")
plan = bulk.dry_run(desk, selection, selection.groups[0], {"approved": True}, reviewer=ada)
for done, item in enumerate(bulk.carry_out(desk, plan, reviewer=ada, comment="In stock"), 1):
    if done == 7:
        print("in the middle", flush=True)
        sys.stdin.readline()
"""


def test_a_process_that_is_killed_in_the_middle_loses_and_doubles_nothing(shop):
    for number in range(20):
        shop.pause("orders", f"o{number}")
    command = ["-c", SENDING, shop.db, f"orders={shop.file}:orders"]
    with Python(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        said = iter(process.stdout.readline, "")
        assert "in the middle\n" in said
        process.kill()

    again = dry_run(shop)
    sent = shop.json("bulk", *YES, "--send", again["fingerprint"], "--comment", "In stock")

    assert sum("already decided by Ada" in (item["left_out"] or "") for item in again["items"]) == 7
    assert sum(item["decision"] is not None for item in sent["items"]) == 13
    assert shop.json("list", "--state", "applying")["total"] == 20
