"""Text for terminals: foreign words made harmless, tables that fit the window, times in the reader's own zone."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from signoff.reviews import Json

_UNSEEN = frozenset(("Cc", "Cs", "Zl", "Zp"))  # controls (escape sequences begin with one), lone surrogates, separators
_TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))  # text that shows as other text
_GAP = "  "


def safe(text: object) -> str:
    """Return foreign text on one line, with everything that could steer a terminal spelled out (``\\x1b``)."""
    return "".join(_shown(character) for character in " ".join(str(text).splitlines()))


def safe_lines(text: object) -> str:
    """Return foreign text like `safe`, but keep its lines."""
    return "\n".join(safe(line) for line in str(text).splitlines())


def pretty(value: Json) -> str:
    """Return a JSON value for reading, over several lines."""
    return safe_lines(json.dumps(value, indent=2, ensure_ascii=False))


def brief(value: Json, *, length: int = 60) -> str:
    """Return a JSON value on one line of at most ``length`` characters."""
    text = safe(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= length else f"{text[: length - 1]}…"


def local(moment: datetime) -> str:
    """Return a time in the zone of this machine, to the minute."""
    with suppress(OverflowError):  # the very end of the calendar
        moment = moment.astimezone()
    return f"{moment:%Y-%m-%d %H:%M}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return an aligned table; in a terminal its last column is cut at the right edge. Cells are made safe."""
    from rich.cells import cell_len

    cells = [list(head), *([safe(cell) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    if (columns := _columns()) is not None:
        widths[-1] = max(8, min(widths[-1], columns - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1)))
    return "\n".join(_GAP.join(_fit(row, widths)).rstrip() for row in cells)


def _fit(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    from rich.text import Text

    for cell, width in zip(row, widths, strict=True):
        text = Text(cell)
        text.truncate(width, overflow="ellipsis", pad=True)
        yield text.plain


def _columns() -> int | None:
    """Return the terminal's width; None when nothing is to be cut because a file or a program reads on."""
    return shutil.get_terminal_size().columns if "COLUMNS" in os.environ or sys.stdout.isatty() else None


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    if unicodedata.category(character) in _UNSEEN or unicodedata.bidirectional(character) in _TURNING:
        return character.encode("unicode_escape").decode("ascii")
    return character
