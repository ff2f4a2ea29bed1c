"""What the reader says of a thread is what LangGraph itself says."""

import pytest
from contract import graphs
from langgraph.types import Command

from signoff.checkpoints.lines import read_lines

CONFIG = {"configurable": {"thread_id": "t"}}
INPUT = {"x": 0, "log": []}


def start(graph):
    graph.invoke(INPUT, CONFIG)
    return graph


def answer(graph, interrupt_id, value):
    return graph.invoke(Command(resume={interrupt_id: value}), CONFIG)


def pending(graph):
    return [i.id for i in graph.get_state(CONFIG).interrupts]


@pytest.mark.parametrize("make", graphs.ALL, ids=lambda make: make.__name__)
def test_open_questions_are_those_that_langgraph_shows(store, make):
    graph = start(make(store.saver))

    assert store.open_ids() == set(pending(graph)) != set()


def test_payload_and_schema_come_as_plain_json(store):
    start(graphs.typed(store.saver))

    [question] = store.head().open

    assert question.payload == "How much?"
    assert question.schema["properties"]["n"]["type"] == "integer"
    assert question.node == "amount"


def test_an_answered_question_beside_an_open_sibling_is_not_open(store):
    graph = start(graphs.parallel(store.saver))
    first, second = pending(graph)

    answer(graph, first, "yes")

    assert store.open_ids() == {second}


def test_the_second_question_of_a_node_takes_the_place_of_the_first(store):
    graph = start(graphs.two_in_a_node(store.saver))
    [first] = pending(graph)

    answer(graph, first, "yes")

    assert store.open_ids() == set(pending(graph)) != {first}


def test_a_task_of_an_entrypoint_that_was_answered_is_not_open_though_its_caller_repeats_it(store):
    graph = start(graphs.functional(store.saver))
    [first] = pending(graph)
    answer(graph, first, "yes")

    assert first not in store.open_ids()
    assert store.open_ids() == set(pending(graph))


def test_a_finished_thread_has_nothing_open_and_nothing_next(store):
    graph = start(graphs.one(store.saver))
    answer(graph, *pending(graph), "yes")

    head = store.head()

    assert (head.open, head.next) == ((), ())


@pytest.mark.parametrize("make", [m for m in graphs.ALL if m is not graphs.functional], ids=lambda make: make.__name__)
def test_next_nodes_are_those_that_langgraph_shows(store, make):
    graph = start(make(store.saver))

    assert store.head().next == tuple(sorted(graph.get_state(CONFIG).next))


@pytest.mark.parametrize("store", ["sqlite", "postgres", "many"], indirect=True)  # a saver tells no task paths
def test_next_on_the_newest_step_is_what_has_not_finished(store):
    graph = start(graphs.beside(store.saver))
    told = []

    for question in pending(graph):
        left = tuple(sorted(graph.get_state(CONFIG).next))
        [step, *older] = store.checkpoints.steps("t", limit=10)
        [line, *_] = read_lines(store.checkpoints.strand("t"), limit=1)
        assert store.head().next == step.to_run == line.to_run == left
        assert step.next == line.next == ("asks", "done", "each", "each")  # the record, as in the graph's history
        assert [one.to_run for one in older] == [("split",), ("__start__",)]
        told.append(left)
        answer(graph, question, "yes")

    assert sorted(map(len, told)) == [1, 2, 3]
    assert store.head().next == store.checkpoints.steps("t", limit=1)[0].to_run == ()


def test_a_thread_whose_id_is_an_empty_text_is_read_with_all_others(store):
    start(graphs.one(store.saver))
    graphs.one(store.saver).invoke({"x": 0, "log": []}, {"configurable": {"thread_id": ""}})

    assert "" in {head.thread_id.removeprefix("main/") for head in store.checkpoints.heads()}


def test_a_set_in_a_question_has_the_same_order_in_every_process(store):
    labels = [f"label {number:02}" for number in range(20)]
    asked = {"labels": set(labels), "both": {1, "one"}, "deep": [frozenset(labels)], "numbers": {10, 9, 8}}
    start(graphs.asking(asked)(store.saver))

    [question] = store.head().open

    assert question.payload == {"labels": labels, "both": ["one", 1], "deep": [labels], "numbers": [8, 9, 10]}


@pytest.mark.parametrize("make", graphs.JOINS, ids=lambda make: make.__name__)
def test_a_node_behind_several_others_is_next_at_every_step_where_langgraph_says_so(store, make):
    graph = start(make(store.saver, interrupt_before=["last"]))
    assert store.head().next == tuple(sorted(graph.get_state(CONFIG).next))
    for question in pending(graph):
        answer(graph, question, "yes")

    assert store.head().next == tuple(sorted(graph.get_state(CONFIG).next))
    assert (store.head().paused_at(before=["last"], after=()) is not None) == (not pending(graph))
    assert [step.next for step in store.checkpoints.steps("t", limit=100)] == [
        tuple(sorted(state.next)) for state in graph.get_state_history(CONFIG)
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["done"], [], ("before", ("done",))),
        ([], ["ask"], ("after", ("ask",))),
        ("*", [], ("before", ("ask",))),
    ],
)
def test_a_static_breakpoint_is_told_by_the_nodes_around_it(store, before, after, expected):
    graph = start(graphs.one(store.saver, interrupt_before=before, interrupt_after=after))
    if found := pending(graph):
        answer(graph, *found, "yes")

    assert store.head().paused_at(before=before, after=after) == expected
    assert store.head().paused_at(before=["other"], after=["other"]) is None


@pytest.mark.parametrize("make", [graphs.typed, graphs.in_subgraph], ids=lambda make: make.__name__)
def test_an_answer_refused_by_its_schema_leaves_the_question_open_and_not_stuck(store, make):
    from signoff.checkpoints.head import is_stuck

    graph = start(make(store.saver))
    [asked] = pending(graph)
    with pytest.raises(ValueError, match="validation error"):
        answer(graph, asked, {"n": "many"})

    assert store.open_ids() == {asked}
    assert not is_stuck(store.checkpoints.asking("t", asked), asked)


@pytest.mark.parametrize(
    "make", [graphs.typed, graphs.in_subgraph, graphs.second_typed], ids=lambda make: make.__name__
)
def test_an_answer_on_which_the_node_chokes_leaves_the_question_stuck(store, make):
    from signoff.checkpoints.head import is_stuck

    graph = start(make(store.saver))
    if make is graphs.second_typed:
        answer(graph, *pending(graph), "yes")
    [asked] = pending(graph)
    with pytest.raises(ZeroDivisionError):
        answer(graph, asked, {"n": 0})

    assert is_stuck(store.checkpoints.asking("t", asked), asked)
    assert "ZeroDivisionError" in store.head().tasks[0].error


def test_a_refused_second_answer_is_not_stuck(store):
    from signoff.checkpoints.head import is_stuck

    graph = start(graphs.second_typed(store.saver))
    answer(graph, *pending(graph), "yes")
    [asked] = pending(graph)
    with pytest.raises(ValueError, match="validation error"):
        answer(graph, asked, {"n": "many"})

    assert not is_stuck(store.checkpoints.asking("t", asked), asked)


def test_history_is_what_langgraph_shows(store):
    graph = start(graphs.one(store.saver))
    answer(graph, *pending(graph), "yes")

    ours = store.checkpoints.steps("t", limit=100)

    theirs = list(graph.get_state_history(CONFIG))
    assert [s.checkpoint_id for s in ours] == [t.config["configurable"]["checkpoint_id"] for t in theirs]
    assert [dict(s.values) for s in ours if s.source != "input"] == [
        t.values for t in theirs if t.metadata["source"] != "input"
    ]
    assert [s.next for s in ours] == [t.next for t in theirs]


def test_history_comes_in_pages(store):
    graph = start(graphs.one(store.saver))
    answer(graph, *pending(graph), "yes")
    whole = store.checkpoints.steps("t", limit=100)

    first = store.checkpoints.steps("t", limit=2)
    rest = store.checkpoints.steps("t", limit=100, before=first[-1].checkpoint_id)

    assert first + rest == whole


def test_answers_that_took_effect_can_be_found_in_any_namespace(store):
    graph = start(graphs.in_subgraph(store.saver))
    [asked] = pending(graph)
    answer(graph, asked, {"n": 1})

    assert store.checkpoints.answers_to("t", asked) == ({"n": 1},)
    assert store.checkpoints.answers_to("t", "0" * 32) == ()


def test_checkpoints_of_a_run_are_found_by_its_metadata(store):
    graph = graphs.one(store.saver)
    graph.invoke(INPUT, {**CONFIG, "metadata": {"mark": "m1"}})

    assert store.checkpoints.runs_of("t", "mark", "m1") == store.head().checkpoint_id
    assert store.checkpoints.runs_of("t", "mark", "m2") is None


def test_changes_name_the_threads_that_moved_and_nothing_else(store):
    graph = start(graphs.one(store.saver))
    first = store.checkpoints.changes(None)
    assert first.thread_ids is None

    assert store.checkpoints.changes(first.cursor).thread_ids == ()

    graph.invoke(INPUT, {"configurable": {"thread_id": "new"}})
    moved = store.checkpoints.changes(first.cursor)
    assert moved.thread_ids is None or moved.thread_ids == ("new",)
    assert moved.cursor != first.cursor


def test_deleted_threads_are_missing(store):
    graph = start(graphs.one(store.saver))
    graph.invoke(INPUT, {"configurable": {"thread_id": "gone"}})

    store.saver.delete_thread("gone")

    assert store.checkpoints.missing(["t", "gone"]) == {"gone"}
    assert {head.thread_id for head in store.checkpoints.heads()} & {"t", "gone"} == {"t"}
