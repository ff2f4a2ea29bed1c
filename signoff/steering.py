"""Changes the state and the course of a paused thread, as one checkpoint that names the decision that asked for it.

``update_state`` acts as a node and runs that node's edges, so what comes next is theirs to say. Here a node without
edges is put into a copy of the graph: it writes what the reviewer chose, and triggers exactly the nodes that are to run
(langgraph 1.2.22; tests/contract/test_trouble.py guards the private classes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langgraph.channels import BinaryOperatorAggregate
from langgraph.graph import END
from langgraph.pregel._read import PregelNode
from langgraph.pregel._write import ChannelWrite, ChannelWriteTupleEntry
from langgraph.types import Overwrite

from signoff.decisions import Decision
from signoff.editing import edited_value
from signoff.reviews import ABSENT, Json, Kind

EDIT: Final = "edit"
SKIP: Final = "skip"
END_HERE: Final = "end"
STEERING: Final = frozenset((EDIT, SKIP, END_HERE))

STAGE: Final = "signoff_stage"
"""Key of the metadata of a checkpoint after which more is to come: what ran next was cleared, nothing put there yet."""

_TO, _SENDS, _AS = "branch:to:", "__pregel_tasks", "__signoff__"
_MOST = 10  # rounds of clearing; each finished sibling of a failed node may have triggered others


def action_of(decision: Decision) -> str | None:
    """Return how a decision changes the thread's state or course, None if it does not."""
    given = decision.resume if decision.kind is not Kind.INTERRUPT and isinstance(decision.resume, dict) else {}
    return given["action"] if given.get("action") in STEERING else None


async def steer(graph: Any, config: Mapping[str, Any], action: Mapping[str, Json]) -> None:
    """Carry out an ``edit``, ``skip`` or ``end`` on the newest checkpoint; done again, it does no harm.

    Raises `ValueError` where a value or a node does not fit the graph, before anything is written.
    """
    if action["action"] == EDIT:
        held = await _held(graph, config)
        await _write(graph, config, [*_edits(graph, action["values"], held), *_course(held)])
        return
    target = action.get("to")
    if action["action"] == SKIP and f"{_TO}{target}" not in graph.channels:
        raise ValueError(f"the graph has no node {target!r} to go to")
    await _clear(graph, config)
    if action["action"] == SKIP:
        await _write(graph, config, [(f"{_TO}{target}", None)])


async def _held(graph: Any, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of the thread's channels, state or not."""
    stored = await graph.checkpointer.aget_tuple({"configurable": {"thread_id": config["configurable"]["thread_id"]}})
    return stored.checkpoint["channel_values"] if stored else {}


def _edits(graph: Any, values: Mapping[str, Json], held: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the writes after which the state holds ``values``, whatever a reducer would make of them."""
    writes = []
    for name, value in values.items():
        channel = graph.channels.get(name)
        if channel is None:
            raise ValueError(f"the graph's state has no {name!r}")
        made = edited_value(channel, value, held.get(name, ABSENT))
        writes.append((name, Overwrite(made) if isinstance(channel, BinaryOperatorAggregate) else made))
    return writes


def _course(held: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the writes that trigger again what would run now; ``join:`` barriers keep what they have seen."""
    return [*((name, None) for name in held if name.startswith(_TO)), *((_SENDS, one) for one in held.get(_SENDS, ()))]


async def _clear(graph: Any, config: Mapping[str, Any]) -> None:
    """Leave nothing to run: what finished siblings wrote is kept, what they triggered is dropped too."""
    clearing = {**config, "metadata": {**config["metadata"], STAGE: "cleared"}}
    for _ in range(_MOST):
        await graph.aupdate_state(clearing, None, as_node=END)
        if not (await graph.aget_state(config)).next:
            return
    raise RuntimeError("the thread still has something to run")


async def _write(graph: Any, config: Mapping[str, Any], writes: list[tuple[str, Any]]) -> None:
    writer = ChannelWrite([ChannelWriteTupleEntry(mapper=lambda _: writes, value=writes)])
    node = PregelNode(channels=[], triggers=[], writers=[writer])
    await graph.copy({"nodes": {**graph.nodes, _AS: node}}).aupdate_state(config, {}, as_node=_AS)
