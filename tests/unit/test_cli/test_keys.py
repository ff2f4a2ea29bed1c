"""`decide --key` and `token`: messages instead of people, on the command line."""

import hashlib
import json
import tomllib

import pytest
from typer.testing import CliRunner

from signoff.cli import app

APPROVE = ("--answer", '{"approved": true}')


def test_a_review_is_answered_by_a_key_of_its_payload(shop):
    shop.pause("orders", "t1", item="chair")
    shop.pause("orders", "t2", item="table")

    decided = shop.json("decide", "--key", "item=table", *APPROVE)

    assert decided["review"] == shop.review("t2")
    assert {r["thread_id"]: r["state"] for r in shop.json("list")["reviews"]} == {"t1": "waiting", "t2": "applying"}


def test_a_key_that_no_review_carries_is_refused(shop):
    shop.pause("orders", "t1", item="chair")

    result = shop.run("decide", "--key", "item=lamp", *APPROVE, "--json")

    assert result.exit_code == 3
    assert json.loads(result.stdout)["error"]["type"] == "NoReviewCarries"
    assert "No waiting review carries item=lamp. Nothing was sent" in result.stderr


def test_a_key_that_several_reviews_carry_is_refused_with_their_ids_until_one_more_key_is_given(shop):
    shop.pause("orders", "t1", item="chair")
    shop.pause("orders", "t2", item="chair")

    result = shop.run("decide", "--key", "item=chair", *APPROVE, "--json")

    assert result.exit_code == 2
    assert set(json.loads(result.stdout)["error"]["reviews"]) == {shop.review("t1"), shop.review("t2")}
    assert {r["state"] for r in shop.json("list")["reviews"]} == {"waiting"}
    assert shop.json("decide", "--key", "item=chair", "--key", "thread_id=t2", *APPROVE)["review"] == shop.review("t2")


def test_the_second_message_about_an_order_finds_its_question_answered(shop):
    shop.pause("orders", "t1", item="chair")
    shop.run("decide", "--key", "item=chair", *APPROVE)

    assert shop.run("decide", "--key", "item=chair", *APPROVE).exit_code == 3


@pytest.mark.parametrize(
    "words", [(), ("any", "--key", "item=chair"), ("--key", "item"), ("--key", "item=a", "--key", "item=b")]
)
def test_a_review_is_named_by_its_id_or_by_keys_and_never_by_half_a_key(shop, words):
    shop.pause("orders", "t1")

    result = shop.run("decide", *words, *APPROVE)

    assert result.exit_code == 2
    assert "--key" in result.stderr
    assert {r["state"] for r in shop.json("list")["reviews"]} == {"waiting"}


def test_a_key_leads_to_the_outcome_as_an_id_does(shop):
    shop.pause("orders", "t1", item="chair")

    code, decided, _ = shop.finish("decide", "--key", "item=chair", *APPROVE, "--wait", "30")

    assert (code, decided["outcome"], decided["next"]) == (0, "applied", [shop.review("t1")])


def test_a_token_is_printed_once_and_only_its_hash_is_for_the_settings(shop):
    made = CliRunner().invoke(app, ["token", 'ERP "north"'])

    [entry] = tomllib.loads(made.stdout)["api"]["tokens"]
    token = made.stderr.strip()
    assert entry == {"name": 'ERP "north"', "sha256": hashlib.sha256(token.encode()).hexdigest()}
    assert token not in made.stdout


def test_two_programs_do_not_share_a_name(shop, tmp_path):
    (tmp_path / "signoff.toml").write_text(CliRunner().invoke(app, ["token", "erp"]).stdout)

    again, other = (CliRunner().invoke(app, ["token", name]) for name in ("erp", "shop"))

    assert (again.exit_code, other.exit_code) == (2, 0)
    assert "every token needs a name of its own" in again.stderr
