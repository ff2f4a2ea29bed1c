"""The contract of reading, over an Agent Server."""

import pytest
from contract import test_reading
from contract.test_reading import *  # noqa: F403 - the same tests, with the fixtures of this folder

ELSEWHERE = {
    test_reading.test_a_static_breakpoint_is_told_by_the_nodes_around_it,  # below, as far as the server tells
    test_reading.test_a_set_in_a_question_has_the_same_order_in_every_process,  # a graph made inside the test
    test_reading.test_a_thread_whose_id_is_an_empty_text_is_read_with_all_others,  # the server's are UUIDs
    test_reading.test_a_node_behind_several_others_is_next_at_every_step_where_langgraph_says_so,  # graphs not served
}
for _one in ELSEWHERE:
    del globals()[_one.__name__]


@pytest.mark.parametrize(("before", "after"), [(["done"], []), ([], ["ask"])])
def test_a_static_breakpoint_is_told_by_the_node_that_is_next(store, before, after):
    """The server does not tell on which side of it a node stands still."""
    graph = test_reading.start(test_reading.graphs.one(store.saver, interrupt_before=before, interrupt_after=after))
    test_reading.answer(graph, *test_reading.pending(graph), "yes")

    assert store.head().paused_at(before={"*"}, after=()) == ("before", ("done",))
