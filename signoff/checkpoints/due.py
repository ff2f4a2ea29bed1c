"""From the channels of a checkpoint to the nodes that would run now, and from a task to its node.

Names of channels as in langgraph 1.2.22 (``_internal/_constants.py``, ``graph/state.py``): ``branch:to:NODE`` and
``join:A+B:NODE`` trigger a node, ``__pregel_tasks`` holds ``Send`` packets, ``__start__`` the input.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signoff.checkpoints import Task
    from signoff.checkpoints.lines import Run

_TO, _JOIN, _SENDS, _START = "branch:to:", "join:", "__pregel_tasks", "__start__"


def internal(channel: str) -> bool:
    """Tell whether a channel is LangGraph's own bookkeeping rather than state."""
    return channel.startswith((_TO, _JOIN, "branch:", "__")) and channel not in ("__end__", "__root__")


def next_nodes(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the nodes that would run now, as far as their trigger channels tell; sorted, ``Send``s repeated."""
    due = [name.removeprefix(_TO) for name, value in values.items() if name.startswith(_TO) and _finished(value)]
    due += [
        name.rsplit(":", 1)[1]
        for name, value in values.items()
        if name.startswith(_JOIN) and _complete(name, value) and _finished(value)
    ]
    due += [node for node in map(_send_node, _sends(values)) if node]
    if _START in values:
        due.append(_START)
    return tuple(sorted(due))


def nodes_of(tasks: Iterable[Task | Run]) -> tuple[str, ...]:
    """Return the nodes of these tasks, once for each: neither LangGraph's own nor tasks that a node's code called."""
    return tuple(task.node for task in tasks if task.node and not task.called and not task.node.startswith("__"))


def left_of(due: Sequence[str], tasks: Iterable[Task | Run]) -> tuple[str, ...]:
    """Return what of ``due`` these tasks of the step have not finished, all of it once they have finished all.

    As ``get_state().next`` (langgraph 1.2.22), but that is empty where a run died between its last write and the step's
    end.
    """
    finished = [task.node for task in tasks if task.node and task.finished and not task.called]
    left = sorted((Counter(due) - Counter(finished)).elements()) if finished else ()
    return tuple(left or due)


def _finished(value: Any) -> bool:
    """Tell whether a trigger triggers now: that of a node with ``defer=True`` does when nothing else is left to run.

    Such a channel holds a pair of its value and whether it is so; others hold None, or a set (langgraph 1.2.22).
    """
    return value[1] if _deferred(value) else True


def _complete(channel: str, value: Any) -> bool:
    """Tell whether a ``join:A+B:NODE`` barrier has seen all that it waits for; names may have a ``+`` of their own."""
    seen = value[0] if _deferred(value) else value
    if not isinstance(seen, (set, frozenset, list, tuple)):
        return False
    return len("+".join(map(str, seen))) == len(channel.removeprefix(_JOIN).rsplit(":", 1)[0])


def _deferred(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and isinstance(value[1], bool)


def _sends(values: Mapping[str, Any]) -> Sequence[Any]:
    packets = values.get(_SENDS)
    return packets if isinstance(packets, (list, tuple)) else ()


def _send_node(packet: Any) -> str | None:
    node = getattr(packet, "node", None)
    return str(node) if node is not None else None


def node_of(task_path: str, values: Mapping[str, Any]) -> str | None:
    """Return the node of a task from its stored path, ``~__pregel_pull, NODE`` or ``~__pregel_push, I, …``."""
    kind, _, rest = task_path.removeprefix("~").partition(", ")
    if kind == "__pregel_pull":
        return rest or None
    if rest.startswith("~__pregel_pull, "):  # a task called inside an entrypoint: name the entrypoint
        return rest.split(", ")[1]
    if kind != "__pregel_push":  # ``~__interrupt__``: somebody called update_state
        return None
    index = rest.partition(", ")[0]
    sends = _sends(values)
    return _send_node(sends[int(index)]) if index.isdecimal() and int(index) < len(sends) else None
