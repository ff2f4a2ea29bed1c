"""Which review a message is about: found by what its payload, its thread's state or its metadata carries."""

import random
from typing import Any

import pytest
from unit.office import Office

from signoff.correlation import KeyUnreadable, find_review, parse_keys
from signoff.decisions import Reviewer
from signoff.errors import ManyReviewsCarry, NoReviewCarries
from signoff.reviews import Query
from signoff.scalars import MOST, read_scalars


@pytest.fixture
def office(tmp_path):
    opened = Office(tmp_path)
    yield opened
    opened.desk.close()


@pytest.mark.parametrize(
    ("payload", "more", "key", "value"),
    [
        ({"order_id": 4711}, {}, "order_id", "4711"),
        ({"order_id": "4711"}, {}, "order_id", 4711),
        ({"order": {"id": "A=1"}}, {}, "order.id", "A=1"),
        ({"order.id": "A"}, {}, "order.id", "A"),
        ({"action_requests": [{"args": {"order_id": 4711}}]}, {}, "action_requests.0.args.order_id", "4711"),
        ({"urgent": True}, {}, "urgent", "true"),
        ({"amount": 1.5}, {}, "amount", "1.5"),
        ({"note": "x" * 5_000}, {}, "note", "x" * 5_000),
        ("Approve?", {"order_id": 4711}, "order_id", "4711"),
        ("Approve?", {"customer": {"name": "Ünal"}}, "customer.name", "Ünal"),
        ("Approve?", {"metadata": {"order_id": "4711"}}, "order_id", "4711"),
        ({"businessKey": "PO-9"}, {}, "business_key", "PO-9"),
        ("Approve?", {"metadata": {"correlation_id": "PO-9"}}, "business_key", "PO-9"),
        ("Approve?", {}, "thread_id", "wanted"),
    ],
)
def test_a_review_is_found_by_what_it_carries(office, payload, more, key, value):
    office.pause("another", {"order_id": 1, "amount": 2, "urgent": False})
    office.pause("wanted", payload, **more)

    assert find_review(office.desk, {key: value}).review.thread_id == "wanted"


@pytest.mark.parametrize(
    "keys",
    [{"order_id": "4712"}, {"order_id": "471"}, {"order": "4711"}, {"id": "4711"}, {"ORDER_ID": "4711"}, {"step": "0"}],
)
def test_what_no_review_carries_is_refused_and_names_the_key(office, keys):
    office.pause("t", {"order_id": 4711})
    [(name, value)] = keys.items()

    with pytest.raises(NoReviewCarries, match=f"No waiting review carries {name}={value}. Nothing was sent"):
        find_review(office.desk, keys)


def test_several_reviews_with_the_key_are_refused_by_their_ids_until_one_more_key_tells_them_apart(office):
    office.pause("a", {"order_id": 4711, "stage": "legal"})
    office.pause("b", {"order_id": "4711", "stage": "finance"})
    ids = {review.id for review in office.desk.queue(Query()).reviews}

    with pytest.raises(ManyReviewsCarry) as refused:
        office.find(order_id=4711)

    assert set(refused.value.reviews) == {review.id for review in office.desk.queue(Query()).reviews} > ids
    assert office.find(order_id=4711, stage="finance").thread_id == "b"


def test_a_refusal_names_ten_reviews_at_most(office):
    for number in range(15):
        office.pause(f"t{number}", {"customer": "ACME"})

    with pytest.raises(ManyReviewsCarry, match="and more") as refused:
        office.find(customer="ACME")

    assert len(refused.value.reviews) == 10


def test_the_payload_speaks_for_its_question_whatever_the_thread_says(office):
    office.pause("t", {"order_id": 4712}, order_id=4711, metadata={"order_id": "4710"})

    assert office.find(order_id=4712).thread_id == "t"
    for other in (4711, 4710):
        with pytest.raises(NoReviewCarries):
            office.find(order_id=other)


def test_parallel_questions_are_told_apart_by_their_payloads(office):
    office.pause("t", [{"line": 1}, {"line": 2}], order_id=4711)

    assert office.find(order_id=4711, line=2).id != office.find(order_id=4711, line=1).id
    with pytest.raises(ManyReviewsCarry):
        office.find(order_id=4711)


def test_a_question_that_has_been_answered_is_not_found_any_more(office):
    office.pause("t", {"order_id": 4711})
    review = office.find(order_id=4711)

    office.desk.decide(review.id, {"approved": True}, reviewer=Reviewer(name="Ada"), raw=True)

    with pytest.raises(NoReviewCarries):
        office.find(order_id=4711)


def test_a_thread_that_has_moved_on_leaves_nothing_in_the_index(office):
    office.pause("t", {"order_id": 4711})
    office.desk.scan()
    before = office.marks()

    office.saver.delete_thread("t")
    office.desk.scan()

    assert before > office.marks() == 0


def test_only_threads_that_carry_the_key_are_read_again(office, monkeypatch):
    for number in range(30):
        office.pause(f"t{number}", {"order_id": number})
    office.desk.scan()
    looked = []
    read = office.desk.checkpoints.heads
    monkeypatch.setattr(office.desk.checkpoints, "heads", lambda ids: looked.extend(ids) or read(ids))

    assert office.find(order_id=7).thread_id == "t7"
    assert looked == ["t7"]


def test_the_index_holds_no_value_of_the_state(office):
    office.pause("t", {"order_id": "visible-in-search"}, customer={"iban": "DE02-secret"})
    office.desk.scan()

    stored = (office.desk.database.file.parent / "desk.db").read_bytes()
    wal = office.desk.database.file.with_name("desk.db-wal")
    assert b"DE02-secret" not in stored + (wal.read_bytes() if wal.exists() else b"")
    assert office.find(customer__iban="DE02-secret").thread_id == "t"


def test_a_rebuilt_queue_finds_the_same_review(office):
    office.pause("t", {"order_id": 4711})
    review = office.find(order_id=4711)

    office.desk.scanner.rebuild()

    assert office.find(order_id=4711).id == review.id


def test_huge_payloads_cost_a_bounded_number_of_keys_those_at_the_top_first():
    deep: Any = {"n": 1}
    for _ in range(2_000):
        deep = {"in": deep}
    wide = {"deep": deep, "lists": [[[0] * 1_000] * 1_000] * 1_000, "order_id": 4711}

    keys = read_scalars(wide)

    assert keys["order_id"] == "4711"
    assert len(keys) <= MOST


def test_the_index_follows_every_change_of_what_waits(office):
    chance = random.Random(4711)
    for _ in range(60):
        thread = f"t{chance.randrange(8)}"
        if chance.random() < 0.4:
            office.saver.delete_thread(thread)
        else:
            office.pause(thread, {"order_id": chance.randrange(10)})
        office.desk.scan()

    threads = [review.thread_id for review in office.desk.queue(Query()).reviews]
    waiting = [one for thread in threads for one in office.desk.scanner.waiting(thread)[1]]
    assert office.marks() == sum(len(one.keys) for one in waiting)


@pytest.mark.parametrize("given", [["order_id"], ["=4711"], ["a=1", "a=2"], [""]])
def test_a_key_that_is_no_name_with_a_value_is_refused(given):
    with pytest.raises(KeyUnreadable, match="Write --key name=value"):
        parse_keys(given)


def test_without_a_key_nothing_is_looked_for(office):
    office.pause("t", {"order_id": 4711})

    with pytest.raises(KeyUnreadable):
        find_review(office.desk, {})
