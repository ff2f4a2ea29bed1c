"""What goes on record as written by a decision's run: its own nodes' writes, and no others, within limits."""

from datetime import UTC, datetime

from signoff import written
from signoff.checkpoints import Step, Write
from signoff.decisions import Decision, Outcome, Reviewer
from signoff.reviews import Kind

NOW = datetime.now(UTC)


def step(number, *writes, **more):
    return Step(
        checkpoint_id=f"c{number}", checkpoint_ns="", parent_id=f"c{number - 1}", step=number, source="loop",
        created_at=NOW, next=(), values={}, interrupts=(), metadata={},
        writes=tuple(Write(task_id=f"{node}!", node=node, channel="x", value=value) for node, value in writes), **more,
    )  # fmt: skip


def decision(**more):
    return Decision(
        id="d", review_id="r", thread_id="t", checkpoint_id="c1", attempt=1, title="?", reviewer=Reviewer(name="Ada"),
        answer=1, resume=1, shown={}, digest="", outcome=Outcome.APPLYING, recorded_at=NOW, checkpoint_before="c1",
        **{"kind": Kind.INTERRUPT, "interrupt_id": "i", **more},
    )  # fmt: skip


def test_of_parallel_tasks_the_one_that_asked_counts_and_everything_after_it():
    asked = {"ask!": frozenset("i"), "other!": frozenset("j")}
    steps = [step(3), step(2, ("done", 3)), step(1, ("other", 1), ("ask", 2), asked=asked), step(0, ("before", 0))]

    found = written.written(steps, decision(), ())

    assert [(each["node"], each["value"]) for each in found["writes"]] == [("ask", 2), ("done", 3)]
    assert found["complete"]


def test_of_a_retried_step_the_nodes_that_finished_now_count():
    steps = [step(2), step(1, ("earlier", 1), ("again", 2))]

    found = written.written(steps, decision(kind=Kind.FAILED, interrupt_id=None), {"again"})

    assert [each["node"] for each in found["writes"]] == ["again"]


def test_a_fork_that_was_left_does_not_count():
    left = step(2, ("left", 1))
    taken = Step(**{**vars(step(3, ("taken", 2))), "parent_id": "c1"})

    found = written.written([taken, left, step(1)], decision(), ())

    assert [each["node"] for each in found["writes"]] == ["taken"]


def test_what_is_too_large_is_left_out_and_said_so():
    large, small = "x" * written.LARGEST, "y" * 1000
    found = written.written([step(2, ("a", large), *[("b", small)] * 50), step(1)], decision(), ())

    kept = [each["value"] for each in found["writes"] if "value" in each]
    assert found["writes"][0] == {"node": "a", "channel": "x", "omitted": len(large) + 2}
    assert 30 <= len(kept) < 50
    assert not found["complete"]


def test_a_run_longer_than_what_is_looked_at_is_not_called_complete():
    assert not written.written([step(9), step(8)], decision(), ())["complete"]


def test_whatever_goes_wrong_the_outcome_is_not_kept_from_the_record():
    class Gone:
        def get(self, decision_id):
            raise RuntimeError("the disk is gone")

    assert written.copied(None, Gone(), "d") is None
