"""CopilotKit: ``copilotkit_interrupt`` wraps a question, or an action with its arguments.

Its Python helper takes a text or an object as the answer and anything else as a list of messages whose last content is
the answer; so a text or an object is what to send.
"""

from __future__ import annotations

from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.shapes import any_of, infer
from signoff.dialects.suggestions import APPROVAL, CONFIRMED, GUESS, TEXT
from signoff.dialects.wording import fallback_title, one_line, review_of
from signoff.reviews import Json

KEY: Final = "__copilotkit_interrupt_value__"
MESSAGES: Final = "__copilotkit_messages__"


def recognise(asked: Asked) -> Card | None:
    """Return the card of a CopilotKit interrupt, or None."""
    if not isinstance(asked.value, dict) or KEY not in asked.value:
        return None
    inner = asked.value[KEY]
    action = inner.get("action") if isinstance(inner, dict) else None
    title = review_of(action) if isinstance(action, str) else one_line(inner) if isinstance(inner, str) else ""
    return Card(
        dialect="copilotkit",
        title=title or fallback_title(asked),
        body="" if inner == title else inner,
        schema=any_of(_answers(inner)),
        note=GUESS,
        tool=action if isinstance(action, str) else "",
    )


def _answers(inner: Json) -> list[Json]:
    args = inner.get("args") if isinstance(inner, dict) else None
    if not isinstance(inner, dict):
        return [TEXT, APPROVAL]
    edited = [{**infer(args), "title": "Edited arguments", "default": args}] if isinstance(args, dict) and args else []
    return [APPROVAL, CONFIRMED, *edited, TEXT]
