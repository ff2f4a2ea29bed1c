"""Checkpoints that were carried from SQLite to PostgreSQL are the same threads there, and go on the same way."""

import operator
import sqlite3
from contextlib import closing
from typing import Annotated, Any, TypedDict

import contract.graphs
import psycopg
import pytest
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from signoff.carrying import carry
from signoff.errors import MoveRefused

CONFIG = {"configurable": {"thread_id": "t", "customer": 7}, "metadata": {"team": "Zürich", "share": 0.5}}


class Odd(TypedDict, total=False):
    value: Any
    log: Annotated[list, operator.add]


class Proof:
    """A class that a checkpoint names."""

    made = 0

    def __init__(self):
        type(self).made += 1


@pytest.fixture
def old(tmp_path):
    """LangGraph's saver on a SQLite file."""
    with closing(sqlite3.connect(tmp_path / "checkpoints.sqlite", check_same_thread=False)) as connection:
        saver = SqliteSaver(connection)
        saver.setup()
        yield saver


@pytest.fixture
def new(postgres_url):
    """LangGraph's saver on an empty PostgreSQL database."""
    with PostgresSaver.from_conn_string(postgres_url) as saver:
        yield saver


@pytest.fixture
def move(tmp_path, postgres_url):
    return lambda: carry(tmp_path / "checkpoints.sqlite", postgres_url, lambda *_: None)


def told(saver):
    """All that a saver says of its threads, in one order."""
    by_id = sorted(saver.list(None), key=lambda each: (str(each.config), each.checkpoint["id"]))
    return [(each.config, each.checkpoint, each.metadata, each.parent_config, each.pending_writes) for each in by_id]


def answers(snapshot):
    return {question.id: {"n": 1} for question in snapshot.interrupts}


@pytest.mark.parametrize("make", contract.graphs.ALL, ids=lambda make: make.__name__)
def test_a_thread_is_the_same_and_goes_on_the_same_way(old, new, move, make):
    make(old).invoke({"x": 0, "log": []}, CONFIG)
    first = make(old).get_state(CONFIG)
    make(old).invoke(Command(resume=dict([*answers(first).items()][:1])), CONFIG)  # one of several, where there are

    carried = move()

    assert told(new) == told(old)
    assert (carried.threads, carried.checkpoints) == (1, len(told(old)))
    graphs = [make(old), make(new)]
    assert graphs[1].get_state(CONFIG, subgraphs=True) == graphs[0].get_state(CONFIG, subgraphs=True)
    assert list(graphs[1].get_state_history(CONFIG)) == list(graphs[0].get_state_history(CONFIG))
    while graphs[0].get_state(CONFIG).interrupts:
        states = [graph.invoke(Command(resume=answers(graph.get_state(CONFIG))), CONFIG) for graph in graphs]
        assert states[1] == states[0]
    assert graphs[1].get_state(CONFIG).values == graphs[0].get_state(CONFIG).values
    assert not graphs[1].get_state(CONFIG).next


def keeping(saver, value):
    graph = StateGraph(Odd)
    graph.add_node("keep", lambda state: {"value": value, "log": ["kept"]})
    graph.add_node("ask", lambda state: {"log": [interrupt("On?")]})
    graph.add_edge(START, "keep")
    graph.add_edge("keep", "ask")
    graph.add_edge("ask", END)
    return graph.compile(checkpointer=saver)


SPOIL = """
    CREATE FUNCTION spoil() RETURNS trigger AS $$ BEGIN NEW.idx := NEW.idx + 100; RETURN NEW; END $$ LANGUAGE plpgsql;
    CREATE TRIGGER spoil BEFORE INSERT ON checkpoint_writes FOR EACH ROW EXECUTE FUNCTION spoil()"""

ODD = [1e16, -0.0, 0.1, float("inf"), 2**63, "NUL \0", "", True, b"\0\xff", {1: (2, {"3"})}, [None], {"a": "\0"}]


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_values_that_json_does_not_hold_arrive_as_they_were(old, new, move, value):
    keeping(old, value).invoke({"log": []}, CONFIG)

    move()

    assert told(new) == told(old)
    found, held = (list(keeping(saver, value).get_state_history(CONFIG)) for saver in (new, old))
    assert [repr(step.values.get("value")) for step in found] == [repr(step.values.get("value")) for step in held]


def test_no_class_is_imported_or_made(old, new, move, monkeypatch):
    def refuses(*_):
        raise AssertionError("a class was made")

    keeping(old, {"x": contract.graphs.Amount(n=3)}).invoke({"log": []}, CONFIG)
    monkeypatch.setattr(contract.graphs.Amount, "__init__", refuses)

    move()
    monkeypatch.undo()

    assert keeping(new, None).get_state(CONFIG).values["value"] == {"x": contract.graphs.Amount(n=3)}


def test_a_state_that_a_node_changed_in_place_differs_from_step_to_step(old, new, move):
    def fill(state):
        state["value"].append("written in place")

    graph = StateGraph(Odd)
    graph.add_node("fill", fill)
    graph.add_node("ask", lambda state: {"log": [interrupt("On?")]})
    graph.add_edge(START, "fill")
    graph.add_edge("fill", "ask")
    graph.compile(checkpointer=old).invoke({"value": ["given"], "log": []}, CONFIG, durability="sync")
    before = [step.values.get("value") for step in graph.compile(checkpointer=old).get_state_history(CONFIG)]
    assert len({repr(value) for value in before if value}) == 2

    move()

    moved = graph.compile(checkpointer=new)
    assert [step.values.get("value") for step in moved.get_state_history(CONFIG)] == before
    assert moved.invoke(Command(resume="yes"), CONFIG)["log"] == ["yes"]


class Kept(TypedDict, total=False):
    items: Annotated[list, DeltaChannel(lambda state, writes: [*state, *(x for w in writes for x in w)])]
    often: Annotated[
        list, DeltaChannel(lambda state, writes: [*state, *(x for w in writes for x in w)], snapshot_frequency=2)
    ]
    turn: int


def test_delta_channels_are_put_together_from_the_same_pieces(old, new, move):
    def turn(state):
        number = state.get("turn", 0) + 1
        return {"turn": number, "often": [number], **({"items": [number]} if number % 3 else {})}

    graph = StateGraph(Kept)
    graph.add_node("take", turn)
    graph.add_node("ask", lambda state: {"items": [interrupt("On?")]})
    graph.add_edge(START, "take")
    graph.add_conditional_edges("take", lambda state: "take" if state["turn"] < 7 else "ask")
    graph.compile(checkpointer=old).invoke({"items": ["given"]}, CONFIG)

    move()

    before, after = graph.compile(checkpointer=old), graph.compile(checkpointer=new)
    assert list(after.get_state_history(CONFIG)) == list(before.get_state_history(CONFIG))
    assert after.invoke(Command(resume="yes"), CONFIG) == before.invoke(Command(resume="yes"), CONFIG)
    assert after.get_state(CONFIG).values["often"] == [1, 2, 3, 4, 5, 6, 7]


def test_a_copy_that_was_interrupted_goes_on_where_it_stopped(old, new, move):
    for thread in ("a", "b", "c"):
        contract.graphs.one(old).invoke({"x": 0, "log": []}, {"configurable": {"thread_id": thread}})
    first = move()
    new.delete_thread("b")

    second = move()

    assert (first.threads, first.already) == (3, 0)
    assert (second.threads, second.already) == (1, 2)
    assert told(new) == told(old)


def test_another_thread_of_that_name_is_left_alone_and_all_others_arrive(old, new, move):
    new.setup()
    for saver, thread in ((old, "t"), (old, "u"), (new, "t")):
        contract.graphs.one(saver).invoke({"x": 0, "log": []}, {"configurable": {"thread_id": thread}})
    theirs = [each for each in told(new)]

    with pytest.raises(MoveRefused, match="1 of 2 threads were not copied: 't': the target holds other rows"):
        move()

    assert [each for each in told(new) if each[0]["configurable"]["thread_id"] == "t"] == theirs
    assert len(told(new)) == 2 * len(theirs)


def test_a_pickled_checkpoint_is_named_and_not_read(old, new, move):
    old.serde = JsonPlusSerializer(pickle_fallback=True)
    keeping(old, Proof()).invoke({"log": []}, CONFIG)
    made = Proof.made

    with pytest.raises(MoveRefused, match="'t': a checkpoint is stored as one pickle piece"):
        move()

    assert Proof.made == made
    assert told(new) == []


def test_rows_that_were_changed_on_the_way_are_not_kept(old, new, move, postgres_url):
    new.setup()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(SPOIL)
    contract.graphs.one(old).invoke({"x": 0, "log": []}, CONFIG)

    with pytest.raises(MoveRefused, match="gave back something else"):
        move()

    assert told(new) == []


def test_the_file_is_as_it_was(old, new, move, tmp_path):
    contract.graphs.parallel(old).invoke({"x": 0, "log": []}, CONFIG)
    before = told(old)
    changes = old.conn.execute("PRAGMA data_version").fetchone()

    move()

    assert told(old) == before
    assert old.conn.execute("PRAGMA data_version").fetchone() == changes
