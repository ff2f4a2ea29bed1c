"""The checkpoint with which a branch begins: a copy of an earlier one that names the decision that asked for it.

It is written at once, with the edited state, as a child of the earlier one or as the first of a new thread: a run that
dies has made all of the branch's beginning or none. What was written on the earlier checkpoint is not copied, so all
that was to run there runs again; the copy has another id, of which LangGraph makes those of tasks and interrupts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from langgraph.channels import DeltaChannel
from langgraph.checkpoint.base import copy_checkpoint
from langgraph.checkpoint.base.id import uuid6

from signoff.decisions import Decision
from signoff.editing import edited_value
from signoff.graphs.shape import shape_of
from signoff.reviews import ABSENT, Json


async def begin_branch(graph: Any, config: Mapping[str, Any], decision: Decision) -> str:
    """Write the first checkpoint of the decision's branch; return its id.

    Raises `ValueError`, before anything is written, where the graph cannot be copied or a value does not fit.
    """
    saver = graph.checkpointer
    place = {"thread_id": decision.thread_id, "checkpoint_ns": "", "checkpoint_id": decision.checkpoint_id}
    stored = await saver.aget_tuple({"configurable": place})
    if stored is None:
        raise ValueError(f"checkpoint {decision.checkpoint_id} is gone")
    if why := cannot_branch(graph, forks=decision.forks):
        raise ValueError(why)
    checkpoint = copy_checkpoint(stored.checkpoint)
    checkpoint |= {"id": str(uuid6(clock_seq=-2)), "ts": datetime.now(UTC).isoformat()}
    _edit(graph, checkpoint, decision.resume.get("values") or {})
    passed = dict(checkpoint["channel_versions"]) if decision.resume["run"] else {}  # breakpoints
    checkpoint["versions_seen"]["__interrupt__"] = passed
    parent = {} if decision.forks else {"checkpoint_id": decision.checkpoint_id}
    here = {**config, "configurable": {**config["configurable"], "checkpoint_ns": "", **parent}}
    metadata = stored.metadata
    made = {"source": "fork", "step": metadata.get("step", 0) + 1, "parents": metadata.get("parents", {})}
    await saver.aput(here, checkpoint, made, dict(checkpoint["channel_versions"]))
    return str(checkpoint["id"])


def cannot_branch(graph: Any, *, forks: bool) -> str:
    """Return why no branch of this graph's threads can be made, an empty text if it can."""
    if any(isinstance(channel, DeltaChannel) for channel in graph.channels.values()):
        return "the graph has a DeltaChannel, whose value no single checkpoint holds"
    if forks and keeps_memory(graph):
        return "the graph has subgraphs that keep a memory of their own, which a copy would not have"
    return ""


def keeps_memory(graph: Any) -> bool:
    """Tell whether a subgraph keeps its state from one call to the next (``compile(checkpointer=True)``)."""
    return any(subgraph.checkpointer is True for _, subgraph in graph.get_subgraphs(recurse=True))


def _edit(graph: Any, checkpoint: Any, values: Mapping[str, Json]) -> None:
    """Put exactly these values into the state, whatever a reducer would make of them."""
    known = shape_of(graph).channels
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"the graph's state has no {name!r} that could be edited")
        held = checkpoint["channel_values"]
        held[name] = edited_value(graph.channels[name], value, held.get(name, ABSENT))
        version = checkpoint["channel_versions"].get(name)
        checkpoint["channel_versions"][name] = graph.checkpointer.get_next_version(version, None)
