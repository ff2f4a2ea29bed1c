"""Ours beside LangGraph's: every step of a thread as `graph.get_state_history()` shows it."""

from datetime import datetime

from signoff.checkpoints.decoding import to_json
from signoff.checkpoints.lines import read_lines
from signoff.checkpoints.steps import read_some


def assert_same_history(checkpoints, graph, thread_id="t"):
    """Every step that LangGraph shows is ours: place, time, what is next, values, questions, errors."""
    strand = checkpoints.strand(thread_id)
    theirs = list(graph.get_state_history({"configurable": {"thread_id": thread_id}}))
    lines = read_lines(strand, limit=100)
    assert theirs
    assert [line.checkpoint_id for line in lines] == [one.config["configurable"]["checkpoint_id"] for one in theirs]
    steps = read_some(strand, [line.checkpoint_id for line in lines])
    for line, one in zip(lines, theirs, strict=True):
        step = steps[line.checkpoint_id]
        parent = one.parent_config and one.parent_config["configurable"]["checkpoint_id"]
        assert (line.parent_id, line.source, line.step) == (parent, one.metadata["source"], one.metadata["step"])
        assert line.created_at == step.created_at == datetime.fromisoformat(one.created_at)
        due = one.next if "__start__" in graph.nodes else ["__start__"] * len(one.next)  # an entrypoint's input
        assert line.next == step.next == tuple(sorted(due))
        asked = {q.interrupt_id for q in step.interrupts}
        theirs_asked = {i.id for i in one.interrupts}
        assert asked == theirs_asked or (
            "__start__" not in graph.nodes and asked > theirs_asked
        )  # of its @task functions
        assert [task.error for task in one.tasks if task.error] == [run.error for run in line.runs if run.error]
        assert_same_values(dict(step.values), one.values, graph)


def assert_same_values(ours, theirs, graph):
    """LangGraph also shows the empty beginning of a reducer's channel that nobody has written yet."""
    shown = theirs if isinstance(graph.stream_channels_asis, list) else {graph.stream_channels_asis: theirs}
    shown = {name: to_json(value, name_binary=True) for name, value in shown.items() if value is not None}
    assert ours == {name: value for name, value in shown.items() if name in ours}
    assert all(value in ([], {}) for name, value in shown.items() if name not in ours)
