"""Batches: the next one is made while one is worked on, and nothing is worked on twice, out of order or in silence."""

import threading
from itertools import chain

import pytest

from signoff.batches import in_batches


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 7])
def test_every_item_is_acted_on_once_and_in_order(number):
    acted = []

    changed = in_batches(iter(range(number)), lambda batch, _: acted.append(batch) or True, size=2)

    assert (changed, list(chain(*acted))) == (number > 0, list(range(number)))


def test_a_batch_that_changed_something_is_told_of_whatever_came_after_it():
    assert in_batches(iter(range(5)), lambda batch, _: 0 in batch, size=2)
    assert not in_batches(iter(range(5)), lambda *_: False, size=2)


def test_the_next_batch_is_made_while_one_is_worked_on():
    made = threading.Event()

    def items():
        yield 1
        yield 2  # the first batch is full, and waits for what comes next
        made.set()
        yield 3

    assert in_batches(items(), lambda batch, _: 1 not in batch or made.wait(60), size=2)


def test_a_few_items_are_acted_on_by_the_thread_that_calls():
    who = []
    in_batches(iter(range(3)), lambda *_: who.append(threading.current_thread()) or True, size=4)
    assert who == [threading.current_thread()]


@pytest.mark.parametrize("bad", [0, 2, 4])
def test_what_acting_raises_is_raised_and_nothing_behind_it_is_acted_on(bad):
    acted = []

    def act(batch, _):
        acted.extend(batch)
        if bad in batch:
            raise ValueError("The disk is full.")
        return True

    with pytest.raises(ValueError, match="The disk is full"):
        in_batches(iter(range(5)), act, size=2)
    assert acted == list(range(min(bad + 2, 5)))


def test_what_making_raises_is_raised_when_the_call_under_way_has_ended():
    failed, acted = threading.Event(), []

    def items():
        yield from (1, 2)
        failed.set()
        raise OSError("The file is gone.")

    with pytest.raises(OSError, match="The file is gone"):
        in_batches(items(), lambda batch, _: acted.append(failed.wait(60) and batch) or True, size=2)
    assert acted == [[1, 2]]
