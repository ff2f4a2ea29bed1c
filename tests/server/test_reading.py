"""The contract of reading, over an Agent Server."""

import pytest
from contract import test_reading
from contract.test_reading import *  # noqa: F403 - the same tests, with the fixtures of this folder

del globals()[test_reading.test_a_static_breakpoint_is_told_by_the_nodes_around_it.__name__]


@pytest.mark.parametrize(("before", "after"), [(["done"], []), ([], ["ask"])])
def test_a_static_breakpoint_is_told_by_the_node_that_is_next(store, before, after):
    """The server does not tell on which side of it a node stands still."""
    graph = test_reading.start(test_reading.graphs.one(store.saver, interrupt_before=before, interrupt_after=after))
    test_reading.answer(graph, *test_reading.pending(graph), "yes")

    assert store.head().paused_at(before={"*"}, after=()) == ("before", ("done",))
