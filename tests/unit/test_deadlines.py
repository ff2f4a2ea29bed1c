"""What a payload or a rule says about time is read; what cannot be read, or done, is said and costs only itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.deadlines import Plan, Then, TimeLimit, plan_of
from signoff.dialects import read_card
from signoff.dialects.metadata import read_metadata
from signoff.projection import Waiting
from signoff.reviews import ABSENT, Kind, Review, State

NOON = datetime(2030, 3, 1, 12, tzinfo=UTC)
AT = {"question": "Pay?", "expires_at": "2030-03-01T12:00:00Z"}
APPROVAL = {"type": "object", "properties": {"approved": {"type": "boolean"}}, "required": ["approved"]}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def waiting(payload, schema=None, *, kind=Kind.INTERRUPT):
    review = Review(
        id="0" * 16, thread_id="t", checkpoint_id="c", kind=kind, state=State.WAITING, title="?", paused_at=NOON,
        graph="pay", node="ask",
    )  # fmt: skip
    card = read_card(payload, response_schema=schema, node="ask", graph="pay")
    return Waiting(
        review=review, payload=payload, schema=schema, card=card, details=read_metadata(payload, {}), keys={}
    )


def plan(payload, schema=None, *, metadata=None, rules=()):
    return plan_of(waiting(payload, schema), metadata or {}, rules)


def rule(**given):
    return TimeLimit(**{"name": "1", "after": timedelta(hours=1), "wanted": "escalate"} | given)


@pytest.mark.parametrize(
    ("said", "then", "answer"),
    [
        ({}, Then.ESCALATE, ABSENT),
        ({"on_timeout": None}, Then.ESCALATE, ABSENT),
        ({"on_timeout": "Escalate"}, Then.ESCALATE, ABSENT),
        ({"on_timeout": {"approved": True}}, Then.ANSWER, {"approved": True}),
        ({"onTimeout": {"answer": {"approved": False}}}, Then.ANSWER, {"approved": False}),
        ({"on_timeout": "reject"}, Then.REJECT, {"approved": False}),
    ],
)
def test_a_payload_says_what_happens_and_when(said, then, answer):
    found = plan({**AT, **said}, APPROVAL)

    assert (found.at, found.then, found.answer, found.note) == (NOON, then, answer, "")


def test_silence_never_approves_unless_somebody_wrote_that_answer():
    for said in ("approve", "accept", "yes", "continue", True, {"type": "accept"}, ["approve"], 1):
        found = plan({**AT, "on_timeout": said}, APPROVAL)
        assert (found.then, found.answer) == (Then.ESCALATE, ABSENT)
        assert "does not fit" in found.note


def test_an_answer_that_langgraph_could_not_store_is_not_given():
    assert plan({**AT, "on_timeout": {"answer": 2**70}}).then is Then.ESCALATE


def test_what_has_no_answer_that_rejects_is_escalated_and_says_so():
    found = plan({**AT, "on_timeout": "reject"})

    assert found.then is Then.ESCALATE
    assert "no answer that clearly rejects" in found.note


def test_a_span_counts_from_when_the_pause_was_first_seen():
    found = plan({"question": "Pay?", "timeout": "PT2H", "on_timeout": "escalate"})

    assert found.due(NOON) == NOON + timedelta(hours=2)


def test_the_timeout_of_a_tool_is_no_deadline():
    assert plan({"action": "run", "args": {"timeout": 30}, "timeout": 30}) is None
    assert plan("Pay?", metadata={"timeout": 30, "on_timeout": "reject"}) is None


@pytest.mark.parametrize("value", ["soon", "", True, [], {}, -1, 1e300, float("nan"), "9" * 400, {"at": [1]}])
def test_a_time_that_cannot_be_read_is_noted_and_nothing_happens(value):
    for broken in ({"expires_at": value}, {"timeout": value, "on_timeout": "reject"}):
        found = plan({"question": "Pay?", **broken}, APPROVAL)
        assert found.due(NOON) is None
        assert "cannot be read" in found.note


def test_the_payload_comes_before_the_thread_and_the_thread_before_the_rules():
    rules = [rule(wanted="reject")]

    assert plan(AT, APPROVAL, metadata={"expires_at": "2031-01-01"}, rules=rules).at == NOON
    assert plan({"question": "?"}, APPROVAL, metadata={"expires_at": "2031-01-01"}, rules=rules).at.year == 2031
    assert plan({"question": "?"}, APPROVAL, rules=rules).then is Then.REJECT


def test_where_the_payload_cannot_be_read_the_rule_counts_and_the_payload_is_noted():
    found = plan({"question": "?", "expires_at": "soon"}, APPROVAL, rules=[rule()])

    assert found.due(NOON) == NOON + timedelta(hours=1)
    assert "expires_at cannot be read" in found.note


def test_the_first_rule_that_is_about_a_question_counts():
    rules = [rule(graph="other"), rule(node="other"), rule(match={"amount": 7}), rule(name="4", match={"amount": 8})]

    assert plan({"question": "?", "amount": 8}, rules=rules).by == "timeout rule 4 of signoff.toml"
    assert plan({"question": "?", "amount": 9}, rules=rules) is None


def test_only_questions_have_deadlines():
    assert plan_of(waiting(AT, kind=Kind.FAILED), {}, [rule()]) is None


@given(JSON, JSON, JSON)
def test_no_payload_breaks_the_reading(at, span, then):
    found = plan({"question": "?", "expires_at": at, "timeout": span, "on_timeout": then})

    assert found is None or isinstance(found, Plan)
    assert found is None or found.due(NOON) is None or found.due(NOON).tzinfo
