"""What people say and set by hand stays: beside the decision, and when the queue is built anew."""

from datetime import UTC, datetime, timedelta

import pytest
from contract import graphs
from langgraph.graph import START, StateGraph

from signoff import comments, overrides
from signoff.decisions import Reviewer
from signoff.dialects.house_rules import HouseRule
from signoff.errors import NotAllowed, ReviewNotFound
from signoff.reviews import Priority

ADA, GRACE = Reviewer(name="Ada"), Reviewer(name="Grace")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAYLOAD = {"title": "Pay?", "priority": "low", "due_at": NOON.isoformat(), "tags": ["emea"]}


@pytest.fixture
def review(office):
    [review] = office.pause(graphs.asking(PAYLOAD))
    return review


def said(office, review):
    now = office.desk.review(review.id)
    return now.priority, now.due_at, now.tags


def test_comments_are_kept_in_order_with_author_and_time(office, review):
    before = datetime.now(UTC)
    comments.comment(office.desk, review.id, "  Called the customer.\n", reviewer=ADA)
    comments.comment(office.desk, review.id, "<b>Fine</b>", reviewer=GRACE)

    found = comments.on_review(office.desk, review.id)

    assert [(c.author.name, c.text) for c in found] == [("Ada", "Called the customer."), ("Grace", "<b>Fine</b>")]
    assert before <= found[0].at <= found[1].at <= datetime.now(UTC)


def test_comments_stay_when_the_review_is_decided_and_when_the_queue_is_built_anew(office, review):
    comments.comment(office.desk, review.id, "before", reviewer=ADA)
    office.deliver(office.decide(review, "yes"))
    comments.comment(office.desk, review.id, "after", reviewer=ADA)

    office.desk.scanner.rebuild()

    assert [c.text for c in comments.on_review(office.desk, review.id)] == ["before", "after"]
    assert [c.text for c in comments.on_thread(office.desk, "t")] == ["before", "after"]


def test_an_author_withdraws_a_comment_and_its_text_stays_on_record(office, review):
    remark = comments.comment(office.desk, review.id, "wrong case", reviewer=ADA)
    with pytest.raises(NotAllowed):
        comments.withdraw(office.desk, remark.seq, reviewer=GRACE)

    comments.withdraw(office.desk, remark.seq, reviewer=ADA)

    [kept] = comments.on_review(office.desk, review.id)
    assert kept.text == "wrong case"
    assert kept.withdrawn_at >= kept.at
    with pytest.raises(NotAllowed):
        comments.withdraw(office.desk, remark.seq, reviewer=ADA)


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001])
def test_a_comment_that_says_nothing_or_too_much_is_refused(office, review, text):
    with pytest.raises(comments.CommentUnusable):
        comments.comment(office.desk, review.id, text, reviewer=ADA)


def test_nothing_is_written_on_a_review_that_does_not_exist(office):
    with pytest.raises(ReviewNotFound):
        comments.comment(office.desk, "0123456789abcdef", "hello", reviewer=ADA)
    with pytest.raises(ReviewNotFound):
        overrides.set_priority(office.desk, "0123456789abcdef", Priority.HIGH, reviewer=ADA)


def test_what_is_set_by_hand_counts_before_the_payload_and_is_kept(office, review):
    assert said(office, review) == (Priority.LOW, NOON, ("emea",))

    overrides.set_priority(office.desk, review.id, Priority.URGENT, reviewer=ADA)
    overrides.set_due(office.desk, review.id, None, reviewer=ADA)
    overrides.set_tags(office.desk, review.id, ["vip", " vip ", "", "two\nlines"], reviewer=GRACE)

    by_hand = (Priority.URGENT, None, ("vip", "two lines"))
    assert said(office, review) == by_hand
    office.desk.scanner.rebuild()
    assert said(office, review) == by_hand
    set_by = [(one.field, one.set_by) for one in overrides.on_review(office.desk, review.id)]
    assert set_by == [("due_at", "Ada"), ("priority", "Ada"), ("tags", "Grace")]


def test_what_was_set_by_hand_can_be_taken_back(office, review):
    overrides.set_priority(office.desk, review.id, Priority.URGENT, reviewer=ADA)
    overrides.set_due(office.desk, review.id, NOON + timedelta(days=1), reviewer=ADA)
    assert said(office, review)[1] == NOON + timedelta(days=1)

    for field in (overrides.PRIORITY, overrides.DUE):
        overrides.reset(office.desk, review.id, field, reviewer=ADA)

    assert said(office, review) == (Priority.LOW, NOON, ("emea",))
    assert overrides.on_review(office.desk, review.id) == ()


def test_what_is_set_by_hand_and_taken_back_is_in_the_trail(office, review):
    overrides.set_priority(office.desk, review.id, Priority.URGENT, reviewer=GRACE)
    for _ in range(2):  # the second time there is nothing to be taken back
        overrides.reset(office.desk, review.id, overrides.PRIORITY, reviewer=ADA)

    about = {"review_id": review.id, "field": "priority"}
    assert [(entry.event, entry.body) for entry in office.desk.database.audit.entries()] == [
        ("set by hand", about | {"by": "Grace", "value": "urgent"}),
        ("reset", about | {"by": "Ada"}),
    ]
    assert office.desk.database.audit.verify() == []


RULES = (
    HouseRule(graph="pay", node="ask", match={"kind": "refund"}, priority=Priority.HIGH, tags=("refund",)),
    HouseRule(graph="pay", priority=Priority.LOW, due_in=timedelta(hours=4), groups=("finance",), assignees=("Kim",)),
    HouseRule(graph="other", priority=Priority.URGENT),
)


REFUND = {"kind": "refund"}


@pytest.mark.parametrize(
    ("payload", "metadata", "expected"),
    [
        (REFUND, {}, (Priority.HIGH, "refund", "finance")),
        ({"kind": "order"}, {}, (Priority.LOW, None, "finance")),
        (REFUND | {"priority": "urgent", "tags": "vip"}, {}, (Priority.URGENT, "vip", "finance")),
        (REFUND, {"priority": "normal", "groups": "sales"}, (Priority.NORMAL, "refund", "sales")),
    ],
    ids=["first rule counts", "second rule", "payload first", "then thread metadata"],
)
def test_a_rule_speaks_where_payload_and_thread_say_nothing(office, payload, metadata, expected):
    office.lay_down(RULES)
    review = paused(office, payload, metadata)

    assert (review.priority, next(iter(review.tags), None), *review.groups) == expected
    assert review.assignees == ("Kim",)
    assert review.due_at == office.store.head().created_at + timedelta(hours=4)


def test_a_due_time_by_rule_does_not_move_when_the_thread_is_read_again(office):
    office.lay_down(RULES)
    review = paused(office, {"kind": "order"}, {})

    office.desk.scanner.rebuild()

    assert office.desk.review(review.id).due_at == review.due_at


def paused(office, payload, metadata):
    builder = StateGraph(dict).add_node("ask", lambda state: interrupted(payload)).add_edge(START, "ask")
    config = {"configurable": {"thread_id": "t"}, "metadata": {"graph_id": "pay", **metadata}}
    builder.compile(checkpointer=office.store.saver).invoke({"x": 0}, config)
    [review] = office.reviews()
    return review


def interrupted(payload):
    from langgraph.types import interrupt

    return {"answer": interrupt(payload)}
