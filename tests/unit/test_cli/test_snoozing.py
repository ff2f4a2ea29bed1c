"""``signoff snooze``, and what `show` and `list` say about time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signoff.cli.snoozing import read_moment
from signoff.errors import SettingsInvalid


def test_a_review_is_snoozed_and_woken(shop):
    shop.pause("orders", "t1")
    review = shop.review("t1")

    snoozed = shop.json("snooze", review, "--until", "2h", "--as", "Ada")

    until = datetime.fromisoformat(snoozed["follow_up_at"])
    assert timedelta(minutes=119) < until - datetime.now(UTC) <= timedelta(hours=2)
    assert shop.json("list", "--snoozed", "only")["total"] == shop.json("list", "--snoozed", "also")["total"] == 1
    assert shop.json("list")["total"] == 0
    assert "Snoozed and left out: 1. List them with --snoozed also" in shop.run("list").stderr
    assert shop.json("bulk", "--graph", "orders", "--answer", "{}")["items"] == []
    assert shop.json("show", review)["snoozed_by"] == "Ada"
    assert ", by Ada" in shop.run("show", review).stdout
    assert shop.json("snooze", review, "--wake")["follow_up_at"] is None
    assert f"{review} is awake" in shop.run("snooze", review, "--wake").stdout


@pytest.mark.parametrize(
    ("options", "code"),
    [([], 2), (["--until", "2h", "--wake"], 2), (["--until", "soon"], 2), (["--until", "2001-01-01"], 2)],
)
def test_what_makes_no_sense_is_refused(shop, options, code):
    shop.pause("orders", "t1")

    refused = shop.run("snooze", shop.review("t1"), *options)

    assert refused.exit_code == code
    assert "othing was changed" in refused.stderr
    assert shop.json("list", "--snoozed", "only")["total"] == 0


@pytest.mark.parametrize("wrong", ["", "soon", "-2h", "99999-01-01", "0001-01-01T00:00:00+14:00"])
def test_a_time_is_a_span_or_iso(wrong):
    assert read_moment("2030-03-01T12:00:00+00:00") == datetime(2030, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(SettingsInvalid, match="is no time"):
        read_moment(wrong)


def test_show_says_what_happens_by_itself(shop):
    Path("signoff.toml").write_text('[[timeouts]]\ngraph = "orders"\nafter = "3h"\nthen = "reject"\n')
    shop.pause("orders", "t1")
    review = shop.review("t1")

    shown = shop.json("show", review)

    by = "timeout rule 1 (orders) of signoff.toml"
    answer = {"approved": False}
    assert shown["on_timeout"]["then"] == "reject"
    assert shown["on_timeout"]["by"] == by
    assert {**shown["on_timeout"]["answer"], **answer} == shown["on_timeout"]["answer"]
    assert shown["expires_at"]
    told = shop.run("show", review).stdout
    assert f"reject, as {by} says" in told
