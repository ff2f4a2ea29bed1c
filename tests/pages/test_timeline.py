"""The page of a thread: its life line by line, single steps by link, and what a step holds."""

import sqlite3
from contextlib import closing

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import interrupt
from pages.screen import listed, words
from pages.test_hostile import THREAD, assert_literal, hostile  # noqa: F401 - a fixture

TABS = {
    name: f":material/{icon}: {name}"
    for name, icon in (
        ("Changes", "difference"),
        ("State", "data_object"),
        ("Writes", "edit_note"),
        ("Messages", "forum"),
        ("Raw", "code"),
    )
}


class Talk(MessagesState, total=False):
    n: int
    blob: bytes
    api_key: str
    rows: list


def work(state):
    call = AIMessage("", id="a", tool_calls=[{"name": "send_mail", "args": {"to": "ada"}, "id": "call-7"}])
    said = [HumanMessage("hello there", id="h"), call, ToolMessage("sent", tool_call_id="call-7", id="r")]
    first = {"messages": said, "blob": b"\0" * 700, "api_key": "sk-very-secret", "rows": [{"sku": "A", "n": 1}]}
    return {"n": state.get("n", 0) + 1, **({} if state.get("n") else first)}


@pytest.fixture(scope="module")
def long(office):
    """A thread of 62 steps, with a subgraph in its second; returns its checkpoint ids, newest first."""
    inner = StateGraph(Talk).add_node("think", lambda _: {}).add_edge(START, "think").compile()
    graph = StateGraph(Talk).add_node("work", work).add_node("sub", inner)
    graph.add_edge(START, "sub").add_edge("sub", "work")
    graph.add_conditional_edges("work", lambda state: "work" if state["n"] < 59 else END)
    with closing(sqlite3.connect(office.folder / "demo.sqlite", check_same_thread=False)) as connection:
        config = {"configurable": {"thread_id": "long"}, "recursion_limit": 200}
        graph.compile(checkpointer=SqliteSaver(connection)).invoke({"messages": []}, config)
    office.desk.scan()
    strand = office.desk.checkpoints.strand("long")
    return [row.checkpoint_id for row in strand.rows(limit=100)]


def steps(app):
    return list(listed(app)["Step"])


def click(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def with_tab(app, name):
    app.session_state["step_tabs"] = TABS[name]
    return app.run()


def test_the_timeline_comes_in_pages(office, long):
    app = office.cold("thread", thread="long")
    assert steps(app) == [str(step) for step in range(60, 35, -1)]

    click(app, "Older steps")
    assert steps(app)[0] == "35"

    click(app, "Newest")
    assert steps(app)[0] == "60"


def test_a_deep_link_opens_a_step_far_down_cold(office, long):
    app = office.cold("thread", thread="long", checkpoint=long[40])

    assert "Step 20 · work" in words(app)
    assert f"checkpoint {long[40]}" in words(app)
    assert steps(app)[0] == "20"
    assert app.session_state["timeline_table"]["selection"]["rows"] == [0]


def test_one_goes_from_step_to_step(office, long):
    app = office.cold("thread", thread="long", checkpoint=long[3])

    click(app, "Before")
    assert app.query_params["checkpoint"] in (long[4], [long[4]])
    assert "Step 56 · work" in words(app)

    click(app, "After")
    assert "Step 57 · work" in words(app)


def test_a_link_into_a_subgraph_opens_it_in_its_place(office, long):
    [(namespace, checkpoint)] = office.desk.checkpoints._query(
        "SELECT checkpoint_ns, max(checkpoint_id) FROM checkpoints WHERE thread_id = 'long' AND checkpoint_ns > ''", ()
    )

    app = office.cold("thread", thread="long", checkpoint=checkpoint, ns=namespace)

    happened = [text.strip("\u2003 ") for text in listed(app)["What happened"]]
    assert happened == ["↳ sub · 3 steps", "think", "started", "input", "started", "input"]
    assert "Step 1 · think" in words(app)


@pytest.mark.parametrize(
    ("label", "value", "found"), [("Node", "sub", ["1", "", "0"]), ("Wrote channel", "rows", ["2"])]
)
def test_steps_are_found_by_node_and_by_channel(office, long, label, value, found):
    app = office.cold("thread", thread="long")

    next(box for box in app.selectbox if box.label == label).set_value(value).run()

    assert steps(app) == found


def test_no_step_that_matches_is_said(office, long):
    app = office.cold("thread", thread="long")

    next(box for box in app.checkbox if box.label == "Failed").check().run()

    assert "No step matches." in words(app)


def test_the_detailed_timeline_names_channels_next_nodes_and_checkpoints(office, long):
    app = office.cold("thread", thread="long")

    app.segmented_control[0].set_value("Detailed").run()

    row = listed(app).iloc[1]
    assert (row["Wrote"], row["Next"], row["Checkpoint"]) == ("n", "work", long[1])


def test_a_state_is_shown_with_secrets_masked_and_binary_named(office, long):
    app = with_tab(office.cold("thread", thread="long"), "State")

    assert "<bytes, 700 bytes>" in words(app).replace("&lt;", "<").replace("&gt;", ">")
    assert "sk-very-secret" not in words(app)


def test_messages_are_a_conversation_with_tools_and_ids(office, long):
    said = words(with_tab(office.cold("thread", thread="long"), "Messages"))

    for part in ("human · h", "hello there", "calls send_mail · call-7", "tool · call-7 · r", "sent"):
        assert part in said


def test_what_ran_on_a_step_is_shown_with_what_it_wrote(office, long):
    app = with_tab(office.cold("thread", thread="long", checkpoint=long[3]), "Writes")

    assert "wrote" in words(app)
    assert "work" in words(app)


def test_a_step_as_json_says_everything(office, long):
    app = with_tab(office.cold("thread", thread="long", checkpoint=long[3]), "Raw")

    shown = "".join(block.value for block in app.code)
    assert long[3] in shown
    assert '"source": "loop"' in shown
    assert "sk-very-secret" not in shown


def test_a_node_that_has_finished_beside_one_that_asks_is_not_next_but_would_run_again(office):
    graph = StateGraph(Talk).add_node("asks", lambda _: {"n": interrupt("How many?")}).add_node("done", lambda _: {})
    office.pause(graph.add_edge(START, "asks").add_edge(START, "done"), "beside", graph_id="intake")
    office.desk.scan()

    app = office.cold("thread", thread="beside")
    app.segmented_control[0].set_value("Detailed").run()

    assert next(iter(listed(app)["Next"])) == "asks"
    assert words(app).count("next: asks") == 2  # of the thread, and of the step
    assert "next: asks, done" not in words(app)
    click(app, "Run again from here")
    assert "asks, done run again from the first line" in words(app)


def test_a_step_that_is_gone_says_so_and_the_timeline_is_there(office, long):
    app = office.cold("thread", thread="long", checkpoint="1f000000-0000-6000-8000-000000000000")

    assert "has no checkpoint" in words(app)


def test_a_subgraph_that_a_thread_does_not_have_is_said_and_the_thread_is_there(office, long):
    app = office.cold("thread", thread="long", ns="zzz")

    assert "This thread has no such subgraph." in words(app)
    assert "Step 60 · work" in words(app)
    assert steps(app)[0] == "60"


@pytest.mark.parametrize("tab", list(TABS))
def test_nothing_in_a_step_is_read_as_markup(hostile, tab):  # noqa: F811
    app = hostile.cold("thread", thread=THREAD)

    with_tab(app, tab)

    assert_literal(app)
