"""Raw: a payload nothing else understood, shown as it is and answered with any JSON."""

from __future__ import annotations

from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.wording import fallback_title, one_line

NOTE: Final = "The graph does not say what answer it expects. Any JSON value can be sent."


def recognise(asked: Asked) -> Card:
    """Return a card for whatever this is."""
    title = one_line(asked.value) if isinstance(asked.value, str) else ""
    return Card(dialect="raw", title=title or fallback_title(asked), body=asked.value, schema={}, note=NOTE)
