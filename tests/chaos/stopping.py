"""``signoff`` with places inside it at which it can be made to stop. For tests: Signoff itself has no such hooks.

    python stopping.py decide …

It stops at a place while the file ``hold.PLACE`` is in the working folder, and says so with ``at.PLACE``. Places are
THREAD.record (written, not committed), .delivered (the job is taken), .begun (noted, not resumed), .step (the
checkpoint behind the node is not on disk), .settle (the run is over, the outcome not on record), .look (it is on
record, the queue does not know).

STOPPING_SET="signoff.engine._SWEEP_SECONDS=0.5 …" sets constants. STOPPING_CLOCK=-3600 sets the clock back by an hour.
"""

import asyncio
import datetime
import importlib
import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from signoff.apply import Applier
from signoff.cli import main
from signoff.database.decisions import DecisionStore
from signoff.engine import Engine
from signoff.jobs import JobQueue
from signoff.scanner import Scanner


def held(place: str) -> bool:
    """Tell whether to stop here, and say that we do."""
    if not Path(f"hold.{place}").exists():
        return False
    Path(f"at.{place}").touch()
    return True


def stop(place: str) -> None:
    while held(place):
        time.sleep(0.02)


async def stop_and_let_others_run(place: str) -> None:
    while held(place):
        await asyncio.sleep(0.02)


def stop_at(kind: type, name: str, place: Callable[..., str], *, after: bool = False) -> None:
    """Make a method stop at its beginning or its end."""
    act = getattr(kind, name)

    @wraps(act)
    def stopping(*given: Any, **named: Any) -> Any:
        if not after:
            stop(place(*given))
        done = act(*given, **named)
        if after:
            stop(place(*given))
        return done

    @wraps(act)
    async def stopping_async(*given: Any, **named: Any) -> Any:
        await stop_and_let_others_run(place(*given))
        return await act(*given, **named)

    setattr(kind, name, stopping_async if asyncio.iscoroutinefunction(act) else stopping)


def set_clock(seconds: float) -> None:
    """Set the clock of this process; time.monotonic goes on as it does."""
    real, real_ns = time.time, time.time_ns
    time.time, time.time_ns = lambda: real() + seconds, lambda: real_ns() + int(seconds * 1e9)

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + datetime.timedelta(seconds=seconds)

    for module in list(sys.modules.values()):
        if getattr(module, "datetime", None) is datetime.datetime:
            module.datetime = Clock  # type: ignore[attr-defined]


stop_at(JobQueue, "enqueue", lambda self, connection, decision: f"{decision.thread_id}.record", after=True)
stop_at(Engine, "deliver", lambda self, decision: f"{self._database.decisions.get(decision).thread_id}.delivered")
stop_at(Applier, "_stream", lambda self, decision, *_: f"{decision.thread_id}.begun")
stop_at(AsyncSqliteSaver, "aput", lambda self, config, *_: f"{config['configurable']['thread_id']}.step")
stop_at(DecisionStore, "settle", lambda self, decision, *_: f"{self.get(decision).thread_id}.settle")
stop_at(Scanner, "look", lambda self, threads: f"{threads[0]}.look")

for setting in os.environ.get("STOPPING_SET", "").split():
    name, _, value = setting.partition("=")
    module, _, constant = name.rpartition(".")
    getattr(importlib.import_module(module), constant)  # a typing error here must not pass for patience
    setattr(importlib.import_module(module), constant, float(value))
if "STOPPING_CLOCK" in os.environ:
    set_clock(float(os.environ["STOPPING_CLOCK"]))
main()
