"""What is noted among the nodes of a decision on its way to an Agent Server: a request, a wait for another run.

Notes are kept, so that whoever delivers the decision next, after a crash or on another machine, knows of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from signoff.agent_server import Busy, Gone, Refused
from signoff.apply import Journal
from signoff.decisions import Progress

_REQUEST, _OTHER_RUN = "request to the server", "another run on the thread"
NOTES = frozenset({_REQUEST, _OTHER_RUN})
"""What stands among the nodes and is none."""

_LATE = 4  # timeouts after which a request that was not answered is held for lost


@contextmanager
def request(journal: Journal, decision_id: str) -> Iterator[None]:
    """Note when a run is asked for and that the server said something; until it does, the run may begin late."""
    journal.add_progress(decision_id, _REQUEST, "started")
    try:
        yield
    except (Busy, Gone, Refused):
        journal.add_progress(decision_id, _REQUEST, "finished")
        raise
    journal.add_progress(decision_id, _REQUEST, "finished")


def seconds_left(journal: Journal, decision_id: str, *, timeout: float) -> float:
    """Return for how long a request that was not answered may still be on its way, 0 where there is none."""
    asked = _last(journal, decision_id, _REQUEST)
    if asked is None or asked.event != "started":
        return 0
    return max(0, _LATE * timeout - (datetime.now(UTC) - asked.at).total_seconds())


def tell_other_run(journal: Journal, decision_id: str, event: str) -> None:
    """Note that the answer waits for another run, or does so no more, unless that is what was noted last."""
    last = _last(journal, decision_id, _OTHER_RUN)
    if event != (last.event if last else "finished"):
        journal.add_progress(decision_id, _OTHER_RUN, event)


def _last(journal: Journal, decision_id: str, node: str) -> Progress | None:
    return next((one for one in reversed(journal.progress(decision_id)) if one.node == node), None)
