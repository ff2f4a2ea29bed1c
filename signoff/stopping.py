"""How an engine's DBOS is stopped: as soon as nothing runs. Its own way (3.4.0) waits for a second first, always."""

from __future__ import annotations

import threading
import time
from typing import Any

from dbos import DBOS

_TAKING = "(queue_thread)"  # how the name of the thread ends that waits, when told to stop, for those that take jobs
_ASKING_SECONDS = 10.0  # for the question that one of them is asking its database
_LOOK_SECONDS = 0.03
_LOOKS = 2  # a job that was just taken is among the running ones a moment later


def stop(dbos: Any, seconds: float) -> None:
    """Have a launched DBOS take no more jobs, wait up to so many seconds for those that run, and end it."""
    end = time.monotonic() + seconds
    for event in dbos.background_thread_stop_events:
        event.set()
    for thread in threading.enumerate():
        if thread.name.endswith(_TAKING):
            thread.join(min(max(0.0, end - time.monotonic()), _ASKING_SECONDS))
    idle = 0
    while idle < _LOOKS and time.monotonic() < end:
        idle = 0 if dbos._active_workflows_set.activeList() else idle + 1
        time.sleep(_LOOK_SECONDS)
    DBOS.destroy(workflow_completion_timeout_sec=0)
