"""The trouble page: what went wrong is grouped, and mended one by one or all alike."""

import shutil
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pages.screen import listed, until, words

from signoff.decisions import Reviewer
from signoff.reviews import Kind, Query

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def troubled(seeded, tmp_path_factory):
    """The demo's day, and two more payments that failed for the same reason as its first."""
    sys.path.insert(0, str(ROOT / "graphs"))
    try:
        import seed
    finally:
        sys.path.pop(0)
    folder = tmp_path_factory.mktemp("troubled")
    shutil.copy(seeded, folder / "demo.sqlite")
    with seed.open_saver(folder / "demo.sqlite") as saver:
        for number in (1, 2):
            thread = seed.failing(Random(1), datetime.now(UTC) - timedelta(hours=number))
            with seed.turned_back_to(thread.started) as clock, seed.ledger_down(), suppress(ConnectionError):
                replace(thread, id=f"txn-2000{number}").run(saver, clock)
    return folder


@pytest.fixture
def office(open_office, troubled, tmp_path):
    shutil.copytree(troubled, tmp_path, dirs_exist_ok=True)
    return open_office(tmp_path)


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def kinds(office):
    return {review.kind for review in office.desk.queue(Query(limit=500)).reviews}


def wait_until_none_has_failed(office, *, seconds=60):
    """An outcome is on record a moment before its thread has left the queue."""
    deadline = time.monotonic() + seconds
    while Kind.FAILED in kinds(office):
        assert time.monotonic() < deadline, kinds(office)
        time.sleep(0.1)


def test_threads_with_the_same_trouble_are_one_group_the_largest_first(office):
    app = office.page("trouble")

    groups = listed(app)
    assert list(groups["Threads"]) == [3, 1, 1]
    assert next(iter(groups["Trouble"])) == "× failed"
    assert sorted(groups["At"]) == ["assess_risk", "book_payment", "open_account"]
    assert [metric.value for metric in app.metric[:3]] == ["3", "1", "1"]
    assert "connection timed out after 30 s" in words(app)


def test_a_dry_run_writes_nothing_and_says_what_is_left_out_and_why(open_office, troubled, tmp_path, monkeypatch):
    monkeypatch.setattr("signoff.membership.Alone.join", lambda self: False)  # no engine: what is decided stays so
    shutil.copytree(troubled, tmp_path, dirs_exist_ok=True)
    office = open_office(tmp_path)
    taken = office.review(kind=Kind.FAILED)
    office.desk.decide(taken.id, {"action": "end", "reason": "mine"}, reviewer=Reviewer(name="Grace"))

    app = press(office.page("trouble"), "Dry run")

    assert "2 will be acted on, 1 left out:" in words(app)
    [left_out] = [said for said in app.dataframe[-1].value["What"] if "left out" in said]
    assert "already decided by Grace" in left_out
    assert office.desk.decisions()[1] == 1


def test_all_of_a_group_are_retried_after_a_dry_run_each_with_a_decision_of_its_own(office):
    app = press(office.page("trouble"), "Dry run")
    assert "3 will be acted on" in words(app)

    press(app, "Retry: 3 threads")
    until(app, "3 of 3 applied")

    decisions, total = office.desk.decisions()
    assert total == 3
    assert {(d.outcome.value, d.answer["action"], d.reviewer.name) for d in decisions} == {("applied", "retry", "Ada")}
    wait_until_none_has_failed(office)


def test_ending_all_asks_for_a_reason_first(office):
    app = office.page("trouble")
    app.button_group[0].set_value("End here").run()
    assert next(b for b in app.button if b.label == "Dry run").disabled

    next(t for t in app.text_input if t.label == "Reason").set_value("the bank is gone").run()
    press(press(app, "Dry run"), "End here: 3 threads")
    until(app, "3 of 3 applied")

    assert {d.resume["reason"] for d in office.desk.decisions()[0]} == {"the bank is gone"}


def test_one_thread_of_a_group_is_opened_and_mended(office):
    app = office.page("trouble")
    review = office.review(kind=Kind.FAILED)

    app.session_state["trouble_member"] = review.id
    app.run()
    press(app, "Submit")
    until(app, "The thread has finished.")

    assert [d.resume for d in office.desk.decisions()[0]] == [{"action": "retry"}]


def test_a_stuck_question_is_asked_again_and_the_reviewer_led_to_it(office):
    stuck = office.review(kind=Kind.STUCK)
    app = office.page("thread", thread=stuck.thread_id)

    press(app, "Submit")
    until(app, "Submit and resume")

    asked = office.review(thread_id=stuck.thread_id)
    assert (asked.kind, app.subheader[0].value.replace("\\", "")) == (Kind.INTERRUPT, asked.title)


def test_a_thread_that_failed_behind_a_decision_names_that_decision(open_office, seeded, tmp_path):
    shutil.copy(seeded, tmp_path / "demo.sqlite")
    code = (ROOT / "graphs" / "transaction.py").read_text().replace('return f"booked as', 'raise OSError("no"); f"')
    (tmp_path / "broken.py").write_text(code)
    (tmp_path / "langgraph.json").write_text('{"graphs": {"transaction": "./broken.py:graph"}}')
    office = open_office(tmp_path, GRAPHS=str(tmp_path / "langgraph.json"))
    asked = next(r for r in office.desk.queue(Query(graph="transaction", limit=50)).reviews if r.kind is Kind.INTERRUPT)
    office.desk.decide(asked.id, {"approved": True, "note": ""}, reviewer=Reviewer(name="Grace"))

    app = until(office.page("thread", thread=asked.thread_id), "This followed the decision of Grace")

    assert "Retry book_payment?" in words(app)
    [decision] = office.desk.decisions_on(asked.id)
    until(office.cold("audit", decision=decision.id), "Now open: Retry book_payment?")


def test_a_desk_without_trouble_says_so(open_office, empty_folder):
    app = open_office(empty_folder).page("trouble")

    assert "No thread is in trouble." in words(app)
