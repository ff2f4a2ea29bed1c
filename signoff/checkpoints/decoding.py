"""Stored values to plain JSON, without importing or running anything that a checkpoint names."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from langgraph.checkpoint.base import id as ids
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Interrupt
from pydantic_core import PydanticSerializationError, to_jsonable_python

from signoff.reviews import Json

STRICT = JsonPlusSerializer(allowed_msgpack_modules=None)
"""Decodes foreign classes as plain data (langgraph-checkpoint 4.3.2); the default instance would import them."""

PLAIN_JSON = "jsonb"
"""The type of what a database keeps as JSON itself, with nothing to be made of it but plain data."""

_LEAVES = frozenset((str, int, float, bool, type(None)))
_UUID_EPOCH = 0x01B21DD213814000  # 1582-10-15 to 1970-01-01 in units of 100 ns (RFC 9562)


class _OncePerType(logging.Filter):
    """Drops the serializer's warning about types left as plain data: for reading, that is what we want."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "eserializ" not in record.getMessage()


logging.getLogger("langgraph.checkpoint.serde.jsonplus").addFilter(_OncePerType())


class Undecodable(Exception):
    """A stored value cannot be decoded; the text says why."""


def decode(kind: str | None, blob: bytes | None) -> Any:
    """Return the stored object, foreign classes as plain data. Raises `Undecodable`."""
    if kind == "pickle":  # JsonPlusSerializer(pickle_fallback=True)
        raise Undecodable(f"{len(blob or b''):,} bytes of pickle, which runs code when it is read")
    try:
        if kind == PLAIN_JSON:
            return json.loads(blob or b"null")
        if kind and "+" in kind:  # EncryptedSerializer: ``msgpack+aes``
            return _decrypting().loads_typed((kind, blob or b""))
        return STRICT.loads_typed((kind or "null", blob or b""))
    except Undecodable:
        raise
    except Exception as error:  # hostile bytes may raise anything inside the decoder
        raise Undecodable(f"{type(error).__name__}: {error}") from error


def _decrypting() -> EncryptedSerializer:
    """Return LangGraph's own decryption with the key in ``LANGGRAPH_AES_KEY``; it needs the package pycryptodome."""
    if not os.environ.get("LANGGRAPH_AES_KEY"):
        raise Undecodable("it is encrypted; set LANGGRAPH_AES_KEY to the key that your graph uses")
    return EncryptedSerializer.from_pycryptodome_aes(serde=STRICT)


def to_json(value: Any, *, name_binary: bool = False) -> Json:
    """Return the value as JSON data; what JSON cannot hold becomes text that names it.

    Sets become sorted lists, the same in every process. With ``name_binary`` binary values become a text that names
    their kind and size, else base64.
    """
    try:
        plain = _plain(value, name_binary)
        return to_jsonable_python(plain, fallback=_as_text, inf_nan_mode="strings", bytes_mode="base64")
    except (PydanticSerializationError, ValueError, TypeError, RecursionError) as error:
        return f"<{type(value).__name__} that JSON cannot hold: {error}>"


def _plain(value: Any, name_binary: bool) -> Any:
    """Return data with sets in order; most of it are leaves, for which a call would take longer than all the rest."""
    if isinstance(value, dict) or (type(value) not in _LEAVES and isinstance(value, Mapping)):
        return {key: one if type(one) in _LEAVES else _plain(one, name_binary) for key, one in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        items = [one if type(one) in _LEAVES else _plain(one, name_binary) for one in value]
        return items if isinstance(value, (list, tuple)) else _in_order(items)
    if name_binary and isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{type(value).__name__}, {len(value):,} bytes>"
    return value


def _in_order(items: list[Any]) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:
        return sorted(items, key=lambda item: json.dumps(to_json(item), sort_keys=True))


def _as_text(value: object) -> Json:
    if isinstance(value, Interrupt):
        return {"id": value.id, "value": to_json(value.value), "response_schema": to_json(value.response_schema)}
    if (shape := getattr(value, "shape", None)) is not None:  # an array of numpy's or pandas'
        return f"<{type(value).__name__} {'×'.join(map(str, shape))} {getattr(value, 'dtype', '')}, {_size(value)}>"
    slots = getattr(type(value), "__slots__", None)
    if slots and type(value).__module__.startswith("langgraph."):
        return {name: to_json(getattr(value, name, None)) for name in slots}
    return f"<{type(value).__name__}>"


def _size(array: Any) -> str:
    size = getattr(array, "nbytes", None)
    return f"{size:,} bytes" if isinstance(size, int) else "size unknown"


def make_ids_behind(checkpoint_id: str) -> None:
    """See to it that checkpoints made by this process from now on sort behind this one, whatever the clock says.

    Their ids are times, and the greatest is taken for the newest (``uuid6`` in langgraph-checkpoint 4.3.2): what a
    process with an earlier clock writes would never be seen. LangGraph's own guard against that knows one process only.
    """
    try:
        ticks = _ticks(checkpoint_id)
    except ValueError:
        return
    ids._last_v6_timestamp = max(ids._last_v6_timestamp or 0, ticks)  # type: ignore[assignment] # None at first


def _ticks(checkpoint_id: str) -> int:
    bits = UUID(checkpoint_id).int
    return ((bits >> 80) << 12) | ((bits >> 64) & 0x0FFF)


def time_of(checkpoint_id: str) -> datetime:
    """Return the time inside a checkpoint id (a uuid6), in UTC; the epoch when it is no uuid."""
    try:
        ticks = _ticks(checkpoint_id)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return datetime.fromtimestamp(max(ticks - _UUID_EPOCH, 0) / 1e7, UTC)
