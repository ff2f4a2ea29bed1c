"""One answer to many reviews: who is asked the same, what is left out and why, and nothing lost or sent twice."""

import pytest
from unit.office import Office

from signoff import bulk, claims
from signoff.decisions import Outcome, Reviewer
from signoff.errors import CommentMissing
from signoff.reviews import ABSENT, Query
from signoff.sending import Sending

ADA = Reviewer(name="Ada")
GRACE = Reviewer(name="Grace")
APPROVED = {
    "type": "object",
    "properties": {"approved": {"type": "boolean"}, "amount": {"type": "number"}},
    "required": ["approved"],
}


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.desk.close()


def ids(office):
    office.desk.scan()
    return [review.id for review in office.desk.queue(Query(limit=1000)).reviews]


def calls(*requests, allowed=("approve", "edit", "reject")):
    """Return a HITL request for tool calls, each a name and its arguments."""
    return {
        "action_requests": [{"name": name, "args": args} for name, args in requests],
        "review_configs": [{"action_name": name, "allowed_decisions": list(allowed)} for name, _ in requests],
    }


def decision_of(kind, count=1, **more):
    return {"decisions": [{"type": kind, **more}] * count}


def planned(office, answer, selection=None):
    selection = selection or bulk.alike(office.desk, ids(office))
    return bulk.dry_run(office.desk, selection, selection.groups[0], answer, reviewer=ADA)


def send(office, plan, reviewer=ADA):
    return list(bulk.carry_out(office.desk, plan, reviewer=reviewer, comment="Checked together."))


def reasons(items):
    return [item.left_out for item in items if item.left_out]


def test_calls_of_one_tool_are_alike_whatever_their_arguments(office):
    office.pause("a", calls(("refund", {"amount": 80})))
    office.pause("b", calls(("refund", {"amount": 12.5, "note": "late"})))

    [group] = bulk.alike(office.desk, ids(office)).groups

    assert [review.thread_id for review in group.reviews] == ["a", "b"]


@pytest.mark.parametrize(
    "other",
    [
        calls(("delete_account", {"amount": 80})),
        calls(("refund", {"amount": 80}), ("refund", {"amount": 90})),
        calls(("refund", {"amount": 80}), allowed=("approve", "reject")),
        {"type": "tool_approval", "name": "refund", "args": {"amount": 80}},
        "Approve?",
    ],
    ids=["another tool", "more calls", "other decisions", "another dialect", "another payload"],
)
def test_what_asks_something_else_is_another_group(office, other):
    office.pause("a", calls(("refund", {"amount": 80})))
    office.pause("b", other)

    assert len(bulk.alike(office.desk, ids(office)).groups) == 2


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            {"type": "tool_approval", "name": "refund", "args": {}},
            {"type": "tool_approval", "name": "delete", "args": {}},
        ),
        (
            {"action_request": {"action": "refund", "args": {}}, "config": {"allow_accept": True}},
            {"action_request": {"action": "delete", "args": {}}, "config": {"allow_accept": True}},
        ),
        (
            {"type": "ask_user", "questions": [{"question": "Which city?"}]},
            {"type": "ask_user", "questions": [{"question": "Which colour?"}]},
        ),
        ({"question": "Which?", "options": ["a", "b"]}, {"question": "Which?", "options": ["a", "c"]}),
    ],
    ids=["tool approval", "agent inbox", "ask user", "choices"],
)
def test_another_tool_or_question_is_another_group_in_every_dialect(office, one, two):
    office.pause("a", one)
    office.pause("b", two)

    assert len(bulk.alike(office.desk, ids(office)).groups) == 2


def test_the_one_form_offers_no_answer_that_belongs_to_one_thread(office):
    office.pause("a", calls(("refund", {"amount": 80})))
    office.pause("b", calls(("refund", {"amount": 90})))

    [group] = bulk.alike(office.desk, ids(office)).groups
    [row] = group.schema["properties"]["decisions"]["prefixItems"]

    assert [branch["title"] for branch in row["oneOf"]] == ["Approve", "Reject"]


def test_the_one_form_begins_with_what_all_propose(office):
    fields = {"amount": {"type": "number"}, "currency": {"type": "string"}}
    for thread, amount in (("a", 80), ("b", 90)):
        shape = {"type": "object", "properties": fields}
        office.pause(thread, {"amount": amount, "currency": "EUR"}, shape=shape)

    [group] = bulk.alike(office.desk, ids(office)).groups

    assert group.prefill == {"currency": "EUR"}


def test_a_dry_run_records_nothing_and_says_what_each_graph_would_get(office):
    for thread in ("a", "b"):
        request = {"action": "refund", "args": {"order": thread}}
        office.pause(thread, {"action_request": request, "config": {"allow_accept": True, "allow_edit": True}})

    plan = planned(office, {"type": "accept"})

    assert [item.resume[0]["args"]["args"] for item in plan.ready] == [{"order": "a"}, {"order": "b"}]
    assert office.desk.decisions() == ((), 0)


def test_an_edited_call_is_sent_to_nobody_else(office):
    office.pause("a", calls(("refund", {"amount": 80})))
    office.pause("b", calls(("refund", {"amount": 90})))
    edit = decision_of("edit", edited_action={"name": "refund", "args": {"amount": 80}})

    plan = planned(office, edit)

    assert (plan.ready, len(reasons(plan.items))) == ((), 2)


def test_a_value_that_one_thread_proposes_is_not_sent_to_the_others(office):
    for thread, amount in (("a", 80), ("b", 90)):
        office.pause(thread, {"amount": amount}, shape=APPROVED)

    plan = planned(office, {"approved": True, "amount": 80})

    assert [item.thread_id for item in plan.ready] == ["a"]
    assert "proposes another value for 'amount'" in reasons(plan.items)[0]


def test_what_all_propose_may_be_changed_for_all(office):
    for thread in ("a", "b"):
        office.pause(thread, {"amount": 80}, shape=APPROVED)

    assert len(planned(office, {"approved": True, "amount": 70}).ready) == 2


def test_an_answer_that_does_not_fit_is_left_out_everywhere(office):
    office.pause("a", {"amount": 1}, shape=APPROVED)

    assert "does not fit" in reasons(planned(office, {"approved": "perhaps"}).items)[0]


def test_every_review_that_is_not_sent_to_says_why(office):
    for thread in ("a", "b", "c", "d", "e"):
        office.pause(thread, calls(("refund", {"amount": 80})))
    office.pause("f", "Approve?")
    chosen = [*ids(office), "0000000000000000"]
    office.desk.decide(chosen[1], decision_of("reject"), reviewer=GRACE)
    office.saver.delete_thread("c")
    claims.claim(office.desk, chosen[3], reviewer=GRACE, minutes=5)

    plan = planned(office, decision_of("approve"), bulk.alike(office.desk, chosen))

    said = {item.thread_id: item.left_out for item in plan.items}
    assert len(plan.items) == len(chosen)
    assert [item.thread_id for item in plan.ready] == ["a", "e"]
    assert "already decided by Grace" in said["b"]
    assert "deleted" in said["c"]
    assert "Grace" in said["d"]
    assert "does not ask the same" in said["f"]
    assert "no review" in said[""]


def test_a_graph_that_did_not_load_is_left_out(office):
    office.pause("a", "Approve?")
    chosen = bulk.alike(office.desk, ids(office))
    office.graphs.names = ()

    assert "cannot tell which graph" in reasons(planned(office, True, chosen).items)[0]


def test_what_was_decided_after_the_dry_run_stays_as_it_was_decided(office):
    office.pause("a", "Approve?")
    office.pause("b", "Approve?")
    plan = planned(office, True)
    office.desk.decide(plan.items[0].review_id, False, reviewer=GRACE)

    items = send(office, plan)
    office.deliver()

    assert "already decided by Grace" in items[0].left_out
    assert office.answers() == {"a": False, "b": True}


def test_what_somebody_claims_after_the_dry_run_stays_theirs(office):
    office.pause("a", "Approve?")
    office.pause("b", "Approve?")
    plan = planned(office, True)
    claims.claim(office.desk, plan.items[0].review_id, reviewer=GRACE, minutes=5)

    items = send(office, plan)

    assert "Grace" in items[0].left_out
    assert [item.thread_id for item in items if item.decision] == ["b"]


def test_what_changed_after_the_dry_run_gets_no_answer(office):
    office.pause("a", {"question": "Pay?", "amount": 1})
    office.pause("b", {"question": "Pay?", "amount": 1})
    plan = planned(office, {"approved": True})
    config = {"configurable": {"thread_id": "a"}}
    office.graph.update_state(config, {"ask": {"question": "Pay?", "amount": 1_000_000}}, as_node="__start__")
    office.graph.invoke(None, config)

    items = send(office, plan)
    office.deliver()

    assert items[0].left_out
    assert office.answers() == {"b": {"approved": True}}


def test_another_resume_value_than_the_dry_run_showed_is_not_recorded(office, monkeypatch):
    office.pause("a", "Approve?")
    plan = planned(office, True)
    real = office.desk.rehearse

    def otherwise(*args, **given):
        waiting, decision = real(*args, **given)
        return waiting, bulk.replace(decision, resume="something else")

    monkeypatch.setattr(office.desk, "rehearse", otherwise)

    assert "changed" in send(office, plan)[0].left_out
    assert office.desk.decisions() == ((), 0)


def test_a_reason_is_required_before_anything_is_sent(office):
    office.pause("a", "Approve?")

    with pytest.raises(CommentMissing):
        bulk.carry_out(office.desk, planned(office, True), reviewer=ADA, comment=" ")

    assert office.desk.decisions() == ((), 0)


def test_sixty_are_answered_once_each_and_known_to_belong_together(office):
    for at in range(60):
        office.pause(f"t{at:02}", {"question": "Pay?", "amount": at})

    plan = planned(office, {"approved": True})
    items = send(office, plan)
    office.deliver()
    outcomes = office.desk.database.bulks.outcomes(plan.id)

    assert office.desk.decisions()[1] == 60
    assert office.answers() == {f"t{at:02}": {"approved": True} for at in range(60)}
    assert set(outcomes.values()) == {(Outcome.APPLIED, "")}
    assert office.desk.database.bulks.others(items[0].decision.id) == 59
    assert {item.decision.comment for item in items} == {"Checked together."}


def test_of_more_than_can_be_sent_at_a_time_the_first_are_looked_at(office, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    for thread in ("a", "b", "c"):
        office.pause(thread, "Approve?")

    [group] = bulk.alike(office.desk, ids(office)).groups

    assert [review.thread_id for review in group.reviews] == ["a", "b"]


def test_the_fingerprint_binds_answer_and_questions(office):
    office.pause("a", "Approve?")
    before = planned(office, True).fingerprint

    assert planned(office, True).fingerprint == before
    assert planned(office, False).fingerprint != before
    office.pause("b", "Approve?")
    assert planned(office, True).fingerprint != before


def test_where_every_answer_holds_a_proposal_of_its_own_nothing_is_common(office):
    for thread, draft in (("a", "Dear Ann"), ("b", "Dear Bob")):
        office.pause(thread, calls(("mail", {"text": draft}), allowed=("edit",)))

    [group] = bulk.alike(office.desk, ids(office)).groups

    assert group.prefill is ABSENT
    edit = decision_of("edit", edited_action={"name": "mail", "args": {"text": "Dear all"}})
    assert len(reasons(planned(office, edit).items)) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_sending_that_ends_early_says_of_the_rest_that_nothing_was_sent(office, monkeypatch):
    for thread in ("a", "b", "c"):
        office.pause(thread, "Approve?")
    plan, real = planned(office, True), office.desk.decide

    def failing(review_id, *args, **given):
        if review_id == plan.items[1].review_id:
            raise RuntimeError("a bug")
        return real(review_id, *args, **given)

    monkeypatch.setattr(office.desk, "decide", failing)
    sending = Sending(office.desk, plan, reviewer=ADA, comment="Checked.")
    sending.wait()

    assert [bool(item.decision) for item in sending.told] == [True, False, False]
    assert all("nothing was sent" in why for why in reasons(sending.told))
