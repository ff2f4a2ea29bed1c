"""What a reviewer did not edit stays the object that it was; what was edited gets the type of what stood there."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypedDict
from uuid import UUID

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from pydantic import BaseModel

from signoff.checkpoints.decoding import STRICT, decode, to_json
from signoff.editing import edited_value

NOON = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)


@dataclass
class Item:
    number: int
    at: datetime
    rest: Any = None


class Order(BaseModel):
    amount: int
    day: date
    rest: Any = None


class Scan(TypedDict):
    name: str
    image: bytes


class State(TypedDict):
    messages: Annotated[list, add_messages]
    typed: Annotated[list[AnyMessage], add_messages]
    scan: Scan
    image: bytes
    order: Order
    names: dict[int, str]
    loose: Any
    table: dict
    rows: list


CHANNELS = StateGraph(State).add_node("a", lambda state: {}).add_edge(START, "a").compile().channels
MESSAGES = [HumanMessage("hi", id="1"), AIMessage("yes", id="2", tool_calls=[{"name": "pay", "args": {}, "id": "c"}])]
MIXED = {
    "at": NOON,
    "item": Item(1, NOON, {3}),
    "order": Order(amount=1, day=NOON.date(), rest=(1, b"x")),
    "price": Decimal("1.10"),
    "tags": {"a", "b"},
    "id": UUID(int=7),
    "pair": (1, [NOON]),
    "raw": b"\x00\xff",
    "none": math.nan,
    7: "a number for a name",
    "plain": 1,
}


def edited(channel, stored, edit):
    """Return what becomes of a value that is read as pages do, edited, and sent."""
    value = to_json(decode(*STRICT.dumps_typed(stored)), name_binary=True)
    value = edit(value) or value
    return edited_value(CHANNELS[channel], value, stored)


def put(*path_and_value):
    *path, last, new = path_and_value

    def edit(value):
        for step in path:
            value = value[step]
        value[last] = new

    return edit


@pytest.mark.parametrize("channel", ["loose", "table"])
def test_what_was_not_edited_is_the_very_same(channel):
    after = edited(channel, MIXED, put("plain", True))

    assert after["plain"] is True
    assert list(after) == list(MIXED)
    assert all(after[name] is MIXED[name] for name in MIXED if name != "plain")


@pytest.mark.parametrize(
    ("edit", "name", "now"),
    [
        (put("at", "2020-01-01T00:00:00Z"), "at", datetime(2020, 1, 1, tzinfo=UTC)),
        (put("item", "number", 5), "item", Item(5, NOON, {3})),
        (put("order", "amount", 5), "order", Order(amount=5, day=NOON.date(), rest=(1, b"x"))),
        (put("price", "2.5"), "price", Decimal("2.5")),
        (put("tags", ["a", "c"]), "tags", {"a", "c"}),
        (put("pair", 0, 2), "pair", (2, [NOON])),
        (put("7", "changed"), 7, "changed"),
        (put("new", [1]), "new", [1]),
    ],
    ids=["date", "dataclass", "model", "decimal", "set", "tuple", "number for a name", "new"],
)
def test_what_was_edited_has_the_type_of_what_stood_there(edit, name, now):
    after = edited("loose", MIXED, edit)

    assert after[name] == now
    assert type(after[name]) is type(now)
    assert all(after[other] is MIXED[other] for other in MIXED if other != name)


def test_a_model_keeps_in_its_other_fields_what_json_does_not_have():
    before = Order(amount=1, day=NOON.date(), rest={"at": NOON})

    after = edited("order", before, put("amount", 2))

    assert after == Order(amount=2, day=NOON.date(), rest={"at": NOON})


@pytest.mark.parametrize("channel", ["messages", "typed", "rows"])
def test_messages_stay_messages(channel):
    first, second = edited(channel, MESSAGES, put(0, "content", "hello"))
    assert (first, second) == (HumanMessage("hello", id="1"), MESSAGES[1])
    assert second is MESSAGES[1]

    assert edited(channel, MESSAGES, lambda value: value[1:]) == MESSAGES[1:]
    more = edited(channel, MESSAGES, lambda value: [*value, {"type": "human", "content": "more"}])
    assert more == [*MESSAGES, HumanMessage("more")]


@pytest.mark.parametrize("stored", [[], ["a"]])
def test_a_list_gets_an_object_that_is_no_message(stored):
    assert edited("rows", stored, lambda value: [*value, {"amount": 1}]) == [*stored, {"amount": 1}]


def test_a_name_changes_beside_binary_data_which_stays():
    before = {"name": "one", "image": b"\x00\x01"}

    assert edited("scan", before, put("name", "two")) == {"name": "two", "image": b"\x00\x01"}


@pytest.mark.parametrize(
    ("channel", "stored", "edit"),
    [
        ("image", b"abc", lambda value: "abcd"),
        ("scan", {"name": "one", "image": b"abc"}, put("image", "abcd")),
        ("loose", {"raw": {b"a"}}, put("raw", ["b"])),
        ("loose", MIXED, put("at", "soon")),
        ("names", {1: "a"}, put("one", "b")),
    ],
    ids=["binary", "binary within", "set of binary data", "no date", "no number"],
)
def test_what_cannot_be_made_of_an_edit_is_refused(channel, stored, edit):
    with pytest.raises(ValueError, match=r"binary|no datetime|valid integer"):
        edited(channel, stored, edit)


def test_what_a_declared_type_does_not_know_is_kept():
    before = {"name": "one", "image": b"a", "more": {"at": NOON, "note": "old"}}

    after = edited("scan", before, put("more", "note", "new"))

    assert after == {"name": "one", "image": b"a", "more": {"at": NOON, "note": "new"}}
    assert edited("scan", before, put("name", "two")) == before | {"name": "two"}


def test_keys_of_a_declared_type_are_kept():
    assert edited("names", {1: "a", 2: "b"}, put("2", "z")) == {1: "a", 2: "z"}
    assert edited("names", {1: "a"}, put("3", "z")) == {1: "a", 3: "z"}


def test_a_value_that_was_not_there_gets_the_declared_type():
    assert edited_value(CHANNELS["order"], {"amount": 1, "day": "2026-03-01"}) == Order(amount=1, day=date(2026, 3, 1))
