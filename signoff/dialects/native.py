"""Native: the graph declares the answer itself, ``interrupt(value, response_schema=…)`` (from langgraph 1.2.12)."""

from __future__ import annotations

from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.proposal import proposal
from signoff.dialects.shapes import is_schema
from signoff.dialects.wording import PROMPT_KEYS, fallback_title, headline, one_line
from signoff.reviews import Json

KEYS: Final = ("question", "message", "title", "description", *PROMPT_KEYS)


def recognise(asked: Asked) -> Card | None:
    """Return the card of a payload that came with a usable ``response_schema``, or None."""
    if not is_schema(asked.response_schema):
        return None
    title, body = told(asked)
    return Card(
        dialect="native",
        title=title,
        body=body,
        schema=asked.response_schema,
        prefill=proposal(asked.value, asked.response_schema),
        declared=True,
    )


def told(asked: Asked) -> tuple[str, Json]:
    """Return title and body of a payload of any type whose answer is described elsewhere."""
    if isinstance(asked.value, dict):
        return headline(asked, KEYS)
    if isinstance(asked.value, str) and (title := one_line(asked.value)):
        return title, "" if title == asked.value.strip() else asked.value
    return fallback_title(asked), asked.value if asked.value not in (None, "") else ""
