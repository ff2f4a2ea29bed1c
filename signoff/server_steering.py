"""Changes the state and the course of a thread on an Agent Server, with what its API offers.

Its ``update_state`` takes no node of ours (`signoff.steering` has one in this process) and no mark, so a change is made
of two steps: a copy of a checkpoint (``as_node="__copy__"``), or one on which nothing is left to run (``"__end__"``),
then a run whose command writes values or goes to a node. Values are written through the graph's reducers; where a
reducer would make something else of them, langgraph's ``{"__overwrite__": value}`` is sent (langgraph 1.2.22).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from signoff.agent_server import AgentServer, Refused
from signoff.checkpoints.server import SCRATCH
from signoff.checkpoints.server_rows import parent_of, place_of
from signoff.decisions import Decision
from signoff.reviews import Json, Kind
from signoff.run_config import FORKED_AT, FORKED_FROM, MARK

_COPY, _END, _START = "__copy__", "__end__", "__start__"
_MOST = 10  # rounds of clearing; each finished sibling of a failed node may have triggered others


class Course(StrEnum):
    """What the first step of a change has made of a thread, as far as can be seen."""

    UNTOUCHED = "untouched"
    COPIED = "copied"
    CLEARED = "cleared"


def find_course(server: AgentServer, decision: Decision) -> Course:
    """Return which first step the thread stands at; a copy or a clearing by somebody else looks the same, and is."""
    state = server.state(decision.home) or {}
    source = (state.get("metadata") or {}).get("source")
    if source == "update" and not state.get("next"):
        steps = server.history(decision.home, limit=_MOST + 1)
        made = [one for one in steps if place_of(one) > (decision.checkpoint_before or "")]
        return Course.CLEARED if all(_is_update(one) for one in made) else Course.UNTOUCHED
    left = server.state(decision.home, decision.checkpoint_id) or {}
    copied = source == "fork" and parent_of(state) == parent_of(left) and state.get("next") == left.get("next")
    untouched = not any(task.get("interrupts") or task.get("error") for task in state.get("tasks") or ())
    return Course.COPIED if copied and untouched else Course.UNTOUCHED


def clear(server: AgentServer, thread_id: str) -> None:
    """Leave nothing to run: what finished siblings wrote is kept, what they triggered is dropped too."""
    for _ in range(_MOST):
        state = server.state(thread_id)
        if state is None or not state.get("next"):
            return
        server.update(thread_id, None, as_node=_END)
    raise Refused("the thread still has something to run")


def read_position(server: AgentServer, decision: Decision) -> dict[str, Any]:
    """Copy the checkpoint that a decision is about to the top of its thread; return what to run there.

    Without values an earlier step is simply run again: then the server itself makes the copy.
    """
    values: Mapping[str, Json] = decision.resume.get("values") or {}
    if not values and decision.kind is Kind.TRAVEL:
        return {"input": None, "checkpoint_id": decision.checkpoint_id}
    state = server.state(decision.thread_id, decision.checkpoint_id)
    if state is None:
        raise Refused(f"checkpoint {decision.checkpoint_id} is gone")
    written = _as_written(server, decision.graph or "", state.get("values") or {}, values)
    if find_course(server, decision) is not Course.COPIED:
        server.update(decision.thread_id, None, as_node=_COPY, checkpoint_id=decision.checkpoint_id)
    return {"command": {"update": written}} if values else {"input": None}


def begin_fork(server: AgentServer, decision: Decision) -> None:
    """Make the decision's new thread with the state of an earlier step, as the node would that made it.

    That node's edges are asked anew what comes next. Raises `Refused`, and leaves no thread, where they would say
    something else, where no single node made the step, or where the id is no UUID.
    """
    new, state = decision.home, server.state(decision.thread_id, decision.checkpoint_id)
    if state is None:
        raise Refused(f"checkpoint {decision.checkpoint_id} is gone")
    maker = _maker(server, decision.thread_id, state)
    values = {**(state.get("values") or {}), **(decision.resume.get("values") or {})}
    marks = {MARK: decision.id, FORKED_FROM: decision.thread_id, FORKED_AT: decision.checkpoint_id}
    server.create(new, decision.graph or "", marks)
    if server.state(new) is not None:
        return  # made before a crash
    server.update(new, values, as_node=maker)
    made = (server.state(new) or {}).get("next") or []
    if sorted(made) != sorted(state.get("next") or []):
        server.delete(new)
        raise Refused(
            f"a new thread would go on with {', '.join(made) or 'nothing'} instead of "
            f"{', '.join(state.get('next') or []) or 'nothing'}; the server can only begin one behind a node"
        )


def _maker(server: AgentServer, thread_id: str, state: Mapping[str, Any]) -> str:
    """Return the node that made a step. Raises `Refused` where that was not exactly one."""
    parent = server.state(thread_id, parent_of(state)) if parent_of(state) else None
    ran = {str(task["name"]) for task in (parent or {}).get("tasks") or () if task.get("result") is not None}
    if len(ran) != 1 or (state.get("metadata") or {}).get("source") != "loop":
        raise Refused(
            "the server can begin a new thread only with a step that exactly one node made; choose another step"
        )
    return ran.pop()


def _as_written(
    server: AgentServer, graph: str, held: Mapping[str, Json], values: Mapping[str, Json]
) -> dict[str, Any]:
    """Return values as they have to be written to stand in the state, tried out on a thread made for that."""
    if not values:
        return {}
    trial = str(uuid.uuid4())
    server.create(trial, graph, {SCRATCH: True})
    try:
        server.update(trial, dict(held), as_node=_START)
        server.update(trial, dict(values), as_node=_START)
        stands = (server.state(trial) or {}).get("values") or {}
    finally:
        server.delete(trial)
    return {name: value if stands.get(name) == value else {"__overwrite__": value} for name, value in values.items()}


def _is_update(state: Mapping[str, Any]) -> bool:
    return (state.get("metadata") or {}).get("source") == "update"
