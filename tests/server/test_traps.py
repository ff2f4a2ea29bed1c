"""What an Agent Server does to those who do not look twice; each was seen with langgraph-api 0.16.7."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from contract import graphs
from langgraph.types import Command

from signoff.agent_server import Busy
from signoff.decisions import Outcome
from signoff.errors import AlreadyDecided, BackendUnavailable, ReviewClosed
from signoff.reviews import Kind, Query

CONFIG = {"configurable": {"thread_id": "t"}}
STRICT = {"configurable": {"__pregel_strict_resume": True}}


def runs(office, thread_id="t"):
    return office.store.checkpoints.server.runs(thread_id, limit=100)


def test_of_two_submits_one_is_applied_and_the_other_is_told(office):
    [review] = office.pause(graphs.one)

    def submit(name):
        try:
            return office.deliver(office.decide(review, name, name=name))
        except (AlreadyDecided, ReviewClosed) as late:
            return late

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(submit, ["Ada", "Grace"]))

    [applied] = [one for one in told if not isinstance(one, Exception)]
    assert applied.outcome is Outcome.APPLIED
    assert office.values()["log"] == [applied.answer, "done"]
    assert len(runs(office)) == 2  # the one that paused, and ours


def test_a_decision_that_is_delivered_by_four_at_once_begins_one_run(office):
    [review] = office.start("slow", x=1)
    decision = office.decide(review, "yes")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(office.applier.apply, [decision] * 4))

    assert office.desk.decision(decision.id).outcome is Outcome.APPLIED
    assert len(runs(office)) == 2


def test_the_server_takes_no_second_run_while_one_is_under_way(office):
    [review] = office.start("slow", x=2)
    server = office.store.checkpoints.server
    server.begin("t", "slow", command={"resume": {review.interrupt_id: "theirs"}}, stream_mode=["tasks"])

    with pytest.raises(Busy):
        server.begin("t", "slow", command={"resume": {review.interrupt_id: "ours"}}, stream_mode=["tasks"])


def test_an_answer_during_somebody_elses_run_is_superseded(office):
    [review] = office.start("slow", x=1)
    decision = office.decide(review, "ours")
    server = office.store.checkpoints.server
    server.begin("t", "slow", command={"resume": {review.interrupt_id: "theirs"}}, stream_mode=["tasks"])

    assert office.deliver(decision).outcome is Outcome.SUPERSEDED
    assert office.values()["log"][0] == "theirs"
    assert len(runs(office)) == 2


def test_an_answer_whose_run_was_stopped_by_another_that_answered_is_superseded(office):
    [review] = office.pause(graphs.one)
    decision, server = office.decide(review, "ours"), office.store.checkpoints.server
    real, there = server.begin, server._there("t")

    def begin(*given, **how):
        run = real(*given, **how, after_seconds=60)
        answer = {"resume": {review.interrupt_id: "theirs"}}
        server._client.runs.wait(there, "one", command=answer, multitask_strategy="interrupt")
        return run

    server.begin = begin

    assert office.deliver(decision).outcome is Outcome.SUPERSEDED
    assert office.values()["log"] == ["theirs", "done"]


def test_an_answer_that_waits_for_another_run_says_so(office):
    [first, second] = office.pause(graphs.parallel)
    server = office.store.checkpoints.server
    decision = office.decide(first, "yes")
    delayed = server.begin("t", "parallel", command={"resume": {second.interrupt_id: "theirs"}}, after_seconds=2)

    settled = office.deliver(decision)

    assert settled.outcome is Outcome.APPLIED, settled.error
    told = [(one.node, one.event) for one in office.desk.progress(decision.id)]
    assert told[:2] == [("another run on the thread", "started"), ("another run on the thread", "finished")]
    assert server.run("t", delayed["run_id"])["status"] == "success"


def test_a_resume_with_an_old_id_is_refused_and_the_thread_in_error_is_still_shown_as_waiting(office):
    """Guards the private key of strict resume: without it the second question would be answered with ``again``."""
    [review] = office.pause(graphs.two_in_a_node)
    office.deliver(office.decide(review, "first"))
    server = office.store.checkpoints.server
    again = server.begin("t", "two_in_a_node", command={"resume": {review.interrupt_id: "again"}}, config=STRICT)
    list(server.events("t", again["run_id"]))

    assert server.thread("t")["status"] == "error"
    [second] = office.reviews()
    assert (second.title, second.kind) == ("second?", Kind.INTERRUPT)
    assert office.deliver(office.decide(second, "second")).outcome is Outcome.APPLIED
    assert office.values()["log"] == ["first", "second", "done"]


def test_an_answer_that_the_schema_refuses_leaves_a_row_without_interrupts_that_is_still_listed(office):
    [review] = office.pause(graphs.typed)
    server = office.store.checkpoints.server
    wrong = server.begin("t", "typed", command={"resume": {review.interrupt_id: {"n": "many"}}})
    list(server.events("t", wrong["run_id"]))
    assert (server.thread("t")["status"], server.thread("t")["interrupts"]) == ("error", {})

    [again] = office.reviews()

    assert again.interrupt_id == review.interrupt_id
    assert office.deliver(office.decide(again, {"n": 1})).outcome is Outcome.APPLIED


def test_answers_to_parallel_questions_are_given_one_by_one(office):
    asked = {review.title: review for review in office.pause(graphs.parallel)}

    first = office.deliver(office.decide(asked["a"], "A"))
    [left] = office.reviews()

    assert (first.outcome, left.title) == (Outcome.APPLIED, "b")


def test_a_static_breakpoint_is_recognised_though_no_graph_is_here_and_its_row_asks_nothing(office):
    [review] = office.start("stops")
    office.deliver(office.decide(review, "yes"))
    row = office.store.checkpoints.server.thread("t")
    assert (row["status"], row["interrupts"]) == ("interrupted", {})

    [stop] = office.reviews()
    assert (stop.kind, stop.node) == (Kind.BREAKPOINT, "done")

    assert office.deliver(office.decide(stop, {"action": "continue"})).outcome is Outcome.APPLIED
    assert office.values()["log"] == ["yes", "done"]


def test_a_delayed_run_makes_the_thread_busy_and_its_question_is_still_listed(office):
    office.pause(graphs.one)
    server = office.store.checkpoints.server
    delayed = server.begin("t", "one", input=None, after_seconds=60)
    assert server.thread("t")["status"] == "busy"

    assert [review.kind for review in office.reviews()] == [Kind.INTERRUPT]
    server._client.runs.cancel(server._there("t"), delayed["run_id"], wait=True)


def test_a_question_is_listed_after_the_delayed_run_on_its_thread_was_cancelled(office):
    office.pause(graphs.one)
    server = office.store.checkpoints.server
    delayed = server.begin("t", "one", input=None, after_seconds=60)
    server._client.runs.cancel(server._there("t"), delayed["run_id"], wait=True)
    assert server.thread("t")["status"] == "idle"

    [review] = office.reviews()

    assert office.deliver(office.decide(review, "yes")).outcome is Outcome.APPLIED


def test_a_copied_thread_asks_for_itself(office):
    office.pause(graphs.one)
    server = office.store.checkpoints.server
    copy = server._client.threads.copy(server._there("t"))["thread_id"]
    server._client.threads.update(copy, metadata={"copied": True})
    assert server.thread(copy)["status"] == "idle"

    office.desk.scan()
    assert {review.thread_id for review in office.desk.queue(Query()).reviews} == {"t", copy}

    [review] = office.reviews(copy)
    assert office.deliver(office.decide(review, "yes")).outcome is Outcome.APPLIED
    assert (office.values(copy)["log"], office.values("t")["log"]) == (["yes", "done"], [])


def test_a_thread_whose_run_was_cancelled_does_not_stand_at_a_breakpoint(office):
    [review] = office.start("slow", x=30)
    server = office.store.checkpoints.server
    theirs = server.begin("t", "slow", command={"resume": {review.interrupt_id: "theirs"}}, stream_mode=["tasks"])
    next(
        data for _, data in server.events("t", theirs["run_id"]) if isinstance(data, dict) and data.get("name") == "nap"
    )
    server._client.runs.cancel(server._there("t"), theirs["run_id"], wait=True)
    assert server.thread("t")["status"] == "interrupted"

    assert office.reviews() == []
    assert office.store.head().paused_at(before={"*"}, after=()) is None


def test_a_deleted_thread_leaves_the_queue_at_the_next_scan(office):
    office.pause(graphs.one)
    office.pause(graphs.one, "other")
    office.store.saver.delete_thread("t")

    office.desk.scan()

    assert [review.thread_id for review in office.desk.queue(Query()).reviews] == ["other"]


def test_a_thread_that_went_on_elsewhere_leaves_the_queue_at_the_next_scan(office):
    [review] = office.pause(graphs.one)
    graphs.one(office.store.saver).invoke(Command(resume={review.interrupt_id: "theirs"}), CONFIG)

    office.desk.scan()

    assert office.desk.queue(Query()).reviews == ()


def test_a_scan_without_changes_asks_for_no_state_and_reads_two_pages_at_most(office, monkeypatch):
    for number in range(3):
        office.pause(graphs.one, f"t{number}")
    office.desk.scan()
    office.desk.scan()
    asked = []
    monkeypatch.setattr(office.store.checkpoints.server._client, "http", None)
    for name in ("search", "count", "state", "thread", "history"):
        real = getattr(type(office.store.checkpoints.server), name)
        note = lambda self, *a, _real=real, _name=name, **k: asked.append(_name) or _real(self, *a, **k)  # noqa: E731
        monkeypatch.setattr(type(office.store.checkpoints.server), name, note)

    office.desk.scan()

    assert asked == ["search", "count"]


def test_rows_give_the_queue_and_nodes_come_after_a_few_at_a_time(office):
    for number in range(8):
        graphs.one(office.store.saver).invoke({"x": 0, "log": []}, {"configurable": {"thread_id": f"t{number}"}})
    office.desk.scan()
    assert [review.node for review in office.desk.queue(Query()).reviews] == [None] * 8

    office.desk.scan()
    some = [review.node for review in office.desk.queue(Query()).reviews]
    office.desk.scan()

    assert (some.count("ask"), some.count(None)) == (5, 3)
    assert [review.node for review in office.desk.queue(Query()).reviews] == ["ask"] * 8


def test_the_configuration_of_the_run_before_is_given_to_the_run_of_the_answer(office):
    server = office.store.checkpoints.server
    server.create("t", "configured", {})
    given = {"tenant": "acme", "user_id": "customer-17", "checkpoint_dir": "/x"}
    config = {"configurable": given, "recursion_limit": 77, "tags": ["vip"]}
    first = server.begin("t", "configured", input={"x": 0, "log": []}, config=config, metadata={"why": "audit"})
    list(server.events("t", first["run_id"]))
    [review] = office.reviews()

    decision = office.deliver(office.decide(review, "yes"))

    assert decision.outcome is Outcome.APPLIED, decision.error
    assert office.values()["log"] == ["yes", given | {"limit": 77, "tags": ["vip"], "why": "audit"}]


def test_an_answer_is_applied_by_the_graph_itself_where_its_assistant_was_deleted(office):
    server = office.store.checkpoints.server
    assistant = server._client.assistants.create("one", name="for a while")["assistant_id"]
    server.create("t", "one", {})
    first = server.begin("t", assistant, input={"x": 0, "log": []})
    list(server.events("t", first["run_id"]))
    [review] = office.reviews()
    server._client.assistants.delete(assistant)

    settled = office.deliver(office.decide(review, "yes"))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values()["log"] == ["yes", "done"]


def test_nodes_that_run_are_told_while_the_server_runs_them(office):
    [review] = office.pause(graphs.in_subgraph)

    decision = office.deliver(office.decide(review, {"n": 1}))

    assert [(one.node, one.event) for one in office.desk.progress(decision.id)] == [
        ("outer", "started"),
        ("outer / amount", "started"),
        ("outer / amount", "finished"),
        ("outer", "finished"),
        ("done", "started"),
        ("done", "finished"),
    ]


def test_threads_of_the_server_cannot_be_run_in_this_process(office):
    with pytest.raises(BackendUnavailable, match="runs its graphs itself"):
        office.store.checkpoints.saver()
