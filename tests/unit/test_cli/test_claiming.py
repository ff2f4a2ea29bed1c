"""`claim`, `release`, `assign` and `comment`: work shared out on the command line."""

import json
from datetime import datetime, timedelta

import pytest

ANSWER = ("--answer", '{"approved": true}')


@pytest.fixture
def review(shop):
    shop.pause("orders", "t1")
    return shop.review("t1")


def refused(shop, *words):
    result = shop.run(*words, "--json")
    return result.exit_code, json.loads(result.stdout)["error"]


def test_a_claimed_review_is_not_decided_by_another_until_it_is_released(shop, review):
    claim = shop.json("claim", review, "--for", "10", "--as", "Ada")["claim"]
    lasts = datetime.fromisoformat(claim["expires_at"]) - datetime.fromisoformat(claim["since"])
    assert (claim["holder"], lasts.total_seconds()) == ("Ada", 600)

    code, error = refused(shop, "decide", review, *ANSWER, "--as", "Grace")
    assert (code, error["type"], error["holder"]) == (5, "HeldByAnother", "Ada")
    assert refused(shop, "release", review, "--as", "Grace")[0] == 5

    assert shop.json("release", review, "--as", "Ada") == {"review": review, "claim": None}
    assert shop.json("decide", review, *ANSWER, "--as", "Grace")["reviewer"] == "Grace"


@pytest.mark.parametrize("minutes", ["inf", "nan", "1e300", "52596001", "-3", "0"])
@pytest.mark.parametrize("command", [["claim"], ["assign", "--to", "Bo", "--reason", "ill"]])
def test_a_claim_lasts_for_some_minutes_and_at_most_a_hundred_years(shop, review, command, minutes):
    result = shop.run(*command, review, "--for", minutes)

    assert result.exit_code == 2
    assert "Invalid value for '--for'" in result.stderr
    assert shop.json("show", review)["claim"] is None


def test_a_message_answers_whoever_has_the_review(shop, review):
    shop.run("claim", review, "--as", "Ada")

    assert shop.json("decide", "--key", "item=chair", *ANSWER, "--as", "bank")["review"] == review


def test_the_oldest_free_review_is_claimed_until_none_is_left(shop, review):
    shop.pause("orders", "t2")

    taken = [shop.json("claim", "--next", "--as", name)["review"] for name in ("Ada", "Grace")]

    assert taken == [review, shop.review("t2")]
    code, error = refused(shop, "claim", "--next", "--as", "Kim")
    assert (code, error["type"]) == (3, "NothingFree")


@pytest.mark.parametrize("words", [(), ("REVIEW", "--next")])
def test_a_claim_names_a_review_or_asks_for_the_next(shop, review, words):
    words = [review if word == "REVIEW" else word for word in words]

    assert refused(shop, "claim", *words)[0] == 2


def test_a_review_is_given_to_somebody_with_a_reason_and_everybody_can_see_it(shop, review):
    given = shop.json("assign", review, "--to", "Grace", "--reason", "knows it", "--as", "Ada")["claim"]

    assert (given["holder"], given["given_by"], given["expires_at"]) == ("Grace", "Ada", None)
    assert shop.json("list")["reviews"][0]["assignee"] == "Grace"
    assert "interrupt/claimed by Grace" in shop.run("list").stdout
    assert ", given by Ada: knows it" in shop.run("show", review).stdout
    assert refused(shop, "assign", review, "--to", "Kim", "--reason", " ")[0] == 2


def test_comments_are_shown_with_author_and_time_and_cannot_steer_a_terminal(shop, review):
    written = shop.json("comment", review, "called them\x1b[31m", "--as", "Ada")

    assert shop.json("show", review)["comments"] == [written]
    assert (written["author"], written["text"]) == ("Ada", "called them\x1b[31m")
    shown = shop.run("show", review).stdout
    assert "called them\\x1b[31m" in shown
    assert "\x1b" not in shown
    assert refused(shop, "comment", review, " ")[0] == 2


def test_rules_of_the_settings_file_say_how_urgent_a_review_is_and_how_long_a_claim_lasts(shop, review, tmp_path):
    rule = 'node = "approve"\nmatch = { item = "chair" }\npriority = "high"\ndue_in = "4h"'
    (tmp_path / "signoff.toml").write_text(f"claim_minutes = 5\n[[metadata]]\n{rule}")

    [listed] = shop.json("list")["reviews"]
    claim = shop.json("claim", review)["claim"]

    assert listed["priority"] == "high"
    assert listed["due_at"] is not None
    assert datetime.fromisoformat(claim["expires_at"]) - datetime.fromisoformat(claim["since"]) == timedelta(minutes=5)
