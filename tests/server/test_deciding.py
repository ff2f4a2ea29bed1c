"""The contract of deciding, over an Agent Server."""

from contract import test_deciding
from contract.test_deciding import *  # noqa: F403 - the same tests, with the fixtures of this folder

ELSEWHERE = {
    # Graphs made inside a test are not on the server; their cases have tests of their own beside this file.
    test_deciding.test_who_answers_what_has_changed_meanwhile_is_told_what_is_different,
    test_deciding.test_an_answer_that_only_the_graph_can_refuse_leaves_the_question_to_be_answered_again,
    test_deciding.test_a_failed_node_can_be_tried_again,
    test_deciding.test_a_node_that_raises_outside_exception_is_on_record,
    # The server itself names the graph of every thread that it ran.
    test_deciding.test_a_thread_of_an_unknown_graph_is_shown_and_answered_once_its_graph_is_chosen,
    # A run of the server survives a crash of ours; nobody has to go on with it, and no row can be taken away from it.
    test_deciding.test_a_crash_between_two_steps_is_gone_on_with,
    test_deciding.test_a_crash_after_the_last_write_of_a_step_and_before_its_checkpoint_is_gone_on_with,
    test_deciding.test_a_crash_in_that_moment_at_the_second_question_of_a_node_is_gone_on_with_too,
    # The server's history leaves out a node that waited for several others (`get_state_history`, langgraph 1.2.22).
    test_deciding.test_a_decision_keeps_what_was_proposed_and_what_the_nodes_wrote,
}
for _one in ELSEWHERE:
    del globals()[_one.__name__]
