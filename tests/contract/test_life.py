"""A thread's life, as the page shows it, is what LangGraph itself shows, in every store."""

import os
import subprocess
import sys
from typing import Annotated, TypedDict

import pytest
from contract import graphs
from contract.same import assert_same_history, assert_same_values
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, ToolMessage
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.message import _messages_delta_reducer
from langgraph.types import Command, Overwrite

from signoff import life
from signoff.checkpoints.decoding import Undecodable, decode
from signoff.checkpoints.lines import read_lines
from signoff.checkpoints.steps import read_some, read_steps
from signoff.checkpoints.strand import Find
from signoff.errors import CheckpointNotFound, ThreadNotFound

CONFIG = {"configurable": {"thread_id": "t"}}
INPUT = {"x": 0, "log": []}
ANSWERS = {"typed": {"n": 1}, "second_typed": {"n": 1}, "in_subgraph": {"n": 1}}


def finish(graph, name=""):
    for _ in range(6):
        waiting = graph.get_state(CONFIG).interrupts
        if not waiting:
            return
        graph.invoke(Command(resume={one.id: ANSWERS.get(name, "yes") for one in waiting}), CONFIG)


def nodes(saver, **compiled):
    return graphs._graph(saver, graphs.ask, graphs.done, **compiled)


def own_memory(saver):
    inner = StateGraph(graphs.State).add_node("note", lambda state: {"log": ["note"]})
    inner.add_edge(START, "note")
    outer = StateGraph(graphs.State).add_node("agent", inner.compile(checkpointer=True))
    outer.add_edge(START, "agent")
    return outer.compile(checkpointer=saver)


class Deltas(TypedDict, total=False):
    n: int
    items: Annotated[list, DeltaChannel(lambda state, writes: [*state, *(x for w in writes for x in w)])]
    few: Annotated[
        list, DeltaChannel(lambda state, writes: [*state, *(x for w in writes for x in w)], snapshot_frequency=3)
    ]
    facts: Annotated[dict, DeltaChannel(lambda state, writes: {k: v for d in [state, *writes] for k, v in d.items()})]
    messages: Annotated[list, DeltaChannel(_messages_delta_reducer, snapshot_frequency=4)]


def deltas(saver):
    def work(state):
        n = state["n"]
        said = [HumanMessage("hi", id=f"m{n}"), AIMessage("again", id="m0")] if n != 5 else [RemoveMessage(id="m1")]
        items = Overwrite(["new"]) if n == 4 else [n]
        return {"n": n + 1, "items": items, "few": [n, n], "facts": {f"k{n % 3}": n}, "messages": said}

    graph = StateGraph(Deltas).add_node("work", work)
    graph.add_edge(START, "work")
    graph.add_conditional_edges("work", lambda state: "work" if state["n"] < 9 else "__end__")
    return graph.compile(checkpointer=saver)


@pytest.mark.parametrize("make", [*graphs.ALL, own_memory], ids=lambda make: make.__name__)
def test_a_paused_and_a_finished_thread_are_as_langgraph_shows_them(store, make):
    graph = make(store.saver)
    graph.invoke(INPUT, CONFIG)
    assert_same_history(store.checkpoints, graph)

    finish(graph, make.__name__)

    assert_same_history(store.checkpoints, graph)


@pytest.mark.parametrize("pause", [{"interrupt_before": ["done"]}, {"interrupt_after": ["ask"]}])
def test_static_pauses_too(store, pause):
    graph = nodes(store.saver, **pause)
    graph.invoke(INPUT, CONFIG)
    finish(graph)

    assert_same_history(store.checkpoints, graph)


def test_edited_states_and_forks_too(store):
    graph = nodes(store.saver)
    graph.invoke(INPUT, CONFIG)
    paused = graph.get_state(CONFIG).config
    finish(graph)
    graph.update_state(paused, {"x": 7})
    graph.update_state(CONFIG, {"log": ["edited"]}, as_node="ask")
    graph.invoke(None, paused)

    assert_same_history(store.checkpoints, graph)


def test_a_node_that_failed_too(store):
    def fail(state):
        raise ValueError("no rate for EUR")

    graph = graphs._graph(store.saver, fail)
    with pytest.raises(ValueError, match="no rate"):
        graph.invoke(INPUT, CONFIG)

    assert_same_history(store.checkpoints, graph)
    assert "no rate for EUR" in read_lines(store.checkpoints.strand("t"), limit=1)[0].error


def test_delta_channels_are_put_together_from_snapshots_and_writes(store):
    graph = deltas(store.saver)
    graph.invoke({"n": 0, "items": ["start"]}, CONFIG)
    assert_same_history(store.checkpoints, graph)

    graph.update_state(graph.get_state(CONFIG).config, {"items": ["edited"]}, as_node="work")

    assert_same_history(store.checkpoints, graph)
    newest = read_steps(store.checkpoints.strand("t"), limit=1)[0]
    assert newest.values["items"][-1] == "edited"
    assert store.checkpoints.steps("t", limit=1)[0].values == newest.values


def test_steps_of_subgraphs_are_found_inside_the_step_they_ran_on(store):
    graph = graphs.in_subgraph(store.saver)
    graph.invoke(INPUT, CONFIG)
    finish(graph, "in_subgraph")

    outside = read_lines(store.checkpoints.strand("t"), limit=10)

    [(line, inner)] = [(line, inner) for line in outside for inner in line.inner]
    assert line.next == ("outer",)
    assert inner.namespace.startswith("outer:")
    inside = read_lines(store.checkpoints.strand("t", inner.namespace), limit=10)
    assert [(step.step, step.next) for step in inside] == [(1, ()), (0, ("amount",)), (-1, ("__start__",))]
    assert inner.steps == len(inside)


def test_a_subgraph_with_its_own_memory_has_its_steps_where_they_ran(store):
    graph = own_memory(store.saver)
    graph.invoke(INPUT, CONFIG)
    graph.invoke(INPUT, CONFIG)

    lines = read_lines(store.checkpoints.strand("t"), limit=20)

    assert [[(i.namespace, i.steps) for i in line.inner] for line in lines if line.inner] == [[("agent", 3)]] * 2


def test_subgraphs_equal_what_their_own_history_shows(store):
    graph = graphs.in_subgraph(store.saver)
    graph.invoke(INPUT, CONFIG)
    [namespace] = {i.namespace for line in read_lines(store.checkpoints.strand("t"), limit=9) for i in line.inner}
    subgraph = dict(graph.get_subgraphs())["outer"].copy(update={"checkpointer": store.saver})

    ours = read_steps(store.checkpoints.strand("t", namespace), limit=9)

    theirs = list(graph.get_state_history({"configurable": {"thread_id": "t", "checkpoint_ns": namespace}}))
    assert [step.checkpoint_id for step in ours] == [one.config["configurable"]["checkpoint_id"] for one in theirs]
    for step, one in zip(ours, theirs, strict=True):
        assert_same_values(dict(step.values), one.values, subgraph)


def test_pages_follow_each_other(store):
    graph = deltas(store.saver)
    graph.invoke({"n": 0}, CONFIG)
    strand = store.checkpoints.strand("t")
    whole = read_lines(strand, limit=100)

    first = read_lines(strand, limit=4)
    rest = read_lines(strand, limit=100, before=first[-1].checkpoint_id)

    assert first + rest == whole


def test_a_step_tells_who_made_it_what_was_written_and_how_long_it_took(store):
    graph = nodes(store.saver)
    graph.invoke(INPUT, CONFIG)
    finish(graph)

    last, asked, started, given = read_lines(store.checkpoints.strand("t"), limit=10)

    assert (last.nodes, asked.nodes, started.nodes, given.nodes) == (("done",), ("ask",), (), ())
    assert last.wrote == ("log",)
    assert started.asked
    assert last.took == pytest.approx(last.created_at - asked.created_at, abs=last.took)
    assert given.took is None


@pytest.mark.parametrize(
    ("find", "found"),
    [
        (Find(node="ask"), ["ask", ""]),
        (Find(node="nobody"), []),
        (Find(channel="log"), ["done", "ask", ""]),
        (Find(channel="x"), [""]),
        (Find(asked=True), [""]),
        (Find(failed=True), []),
        (Find(at=frozenset()), []),
    ],
    ids=str,
)
def test_steps_are_filtered(store, find, found):
    graph = nodes(store.saver)
    graph.invoke(INPUT, CONFIG)
    finish(graph)

    lines = read_lines(store.checkpoints.strand("t"), limit=10, find=find)

    assert [line.nodes[0] if line.nodes else "" for line in lines] == found


def test_send_tasks_are_found_by_their_node(store):
    graph = graphs.sends(store.saver)
    graph.invoke(INPUT, CONFIG)
    finish(graph)

    made, asked = read_lines(store.checkpoints.strand("t"), limit=10, find=Find(node="assess"))

    assert [run.node for run in made.made_by] == [run.node for run in asked.runs] == ["assess"] * 3


def test_the_current_branch_is_that_of_the_newest_step(office):
    graph = nodes(office.store.saver)
    graph.invoke(INPUT, CONFIG)
    paused = graph.get_state(CONFIG).config
    finish(graph)
    abandoned = {one.config["configurable"]["checkpoint_id"] for one in list(graph.get_state_history(CONFIG))[:2]}
    graph.invoke(None, paused)

    found = life.page(office.desk, "t")

    assert {line.checkpoint_id for line in found.lines} - found.current == abandoned
    assert {line.checkpoint_id for line, lane in zip(found.lines, found.lanes, strict=True) if lane.column} == abandoned


def test_a_moment_has_its_state_what_changed_and_who_decided(office):
    [review] = office.pause(graphs.one)
    decision = office.deliver(office.decide(review, "yes"))
    lines = life.page(office.desk, "t").lines
    made = next(line for line in lines if line.nodes == ("ask",))

    opened = life.moment(office.desk, "t", made.checkpoint_id)

    assert opened.step.values["log"] == ["yes"]
    assert (opened.before["log"], [change.channel for change in opened.changes]) == ([], ["log"])
    assert life.moment(office.desk, "t", made.parent_id).decisions[0].id == decision.id
    assert [line.checkpoint_id for line in life.page(office.desk, "t", decided=True).lines] == [made.parent_id]
    assert life.child_of(office.desk, "t", made.parent_id) == made.checkpoint_id
    with pytest.raises(CheckpointNotFound, match="no checkpoint 'gone'"):
        life.moment(office.desk, "t", "gone")
    with pytest.raises(ThreadNotFound):
        life.page(office.desk, "nobody")


@pytest.mark.parametrize("kind", ["msgpack", "json", "pickle", "msgpack+aes", "novel"])
def test_a_checkpoint_that_cannot_be_decoded_says_so_and_the_rest_is_there(sqlite, kind, monkeypatch):
    monkeypatch.delenv("LANGGRAPH_AES_KEY", raising=False)
    graph = nodes(sqlite.saver)
    graph.invoke(INPUT, CONFIG)
    finish(graph)
    strand = sqlite.checkpoints.strand("t")
    whole = read_steps(strand, limit=10)
    spoilt = whole[1].checkpoint_id
    sqlite.saver.conn.execute(
        "UPDATE checkpoints SET type = ?, checkpoint = ? WHERE checkpoint_id = ?", (kind, b"\xc1 spoilt", spoilt)
    )
    sqlite.saver.conn.commit()

    steps, lines = read_steps(strand, limit=10), read_lines(strand, limit=10)

    assert "cannot be decoded" in steps[1].error
    assert "cannot be decoded" in lines[1].problem
    assert lines[1].nodes == ("ask",)
    assert (steps[0], steps[2:]) == (whole[0], whole[2:])


def test_encrypted_values_are_read_where_the_key_is_at_hand(monkeypatch):
    class Turned:
        def encrypt(self, plain):
            return "aes", plain[::-1]

        def decrypt(self, name, hidden):
            return hidden[::-1]

    made = classmethod(lambda cls, serde: cls(Turned(), serde))
    monkeypatch.setattr(EncryptedSerializer, "from_pycryptodome_aes", made)
    kind, blob = EncryptedSerializer(Turned()).dumps_typed({"a": 1})
    monkeypatch.delenv("LANGGRAPH_AES_KEY", raising=False)

    with pytest.raises(Undecodable, match="set LANGGRAPH_AES_KEY"):
        decode(kind, blob)
    monkeypatch.setenv("LANGGRAPH_AES_KEY", "0" * 16)
    assert decode(kind, blob) == {"a": 1}


def test_large_states_are_left_alone_in_the_outline_and_shown_when_opened(sqlite):
    graph = nodes(sqlite.saver)
    graph.invoke({"x": 0, "log": ["x" * 1_000_000]}, CONFIG)
    strand = sqlite.checkpoints.strand("t")

    newest = read_lines(strand, limit=1)[0]

    assert newest.next is None
    assert newest.problem is None
    assert len(read_some(strand, [newest.checkpoint_id])[newest.checkpoint_id].values["log"][0]) == 1_000_000


def test_binary_and_unknown_values_are_named_with_their_size(store):
    numpy = pytest.importorskip("numpy")

    class Odd(TypedDict, total=False):
        blob: bytes
        array: object

    graph = StateGraph(Odd).add_node("make", lambda _: {"blob": b"\0" * 5000, "array": numpy.zeros((3, 4))})
    graph.add_edge(START, "make").compile(checkpointer=store.saver).invoke({}, CONFIG)

    values = read_steps(store.checkpoints.strand("t"), limit=1)[0].values

    assert values == {"blob": "<bytes, 5,000 bytes>", "array": "<ndarray 3×4 float64, 96 bytes>"}


def test_messages_keep_their_roles_tools_and_ids(store):
    call = AIMessage("", id="a", tool_calls=[{"name": "send", "args": {"to": "x"}, "id": "c1"}])
    said = [HumanMessage("hi", id="h"), call, ToolMessage("sent", tool_call_id="c1", id="r")]
    graph = StateGraph(MessagesState).add_node("talk", lambda _: {"messages": said}).add_edge(START, "talk")
    graph.compile(checkpointer=store.saver).invoke({"messages": []}, CONFIG)

    values = read_steps(store.checkpoints.strand("t"), limit=1)[0].values

    assert [(one["type"], one["id"]) for one in values["messages"]] == [("human", "h"), ("ai", "a"), ("tool", "r")]
    assert values["messages"][1]["tool_calls"][0]["args"] == {"to": "x"}
    assert values["messages"][2]["tool_call_id"] == "c1"


def test_reading_a_life_never_imports_a_class_that_a_checkpoint_names(tmp_path):
    (tmp_path / "foreign.py").write_text("import dataclasses\n@dataclasses.dataclass\nclass Order:\n    amount: int\n")
    make = (
        "import sqlite3\nfrom typing import Annotated, TypedDict\nfrom foreign import Order\n"
        "from langgraph.channels.delta import DeltaChannel\n"
        "from langgraph.checkpoint.sqlite import SqliteSaver\nfrom langgraph.graph import START, StateGraph\n"
        "class S(TypedDict):\n    orders: Annotated[list, DeltaChannel(lambda s, ws: s + [x for w in ws for x in w])]\n"
        "g = StateGraph(S).add_node('more', lambda s: {'orders': [Order(8)]}).add_edge(START, 'more')\n"
        "c = sqlite3.connect('c.sqlite', check_same_thread=False)\n"
        "g.compile(checkpointer=SqliteSaver(c)).invoke({'orders': [Order(7)]}, {'configurable': {'thread_id': 't'}})\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    subprocess.run([sys.executable, "-c", make], cwd=tmp_path, env=environment, check=True, capture_output=True)
    read = (
        "import sys\nfrom signoff.checkpoints.sqlite import SqliteCheckpoints\n"
        "from signoff.checkpoints.lines import read_lines\nfrom signoff.checkpoints.steps import read_steps\n"
        "s = SqliteCheckpoints('c.sqlite').strand('t')\nread_lines(s, limit=9)\n"
        "print(read_steps(s, limit=1)[0].values)\nassert 'foreign' not in sys.modules\n"
    )

    out = subprocess.run([sys.executable, "-c", read], cwd=tmp_path, env=environment, check=True, capture_output=True)

    assert out.stdout.decode().strip() == "{'orders': [{'amount': 7}, {'amount': 8}]}"
