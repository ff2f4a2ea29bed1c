"""The loop of a desk at work: every step has its own pace, and trouble with one does not stop the others."""

import time

from signoff.errors import BackendUnavailable
from signoff.service import Step


def test_a_step_is_taken_when_its_time_has_come_and_not_before():
    taken = []
    step = Step(act=lambda: taken.append(1), every=1.0)

    for now in (100.0, 100.5, 101.1):
        step.take(now)

    assert len(taken) == 2


def test_a_step_that_takes_long_is_taken_less_often():
    step = Step(act=lambda: time.sleep(0.05), every=0.01)

    step.take(100.0)

    assert step.due >= 100.5


def test_a_step_says_what_keeps_it_from_its_work_until_it_works_again():
    troubles = [BackendUnavailable("The database is away."), None]

    def act():
        if trouble := troubles.pop(0):
            raise trouble

    step = Step(act=act, every=1.0)
    step.take(100.0)
    assert step.problem == "The database is away."
    step.take(200.0)
    assert step.problem is None


def test_a_step_that_is_hurried_rests_only_as_long_as_it_took():
    step = Step(act=lambda: time.sleep(0.05), every=60.0)
    step.take(100.0)

    step.hurry()

    assert 100.1 <= step.due < 105.0


def test_a_defect_of_our_own_is_told_and_ends_no_loop(caplog):
    troubles = [ValueError("no such thing"), ValueError("no such thing"), None]

    def act():
        if trouble := troubles.pop(0):
            raise trouble

    step = Step(act=act, every=1.0)
    step.take(100.0)
    step.take(200.0)
    assert "ValueError: no such thing" in step.problem
    assert caplog.text.count("Traceback") == 1
    step.take(300.0)
    assert step.problem is None
