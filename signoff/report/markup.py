"""HTML out of foreign words: whatever is put into a template is escaped, unless it came out of one."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


NOTHING = Html("")


def fill(template: str, *values: object) -> Html:
    """Return the template, a literal of ours, with the values in place of its ``{}``, escaped where they are foreign.

    Control characters, those that turn the direction of text, and lone surrogates become ``�``.
    """
    return Html(template.format(*(value if isinstance(value, Html) else foreign(str(value)) for value in values)))


def foreign(text: str) -> Html:
    """Return foreign text as HTML."""
    return Html(html.escape(_CONTROL.sub("�", text)))


def joined(parts: Iterable[Html]) -> Html:
    """Return some HTML in a row."""
    return Html("".join(parts))
