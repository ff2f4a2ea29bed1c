"""Several sources on the command line: listed, filtered, decided on, and named when they are silent."""

import json
import socket
import time

import pytest
from typer.testing import CliRunner
from unit.two_sources import SETTINGS, Town

from signoff.cli import app


@pytest.fixture
def town(tmp_path, clean_imports):
    return Town(tmp_path)


def run(*words):
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def read(*words):
    return json.loads(run(*words, "--json").stdout)


def test_a_list_names_the_source_of_each_review_and_is_narrowed_to_one(town):
    assert sorted((r["thread_id"], r["source"]) for r in read("list")["reviews"]) == [
        ("payments/t1", "payments"),
        ("payments/t2", "payments"),
        ("support/t1", "support"),
        ("support/t2", "support"),
    ]
    assert {r["source"] for r in read("list", "--source", "support")["reviews"]} == {"support"}
    assert {t["thread_id"] for t in read("threads", "--source", "payments")["threads"]} == {
        "payments/t1",
        "payments/t2",
    }
    header, first, *_ = run("list").stdout.splitlines()
    assert header.split()[:2] == ["review", "source"]
    assert "agent/ask" in first
    assert "payments/agent" not in first


def test_a_silent_source_is_told_on_standard_error_and_the_rest_is_listed(town):
    read("list")
    town.take_away("support")

    listed = run("list")

    assert listed.exit_code == 0
    assert "4 of 4" in listed.stdout
    assert "The source support has not answered since" in listed.stderr
    assert "Its 2 open reviews are shown as last seen" in listed.stderr


def test_servers_that_refuse_or_never_answer_hold_up_no_list_for_long(town):
    with socket.create_server(("127.0.0.1", 0)) as deaf, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        ports = {"deaf": deaf.getsockname()[1], "closed": taken.getsockname()[1]}
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        more = "".join(f'[[sources]]\nname = "{name}"\ndb = "{url}"\n' for name, url in urls.items())
        town.write(f"{SETTINGS}{more}[server]\ntimeout = 5\n")
        began = time.monotonic()

        listed = run("list")

    assert time.monotonic() - began < 60  # it was more than six minutes
    assert (listed.exit_code, "4 of 4" in listed.stdout) == (0, True)
    for name, url in urls.items():
        assert f"The source {name} has not answered since" in listed.stderr
        assert f"The Agent Server at {url} does not answer" in listed.stderr


def test_an_answer_to_a_silent_source_is_refused_as_a_back_end_out_of_reach(town):
    [review] = [r["id"] for r in read("list")["reviews"] if r["thread_id"] == "support/t1"]
    town.take_away("support")

    refused = run("decide", review, "--answer", '"yes"', "--json")

    assert refused.exit_code == 8
    assert json.loads(refused.stdout)["error"]["type"] == "SourceUnavailable"
    assert json.loads(refused.stdout)["error"]["source"] == "support"


def test_sources_are_listed_with_how_they_stand(town):
    town.take_away("support")

    found = {one["name"]: one for one in read("sources")["sources"]}

    assert (found["payments"]["state"], found["payments"]["open"], found["payments"]["since"]) == ("answers", 2, None)
    assert (found["support"]["state"], found["support"]["open"]) == ("silent", 0)
    assert "There is no file" in found["support"]["problem"]
    assert "has not answered since" in run("sources").stdout


def test_a_source_that_is_taken_out_is_kept_until_it_is_forgotten(town):
    read("list")
    town.write(SETTINGS[: SETTINGS.rindex("[[sources]]")])

    assert "The source support is not configured any more" in run("list").stderr
    forgotten = run("sources", "--forget", "support")

    assert "reviews closed: 2" in forgotten.stderr
    assert read("list")["total"] == 2
    assert run("sources", "--forget", "payments").exit_code == 2


def test_doctor_examines_every_source(town):
    town.take_away("support")

    checks = {(one["check"], one["level"]) for one in read("doctor")["checks"]}

    assert {("checkpoints payments", "fine"), ("checkpoints support", "wrong")} <= checks
    assert {("graphs payments", "fine"), ("graphs support", "fine"), ("desk", "fine")} <= checks


def test_with_one_database_there_are_no_sources_to_list(town):
    town.write("")

    listed = run("sources", "--db", "payments.sqlite")

    assert "This desk reads one checkpoint database" in listed.stdout
    assert json.loads(run("list", "--db", "payments.sqlite", "--json").stdout)["reviews"][0]["source"] == ""
