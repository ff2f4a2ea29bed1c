"""A fragment that was drawn is said to be, whatever is drawn next."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from signoff.ui import streamlit_ends

DRAWN, SHORT, WHOLE = (
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_EARLY_FOR_RERUN,
    ForwardMsg.FINISHED_SUCCESSFULLY,
)


@pytest.fixture(autouse=True)
def mended(monkeypatch):
    clear = getattr(ForwardMsgQueue.clear, "__wrapped__", ForwardMsgQueue.clear)
    monkeypatch.setattr(ForwardMsgQueue, "clear", clear)
    streamlit_ends.keep()


def drawn(*fragments, end=DRAWN):
    """Return a queue with an element of each fragment, and the end of the run that drew them."""
    queue = ForwardMsgQueue()
    for place, fragment in enumerate(fragments):
        element = ForwardMsg()
        element.metadata.delta_path[:] = [0, place]
        element.delta.fragment_id = fragment
        element.delta.new_element.text.body = fragment
        queue.enqueue(element)
    finished = ForwardMsg(script_finished=end)
    finished.metadata.run.script_run_id = "run"
    finished.metadata.run.fragment_ids[:] = fragments if end is not WHOLE else []
    queue.enqueue(finished)
    return queue


def begin(queue, *fragments):
    """Begin the next run, as Streamlit does; return what the browser hears of the one before."""
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=list(fragments) or None)
    said = queue.flush()
    elements = [message.delta.fragment_id for message in said if message.HasField("delta")]
    (end,) = (message for message in said if message.WhichOneof("type") == "script_finished")
    return elements, end.script_finished, list(end.metadata.run.fragment_ids)


def test_what_another_fragment_draws_next_cuts_nothing_short():
    assert begin(drawn("form"), "listener") == (["form"], DRAWN, ["form"])


def test_what_was_drawn_before_is_no_part_of_what_was_drawn_then():
    queue = drawn("listener")
    queue._queue += [ForwardMsg(new_session={}), *drawn("form")._queue]

    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["listener"])

    ends = [message for message in queue.flush() if message.WhichOneof("type") == "script_finished"]
    assert [(end.script_finished, list(end.metadata.run.fragment_ids)) for end in ends] == [
        (SHORT, ["listener"]),
        (DRAWN, ["form"]),
    ]


def test_what_is_drawn_again_is_not_said_to_have_been_drawn():
    assert begin(drawn("form", "listener"), "listener") == (["form"], DRAWN, ["form"])
    assert begin(drawn("form"), "form") == ([], SHORT, ["form"])


def test_a_fragment_is_left_alone_whose_inner_one_is_about_to_be_drawn():
    """The browser would drop the inner one, whose elements it was not sent, and what its widgets hold."""
    queue = drawn("outer", "inner")
    queue._queue[-1].metadata.run.fragment_ids[:] = ["outer"]

    assert begin(queue, "inner") == (["outer"], SHORT, ["outer"])


@pytest.mark.parametrize(("fragments", "end", "heard"), [((), DRAWN, SHORT), ((), WHOLE, SHORT), (["a"], WHOLE, WHOLE)])
def test_runs_of_the_page_end_as_they_did(fragments, end, heard):
    assert begin(drawn("form", end=end), *fragments)[1] == heard


def test_it_is_done_once_and_is_still_needed(monkeypatch):
    """Should this fail with a newer Streamlit, `signoff.ui.streamlit_ends` can go."""
    once = ForwardMsgQueue.clear
    streamlit_ends.keep()
    assert ForwardMsgQueue.clear is once

    monkeypatch.setattr(ForwardMsgQueue, "clear", once.__wrapped__)
    assert begin(drawn("form"), "listener") == (["form"], SHORT, ["form"])
