"""What a process answers to those who watch it, over a real desk; and what it never tells."""

import json
import sqlite3
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from prometheus_client.parser import text_string_to_metric_families

from signoff.decisions import Reviewer
from signoff.errors import SettingsInvalid
from signoff.metrics import timed
from signoff.reviews import Query
from signoff.service import Service, Step
from signoff.settings import Settings
from signoff.status import Status, listen

SECRET = "amount-4711"


def ask(state):
    return {"log": [interrupt({"question": SECRET})]}


builder = StateGraph(dict).add_node("ask", ask).add_edge(START, "ask")


@pytest.fixture
def service(tmp_path):
    db = tmp_path / "c.sqlite"
    with closing(sqlite3.connect(db, check_same_thread=False)) as connection:
        graph = builder.compile(checkpointer=SqliteSaver(connection))
        graph.invoke({"log": []}, {"configurable": {"thread_id": "thread-of-ada"}, "metadata": {"graph_id": "pay"}})
    running = Service(Settings(db=str(db), graph=(f"pay={Path(__file__)}:builder",)), timed=timed)
    running.start()
    yield running
    running.stop()


def body(status, path):
    reply = status.answer(path)
    return reply.status, json.loads(reply.body)


def metrics(status):
    text = status.answer("/metrics").body.decode()
    return text, {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def applied(service):
    [review] = service.desk.queue(Query()).reviews
    decision = service.desk.decide(review.id, "yes", reviewer=Reviewer(name="Ada"))
    deadline = time.monotonic() + 60
    while not service.desk.decision(decision.id).outcome.final:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_desk_at_work_is_alive_and_well(service):
    status = Status(lambda: service)

    assert body(status, "/livez") == (200, {"status": "alive"})
    code, told = body(status, "/healthz")
    assert (code, told["status"], told["problems"]) == (200, "ok", {})
    assert status.answer("/else").status == 404


def test_a_database_that_does_not_answer_is_named_and_does_not_end_the_process(service):
    Path(service.desk.checkpoints.name).rename(f"{service.desk.checkpoints.name}.away")
    deadline = time.monotonic() + 60
    while not service.problem:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    status = Status(lambda: service)
    code, told = body(status, "/healthz")
    assert (code, told["status"]) == (503, "unavailable")
    assert "There is no file" in told["problems"]["service"]
    assert body(status, "/livez")[0] == 200


def test_a_scan_that_was_long_ago_is_a_problem(service):
    service._stopping.set()
    for one in service._rounds:
        one.thread.join()
    service.scans[0].done_at -= 100

    status = Status(lambda: service)
    code, told = body(status, "/healthz")
    assert code == 503
    assert "s ago" in told["problems"]["scan"]
    assert body(status, "/livez")[0] == 503


@pytest.mark.parametrize(("second", "code"), [(None, 200), ("away, too", 503)])
def test_one_silent_source_of_several_is_no_reason_to_send_visitors_elsewhere(service, second, code):
    service._stopping.set()
    for one in service._rounds:
        one.thread.join()
    [scan] = service.scans
    other = Step(act=scan.act, every=1, done_at=scan.done_at, problem=second)
    scan.problem = "away"
    service.scans.append(other)
    service.steps.append(other)

    assert body(Status(lambda: service), "/healthz")[0] == code


def test_metrics_count_reviews_decisions_and_their_time(service):
    before = metrics(Status(lambda: service))[1]
    applied(service)
    after = metrics(Status(lambda: service))[1]

    assert (before["signoff_reviews_open", "waiting"], after["signoff_reviews_open", "waiting"]) == (1, 0)
    assert before["signoff_oldest_open_review_seconds",] > 0
    assert after["signoff_decisions_total", "applied"] == 1
    assert after["signoff_apply_seconds_count", "applied"] >= 1
    assert (after["signoff_engine_backlog",], after["signoff_engine_running",]) == (0, 0)
    assert 0 <= after["signoff_scan_lag_seconds",] < 60


def test_metrics_hold_no_names_no_ids_and_nothing_of_a_payload(service):
    applied(service)
    text, _ = metrics(Status(lambda: service))

    for word in (SECRET, "thread-of-ada", "Ada", '"pay"', str(service.settings.db)):
        assert word not in text


def test_the_desk_is_asked_once_a_second_however_many_ask(service, monkeypatch):
    asked = []
    read = service.desk.database.numbers.read
    monkeypatch.setattr(service.desk.database.numbers, "read", lambda: asked.append(1) or read())
    status = Status(lambda: service)
    monkeypatch.setattr("signoff.status._KEPT_SECONDS", 3600.0)

    for path in ("/metrics", "/healthz", "/metrics", "/healthz"):
        status.answer(path)

    assert len(asked) == 1


def test_a_worker_answers_over_http(service):
    server = listen(Status(lambda: service), "127.0.0.1", 0)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/healthz") as answer:
            assert json.loads(answer.read())["status"] == "ok"
        with pytest.raises(SettingsInvalid, match="--metrics-port"):
            listen(Status(lambda: service), "127.0.0.1", server.server_port)
    finally:
        server.shutdown()
        server.server_close()
