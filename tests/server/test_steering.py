"""Changing a thread's state and course, and going back in time, as far as the server's API can."""

from contextlib import closing

import pytest
from contract import graphs

from signoff import travel
from signoff.agent_server import AgentServer, Refused, Unsure
from signoff.decisions import Outcome, Reviewer
from signoff.errors import BackendUnavailable
from signoff.reviews import Kind

ADA = Reviewer(name="Ada")


def step_with(office, *next_nodes, source=None):
    return next(
        moment.step
        for moment in office.desk.history("t")
        if moment.step.next == next_nodes and source in (None, moment.step.source)
    )


def go_back(office, step, **given):
    leaving = travel.departure(office.desk, "t", step.checkpoint_id)
    return office.deliver(travel.rerun(office.desk, leaving, reviewer=ADA, comment="why", **given))


def fork(office, step, **given):
    leaving = travel.departure(office.desk, "t", step.checkpoint_id)
    return office.deliver(travel.fork(office.desk, leaving, reviewer=ADA, comment="why", **given))


@pytest.fixture
def broken(office):
    [failed] = office.start("failing")
    assert failed.kind is Kind.FAILED
    return failed


def test_a_failed_node_is_tried_again_and_fails_again_in_the_same_words(office, broken):
    settled = office.deliver(office.decide(broken, {"action": "retry"}))

    assert settled.outcome is Outcome.FAILED
    assert settled.error.startswith("ZeroDivisionError")
    assert [review.kind for review in office.reviews()] == [Kind.FAILED]


def test_a_failed_node_runs_again_on_an_edited_state(office, broken):
    settled = office.deliver(office.decide(broken, {"action": "edit", "values": {"x": 1, "log": ["edited"]}}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values() == {"x": 1, "log": ["edited", 1, "done"]}


@pytest.fixture
def stopped(office):
    [review] = office.start("stops")
    office.deliver(office.decide(review, "yes"))
    [stop] = office.reviews()
    assert stop.kind is Kind.BREAKPOINT
    return stop


def test_a_thread_at_a_breakpoint_goes_on_at_another_node(office, stopped):
    settled = office.deliver(office.decide(stopped, {"action": "skip", "to": "ask"}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    [again] = office.reviews()
    assert office.deliver(office.decide(again, "once more")).outcome is Outcome.APPLIED
    assert office.values()["log"] == ["yes", "once more"]


def test_a_thread_at_a_breakpoint_goes_on_with_an_edited_state(office, stopped):
    settled = office.deliver(office.decide(stopped, {"action": "edit", "values": {"log": ["edited"]}}))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values()["log"] == ["edited", "done"]


def test_a_failed_thread_is_ended(office, broken):
    settled = office.deliver(office.decide(broken, {"action": "end", "reason": "not wanted any more"}))

    assert settled.outcome is Outcome.APPLIED
    assert office.reviews() == []
    assert office.store.head().next == ()


def test_the_threads_on_which_reducers_are_tried_out_are_never_seen(office, broken):
    office.deliver(office.decide(broken, {"action": "edit", "values": {"x": 1, "log": ["edited"]}}))
    office.desk.scan()

    assert len(office.store.checkpoints.server.search(limit=10)) == 1


def test_a_crash_between_the_two_steps_of_an_edit_is_gone_on_with(office, broken, monkeypatch):
    decision = office.decide(broken, {"action": "edit", "values": {"x": 1}})
    server = office.store.checkpoints.server
    with monkeypatch.context() as dying:
        dying.setattr(type(server), "begin", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            office.applier.apply(decision)
    server.timeout = 0  # the request is known to be lost

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert office.values()["log"] == [1, "done"]


def test_a_crash_between_the_two_steps_of_a_skip_is_gone_on_with(office, stopped, monkeypatch):
    decision = office.decide(stopped, {"action": "skip", "to": "ask"})
    server = office.store.checkpoints.server
    with monkeypatch.context() as dying:
        dying.setattr(type(server), "begin", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            office.applier.apply(decision)
    server.timeout = 0  # the request is known to be lost

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert [review.title for review in office.reviews()] == ["Approve?"]


def unsure(server, held):
    """Let no request arrive, and say that it may have."""

    def begin(*given, **how):
        held.append((given, how))
        raise Unsure("the connection broke")

    real, server.begin = server.begin, begin
    return real


def test_a_run_that_is_asked_for_and_begins_late_is_not_asked_for_twice(office, stopped):
    server, held = office.store.checkpoints.server, []
    before, decision = len(server.runs("t")), office.decide(stopped, {"action": "continue"})
    real = unsure(server, held)
    for reason in ("the connection broke", "did not say whether it began"):
        with pytest.raises(BackendUnavailable, match=reason):
            office.applier.apply(decision)

    [(given, how)] = held
    real(*given, **how)

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert len(server.runs("t")) == before + 1


def test_a_run_that_is_asked_for_and_does_not_begin_is_asked_for_again_after_some_timeouts(office, stopped):
    server, held = office.store.checkpoints.server, []
    decision = office.decide(stopped, {"action": "continue"})
    real = unsure(server, held)
    with pytest.raises(Unsure):
        office.applier.apply(decision)
    server.begin, server.timeout = real, 0

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert [(one.node, one.event) for one in office.desk.progress(decision.id)][:3] == [
        ("request to the server", "started"),
        ("request to the server", "started"),
        ("request to the server", "finished"),
    ]


def test_an_answered_question_is_asked_again_from_an_earlier_step(office):
    [review] = office.pause(graphs.one)
    office.deliver(office.decide(review, "yes"))

    settled = go_back(office, step_with(office, "ask"))

    assert settled.outcome is Outcome.APPLIED
    [again] = office.reviews()
    assert again.interrupt_id != review.interrupt_id


def test_an_earlier_step_runs_again_with_an_edited_state_and_stays_as_it_was(office):
    [review] = office.pause(graphs.one)
    office.deliver(office.decide(review, "yes"))
    step = step_with(office, "done")

    settled = go_back(office, step, values={"log": ["edited"], "x": 7})

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values() == {"x": 7, "log": ["edited", "done"]}
    assert dict(travel.departure(office.desk, "t", step.checkpoint_id).step.values) == {"x": 0, "log": ["yes"]}


def test_a_fork_is_a_thread_of_its_own(office):
    [review] = office.pause(graphs.one)
    office.deliver(office.decide(review, "yes"))

    settled = fork(office, step_with(office, "done"), values={"x": 7}, run=True)

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.values(settled.home) == {"x": 7, "log": ["yes", "done"]}
    assert office.values("t") == {"x": 0, "log": ["yes", "done"]}


def test_a_fork_that_is_not_run_stands_at_its_step(office):
    [review] = office.pause(graphs.one)
    office.deliver(office.decide(review, "yes"))

    settled = fork(office, step_with(office, "done"))

    assert settled.outcome is Outcome.APPLIED, settled.error
    assert office.store.head(settled.home).next == ("done",)


def test_what_the_server_cannot_fork_is_refused_and_leaves_no_thread(office):
    office.pause(graphs.one)

    settled = fork(office, step_with(office, "__start__"))

    assert settled.outcome is Outcome.REFUSED
    assert "exactly one node" in settled.error
    assert office.store.checkpoints.missing([settled.home]) == {settled.home}


def test_a_name_that_is_no_uuid_is_refused_in_the_words_of_the_server(dev_server):
    with closing(AgentServer(dev_server.url)) as server, pytest.raises(Refused, match="must be a UUID"):
        server.create("my-thread", "one", {})
