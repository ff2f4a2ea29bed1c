"""The branches of a history, from nothing but its steps."""

from datetime import UTC, datetime, timedelta

from signoff.branches import branches
from signoff.checkpoints import Step

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def history(*parents):
    """Return steps numbered from 1 in the order of their making, each with the number of its parent; newest first."""
    made = [
        Step(
            checkpoint_id=f"c{number}",
            checkpoint_ns="",
            parent_id=f"c{parent}" if parent else None,
            step=number,
            source="loop",
            created_at=NOON + timedelta(minutes=number),
            next=(),
            values={},
            writes=(),
            interrupts=(),
            metadata={},
        )
        for number, parent in enumerate(parents, 1)
    ]
    return tuple(reversed(made))


def told(*parents):
    return [(one.tip, one.left, one.steps, one.current) for one in branches(history(*parents))]


def test_a_thread_that_nobody_turned_back_is_one_branch():
    assert told(None, 1, 2) == [("c3", None, 3, True)]


def test_no_steps_have_no_branches():
    assert branches(()) == ()


def test_a_branch_says_where_it_left_the_older_one():
    assert told(None, 1, 2, 1, 4) == [("c5", "c1", 2, True), ("c3", None, 3, False)]


def test_a_branch_of_a_branch_left_that_one_and_each_step_belongs_to_one_branch():
    found = told(None, 1, 2, 1, 4, 4)

    assert found == [("c6", "c4", 1, True), ("c5", "c1", 2, False), ("c3", None, 3, False)]
    assert sum(one[2] for one in found) == 6


def test_several_branches_from_one_step_each_left_it():
    assert told(None, 1, 1, 1) == [("c4", "c1", 1, True), ("c3", "c1", 1, False), ("c2", None, 2, False)]


def test_the_first_step_of_a_branch_is_its_only_one_until_it_goes_on():
    [branch, _] = branches(history(None, 1, 1))

    assert (branch.ended_at, branch.step) == (NOON + timedelta(minutes=3), 3)


def test_what_lies_before_the_steps_that_are_known_is_not_made_up():
    assert [(one.tip, one.left) for one in branches(history(None, 1, 2, 1, 4)[:2])] == [("c5", None)]
