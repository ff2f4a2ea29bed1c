"""A checkpoint of SQLite, one piece there, as PostgreSQL keeps it: JSON, and most channel values apart. Pure.

SqliteSaver (langgraph-checkpoint-sqlite 3.1.2) stores all channel values inside the checkpoint; `PostgresSaver.put`
(langgraph-checkpoint-postgres 3.2.0) leaves plain values there and stores each other one once per channel and version.
Extension types pass through as the bytes they are: no class that a checkpoint names is imported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde.jsonplus import EXT_DELTA_SNAPSHOT, JsonPlusSerializer
from langgraph.checkpoint.serde.types import _DeltaSnapshot


def _untouched(code: int, data: bytes) -> Any:
    """Keep an extension type as its bytes; a snapshot of a delta channel is known, for the saver marks it."""
    return (
        _DeltaSnapshot(_UNTOUCHED.loads_typed(("msgpack", data)))
        if code == EXT_DELTA_SNAPSHOT
        else ormsgpack.Ext(code, data)
    )


_UNTOUCHED = JsonPlusSerializer(__unpack_ext_hook__=_untouched)

Stored = tuple[str, bytes]
Place = tuple[str, str]


class Unmovable(Exception):
    """A checkpoint cannot be stored in PostgreSQL as it is; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """A checkpoint as JSON, and what is stored beside it, by channel and version."""

    checkpoint: dict[str, Any]
    blobs: Mapping[Place, Stored]


@dataclass(frozen=True)
class Versions:
    """What the versions of one namespace's channels hold.

    In SQLite two checkpoints may hold different values under one version: a node changed its state in place, or a fork
    of an old thread counted on by whole numbers. In PostgreSQL they would share one value, so each further value gets a
    version of its own, which sorts directly behind the one it had.
    """

    _known: dict[Place, dict[bytes, str]] = field(default_factory=dict)

    def of(self, channel: str, version: Any, value: Stored | None) -> str:
        """Return the version under which this value is stored, None for nothing. Raises `Unmovable`."""
        content = b"" if value is None else blake2b(b"\0".join((value[0].encode(), value[1])), digest_size=16).digest()
        known = self._known.setdefault((channel, str(version)), {})
        if content not in known and known and not isinstance(version, str):
            raise Unmovable(f"version {version} of channel {channel!r} holds different values at different steps")
        return known.setdefault(content, f"{version}.{len(known)}" if known else str(version))


def split(kind: str, blob: bytes, versions: Versions) -> Split:
    """Take a stored checkpoint apart. Raises `Unmovable`."""
    checkpoint = _decoded(kind, blob)
    given = checkpoint.get("channel_versions") or {}
    inline, apart = {}, {}
    for channel, value in (checkpoint.get("channel_values") or {}).items():
        if _stays(value):
            inline[channel] = value
            continue
        if channel not in given:
            raise Unmovable(f"channel {channel!r} has a value and no version")
        apart[channel] = _encoded(kind, value)
        if isinstance(value, _DeltaSnapshot):
            inline[channel] = True  # the saver's own mark of a snapshot
    named = {channel: versions.of(channel, version, apart.get(channel)) for channel, version in given.items()}
    renamed = {channel: (given[channel], name) for channel, name in named.items() if name != str(given[channel])}
    plain = {
        **checkpoint,
        "channel_values": inline,
        "channel_versions": {channel: named[channel] if channel in renamed else given[channel] for channel in given},
        "versions_seen": _seen(checkpoint.get("versions_seen") or {}, renamed),
    }
    _require_json(plain)
    return Split(checkpoint=plain, blobs={(channel, named[channel]): value for channel, value in apart.items()})


def _seen(seen: Mapping[str, Mapping[str, Any]], renamed: Mapping[str, tuple[Any, str]]) -> dict[str, Any]:
    """Return which versions each node has seen; who has seen a renamed one has seen it by its new name."""
    return {
        node: {c: renamed[c][1] if c in renamed and renamed[c][0] == v else v for c, v in versions.items()}
        for node, versions in seen.items()
    }


def _decoded(kind: str, blob: bytes) -> dict[str, Any]:
    if kind not in ("msgpack", "json"):
        how = "encrypted" if "+" in kind else kind
        raise Unmovable(f"a checkpoint is stored as one {how} piece, which only its own program can take apart")
    try:
        found = json.loads(blob) if kind == "json" else _UNTOUCHED.loads_typed((kind, blob))
    except (ValueError, TypeError, RecursionError) as error:
        raise Unmovable(f"a checkpoint cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise Unmovable(f"a checkpoint is a {type(found).__name__}")
    return found


def _encoded(kind: str, value: Any) -> Stored:
    return ("json", json.dumps(value).encode()) if kind == "json" else _UNTOUCHED.dumps_typed(value)


def _stays(value: Any) -> bool:
    """Tell whether JSONB gives the value back as it was. It knows neither NUL nor halves of characters; 1e16 it makes
    a whole number, so that numbers with a fraction are stored apart.
    """
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    return value is None or isinstance(value, (bool, int))


def _require_json(checkpoint: dict[str, Any]) -> None:
    try:
        json.dumps(checkpoint)
    except TypeError as error:
        raise Unmovable(f"a checkpoint of an older LangGraph holds what is not JSON: {error}") from error
