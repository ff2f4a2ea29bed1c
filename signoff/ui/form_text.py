"""Labels of a form: texts that are not ours, on one line, cut, and harmless in Markdown."""

from __future__ import annotations

from typing import Final

from signoff.ui.session import label

LONGEST: Final = 300


def literal(text: str, *, longest: int = LONGEST) -> str:
    """Return ``text`` on one line so that Markdown shows it as it is and a screen reader says it."""
    line = " ".join(text.split())
    return label(line if len(line) <= longest else line[: longest - 1] + "…")
