"""A conversation: messages as LangChain and chat APIs write them, with the tools they call. Nothing is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import streamlit as st

from signoff.reviews import Json
from signoff.ui.session import plain

_AVATARS: Final = {
    "human": "🧑",
    "user": "🧑",
    "ai": "🤖",
    "assistant": "🤖",
    "AIMessageChunk": "🤖",
    "tool": "🛠️",
    "function": "🛠️",
    "system": "⚙️",
    "developer": "⚙️",
    "chat": "💬",
}
"""What a message calls itself, as ``type`` (LangChain) or ``role``."""


def is_conversation(value: Sequence[Json]) -> bool:
    """Tell whether all of ``value`` are messages, at most 200."""
    return 0 < len(value) <= 200 and all(isinstance(one, Mapping) and "content" in one and _role(one) for one in value)


def show_conversation(
    messages: Sequence[Mapping[str, Json]], *, text: Callable[[str], None], arguments: Callable[[Json], None]
) -> None:
    """Draw messages in their order; ``text`` draws a text, ``arguments`` what a tool is called with."""
    for message in messages:
        role = _role(message)
        with st.chat_message("user", avatar=_AVATARS[role]):
            known = [message.get(key) for key in ("name", "tool_call_id", "id")]
            st.caption(plain(" · ".join([role, *(one for one in known if isinstance(one, str) and one)])[:200]))
            for part in _parts(message["content"]):
                text(part) if isinstance(part, str) else arguments(part)
            for tool, call_id, given in _calls(message):
                st.caption(plain(f"calls {tool} · {call_id}"[:200] if call_id else f"calls {tool}"[:200]))
                arguments(given)


def _role(message: Mapping[str, Json]) -> str:
    named = (message.get("type"), message.get("role"))
    return next((one for one in named if isinstance(one, str) and one in _AVATARS), "")


def _parts(content: Json) -> Iterator[Json]:
    """Yield what a message says, part by part; a picture is named, not shown."""
    for part in content if isinstance(content, list) else [content]:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text" and isinstance(part.get("text"), str):
            yield part["text"]
        elif isinstance(kind, str) and ("image" in kind or "audio" in kind):
            yield f"[{kind}, not loaded]"
        elif part not in ("", None):
            yield part


def _calls(message: Mapping[str, Json]) -> Iterator[tuple[str, str, Json]]:
    """Yield name, id and arguments of each tool that a message calls."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        asked = call.get("function", call) if isinstance(call, Mapping) else {}
        asked = asked if isinstance(asked, Mapping) else {}
        given = asked.get("args", asked.get("arguments", call))
        call_id = call.get("id") if isinstance(call, Mapping) else None
        yield str(asked.get("name", "a tool")), call_id if isinstance(call_id, str) else "", _read(given)


def _read(given: Json) -> Json:
    """Return arguments that came as a JSON text as what they say."""
    try:
        return json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        return given
