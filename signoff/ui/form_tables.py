"""A list of flat objects as a table: one line of widgets per row, the names above."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from signoff.forms import Field, Group, Leaf, List, Widget
from signoff.ui.form_canvas import Canvas
from signoff.ui.form_leaves import draw_leaf, label_for

WIDEST: Final = 3
"""Columns that stay readable in a card of 600 px."""
NARROW: Final = frozenset(
    (Widget.TEXT, Widget.EMAIL, Widget.INTEGER, Widget.NUMBER, Widget.DATE, Widget.TIME, Widget.CHOICE)
)


def is_table(field: List) -> bool:
    """Tell whether all rows are objects of the same few short fields."""
    if not field.items or field.fixed:
        return False
    names = [_columns(item) for item in field.items]
    return bool(names[0]) and all(one == names[0] for one in names)


def _columns(item: Field) -> tuple[str, ...]:
    """Return the names of an item's fields; none where it does not fit on a line."""
    if not isinstance(item, Group) or item.nullable or item.entries or item.addable or item.collapsed:
        return ()
    short = all(isinstance(part, Leaf) and part.kind in NARROW and not part.nullable for part in item.children)
    fits = short and 0 < len(item.children) <= WIDEST
    return tuple(str(part.path[-1]) for part in item.children) if fits else ()


def draw_table(field: List, canvas: Canvas, buttons: Callable[[int], None]) -> None:
    """Draw the rows; ``buttons`` draws what moves and removes the row at an index."""
    first = field.items[0]
    widths = [*(1.0 for _ in first.parts), 0.42]
    for part, column in zip(first.parts, st.columns(widths, gap="small"), strict=False):
        column.caption(label_for(part))
    for at, item in enumerate(field.items):
        *cells, last = st.columns(widths, gap="small")
        for part, cell in zip(item.parts, cells, strict=True):
            with cell:
                if isinstance(part, Leaf):
                    draw_leaf(part, canvas, hide_label=True)
        with last, st.container(horizontal=True, gap=None):
            buttons(at)
        canvas.slot(item)
