"""A graph as its reviewers meet it: the channels of its state, the nodes a thread could go to, how it is drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from langgraph.channels import BinaryOperatorAggregate, LastValue
from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError

from signoff.graphs.outlines import callers_in, outline_of
from signoff.picture import Outline
from signoff.reviews import Json

_LONGEST = 4_000  # characters of a channel's schema that still make a form; longer ones are edited as JSON


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A graph seen from outside: ``nodes`` that can be gone to, and the JSON Schema of each channel of its state.

    ``outline`` is how it is drawn with each subgraph as one node, ``opened`` with what is inside them. ``callers``
    holds the nodes whose own code calls a graph, as far as that is known, each as the names that lead to it.
    """

    nodes: tuple[str, ...] = ()
    channels: Mapping[str, Json] = field(default_factory=dict)
    outline: Outline = field(default_factory=Outline)
    opened: Outline = field(default_factory=Outline)
    callers: frozenset[tuple[str, ...]] = frozenset()


def shape_of(graph: Any) -> Shape:
    """Return the shape of a compiled graph; one that is no ``StateGraph`` has neither nodes nor channels to offer."""
    nodes = tuple(name for name in graph.nodes if f"branch:to:{name}" in graph.channels and not name.startswith("__"))
    drawn = Shape(outline=outline_of(graph), opened=outline_of(graph, inside=True), callers=callers_in(graph))
    if not nodes:
        return drawn
    kept = {name: channel for name, channel in graph.channels.items() if _is_state(name, channel)}
    channels = {name: _schema_of(channel) for name, channel in kept.items()}
    return replace(drawn, nodes=nodes, channels=channels)


def typed(channel: Any, value: Json) -> Any:
    """Return JSON as the type that a channel holds: models and messages become objects, plain JSON stays as it is.

    Raises `ValueError` where the value does not fit the type.
    """
    adapter = _adapter(channel)
    if adapter is None:
        return value
    made = adapter.validate_json(json.dumps(value))
    return value if _is_plain(made) else made


def _is_state(name: str, channel: Any) -> bool:
    internal = name.startswith(("__", "branch:", "join:"))
    return not internal and isinstance(channel, (LastValue, BinaryOperatorAggregate))


def _adapter(channel: Any) -> TypeAdapter[Any] | None:
    try:
        return TypeAdapter(channel.ValueType)
    except (PydanticUserError, TypeError, NameError):
        return None


def _schema_of(channel: Any) -> Json:
    adapter = _adapter(channel)
    try:
        schema = adapter.json_schema() if adapter else {}
    except (PydanticUserError, TypeError, ValueError):
        schema = {}
    if len(json.dumps(schema)) <= _LONGEST:
        return schema
    return {"type": schema["type"]} if isinstance(schema.get("type"), str) else {}


def _is_plain(made: Any) -> bool:
    if type(made) not in (dict, list, str, int, float, bool, type(None)):
        return False
    try:
        return bool(json.loads(json.dumps(made)) == made)
    except (TypeError, ValueError):
        return False
