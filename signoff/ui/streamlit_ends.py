"""How a run of Streamlit ends, told to the browser as it was."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_DRAWN = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


def keep() -> None:
    """Have a fragment that was drawn said to be, whatever is drawn before the browser is told of it.

    Where the run of another fragment begins within the hundredth of a second until then, Streamlit 1.67 says instead
    that the first was cut short (``forward_msg_queue._update_script_finished_message``). The browser waits for the
    rest, which does not come, and keeps what the fragment showed before beside what it shows now: two forms, with two
    buttons that submit, until it is drawn again. Where a fragment within it is about to be drawn, it stays as it is.
    """
    if not hasattr(ForwardMsgQueue.clear, "__wrapped__"):
        ForwardMsgQueue.clear = _keeping(ForwardMsgQueue.clear)  # type: ignore[method-assign]


def _keeping(clear: Any) -> Any:
    @wraps(clear)
    def cleared(
        queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        ends = _ends(queue, fragment_ids_this_run) if fragment_ids_this_run else []
        clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)
        for message, drawn in ends:
            message.script_finished = _DRAWN
            message.metadata.run.fragment_ids[:] = drawn

    return cleared


def _ends(queue: ForwardMsgQueue, again: Sequence[str]) -> list[tuple[ForwardMsg, list[str]]]:
    """Return the messages that fragments were drawn, each with those of them that are not about to be drawn again."""
    ends = []
    seen: set[str] = set()  # fragments with an element in the run that is gone through
    for message in queue._queue:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            seen = set()
        elif kind == "delta":
            seen.add(message.delta.fragment_id)
        elif kind == "script_finished" and message.script_finished == _DRAWN:
            run = message.metadata.run.fragment_ids
            drawn = [each for each in run if each not in again]
            ends += [(message, drawn)] if drawn and not (seen - {*run}).intersection(again) else []
    return ends
