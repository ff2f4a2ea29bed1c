"""Titles: which words of a payload to put in front of a reviewer, as plain text on one line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from signoff.dialects.card import Asked
from signoff.reviews import Json

PROMPT_KEYS: Final = (
    "question",
    "message",
    "prompt",
    "instruction",
    "instructions",
    "title",
    "description",
    "text",
    "reason",
    "task",
    "content",
)
"""Where ad-hoc payloads keep what they ask, most telling first (PAYLOADS section 10)."""

ROUTING_KEYS: Final = ("type", "kind", "reason", "node")
_NAME = re.compile(r"[A-Za-z_][\w.\-]*")


def one_line(text: str, limit: int = 200) -> str:
    """Return ``text`` on a single line of at most ``limit`` characters, without control or bidirectional characters."""
    head = text.lstrip()[: limit * 5]
    if not head.isprintable():  # or else there is no character to be left out
        head = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in head)
    shown = " ".join(head.split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def fallback_title(asked: Asked) -> str:
    """Return a title for a payload that has none."""
    return f"Review at {node}" if (node := one_line(asked.node, 150)) else "Review"


def headline(asked: Asked, keys: Sequence[str] = PROMPT_KEYS) -> tuple[str, Json]:
    """Return the title of a dict payload, and the rest of the payload to be shown as facts.

    What the title does not say in full stays in the rest, so nothing is lost.
    """
    for key in keys:
        said = _said(asked.value.get(key))
        if title := one_line(said):
            whole = asked.value[key] is said and title == said.strip()
            return title, {k: v for k, v in asked.value.items() if not (whole and k == key)} or ""
    return _routed(asked), asked.value


def review_of(name: str) -> str:
    """Return a title for an action: ``Review send_email`` for an identifier, the words themselves otherwise."""
    shown = one_line(name, 180)
    return f"Review {shown}" if _NAME.fullmatch(shown) else shown or "Review"


def spoken(identifier: str) -> str:
    """Return an identifier as words: ``expense_approval`` becomes ``Expense approval``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"[_\-./:]+", " ", one_line(identifier))).strip()
    return words[:1].upper() + words[1:].lower() if words else ""


def _said(value: Json) -> str:
    """Return the text of a prompt: itself, or the content of a message."""
    if isinstance(value, dict):
        value = value.get("content", value.get("text"))
    return value if isinstance(value, str) else ""


def _routed(asked: Asked) -> str:
    for key in ROUTING_KEYS[:2]:
        if isinstance(kind := asked.value.get(key), str) and (title := spoken(kind)):
            return title
    return fallback_title(asked)
