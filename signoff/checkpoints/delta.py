"""Values of delta channels, which LangGraph keeps as a snapshot now and then and the writes since (langgraph 1.2.22).

The reducer that puts them together is the graph's code, which reading never runs. Instead lists are extended, messages
replaced or removed by id, objects merged: what LangGraph's own reducers do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, RemoveMessage
from langgraph.checkpoint.serde.types import _DeltaSnapshot  # private: how a snapshot is stored
from langgraph.types import Overwrite

from signoff.checkpoints.head import CheckpointRow, WriteRow, decoded, mapping, metadata_of, value_of
from signoff.checkpoints.strand import Strand

_ABSENT = object()
_ALL_MESSAGES = "__remove_all__"


class Deltas:
    """Puts delta channels together along the parents of checkpoints; what it has found once it keeps."""

    def __init__(self, strand: Strand) -> None:
        self._strand = strand
        self._known: dict[tuple[str, str], Any] = {}

    def complete(self, row: CheckpointRow, checkpoint: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the checkpoint's values with its delta channels in full, and the names of those put together."""
        stored = mapping(checkpoint.get("channel_values"))
        values = {name: _opened(value) for name, value in stored.items()}
        counted = mapping(metadata_of(row.metadata).get("counters_since_delta_snapshot"))
        missing = {name: self._value(name, row) for name in counted if name not in values}
        rebuilt = {name: value for name, value in missing.items() if value is not _ABSENT}
        return values | rebuilt, tuple(rebuilt)

    def _value(self, channel: str, row: CheckpointRow) -> Any:
        """Return a channel's value: the nearest one stored, and what was written from there to this checkpoint."""
        path, value = self._path(channel, row)
        for at in reversed(path):
            value = fold(value, self._written(channel, at.parent_id or ""))
            self._known[channel, at.checkpoint_id] = value
        return value

    def _path(self, channel: str, row: CheckpointRow) -> tuple[list[CheckpointRow], Any]:
        path, seen = list[CheckpointRow](), set[str]()
        at: CheckpointRow | None = row
        while at is not None and at.checkpoint_id not in seen:
            if (channel, at.checkpoint_id) in self._known:
                return path, self._known[channel, at.checkpoint_id]
            values = mapping(decoded(at, []).get("channel_values"))
            if channel in values:
                return path, _opened(values[channel])
            seen.add(at.checkpoint_id)
            path.append(at)
            at = next(iter(self._strand.named([at.parent_id])), None) if at.parent_id else None
        return path, _ABSENT

    def _written(self, channel: str, checkpoint_id: str) -> list[Any]:
        rows: Sequence[WriteRow] = self._strand.writes([checkpoint_id], values=True).get(checkpoint_id, ())
        return [value_of(row, [], channel) for row in rows if row.channel == channel]


def fold(value: Any, writes: Sequence[Any]) -> Any:
    """Return ``value`` after some writes, as LangGraph's own reducers for lists, messages, sets and objects would."""
    for write in writes:
        replaced = _overwritten(write)
        if replaced is not _ABSENT:
            value = replaced
        elif value is _ABSENT:
            value = _added([], write) if isinstance(write, (list, tuple, BaseMessage)) else write
        elif isinstance(value, (list, tuple)):
            value = _added(list(value), write)
        elif isinstance(value, Mapping) and isinstance(write, Mapping):
            value = {**value, **write}
        elif isinstance(value, (set, frozenset)) and isinstance(write, (set, frozenset)):
            value = value | write
        else:
            value = write
    return value


def _added(value: list[Any], write: Any) -> list[Any]:
    for item in write if isinstance(write, (list, tuple)) else [write]:
        places = [i for i, one in enumerate(value) if _message_id(item) and _message_id(one) == _message_id(item)]
        if isinstance(item, RemoveMessage):
            value = [] if item.id == _ALL_MESSAGES else [one for i, one in enumerate(value) if i not in places]
        elif places:
            value[places[0]] = item
        else:
            value.append(item)
    return value


def _message_id(item: Any) -> str | None:
    return item.id if isinstance(item, BaseMessage) else None


def _overwritten(write: Any) -> Any:
    if isinstance(write, Overwrite):
        return write.value
    return write["__overwrite__"] if isinstance(write, Mapping) and list(write) == ["__overwrite__"] else _ABSENT


def _opened(value: Any) -> Any:
    return value.value if isinstance(value, _DeltaSnapshot) else value
