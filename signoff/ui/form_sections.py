"""Large objects: what is required first, the rest folded, and a search over both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from signoff.forms import Field, Group
from signoff.forms.fields import leaves
from signoff.ui.form_canvas import Canvas

LARGE: Final = 40
"""Leaves of an object from which on it is folded."""
SEARCH_KEY: Final = "!search"

Draw = Callable[[Sequence[Field], Canvas], None]


def is_large(group: Group) -> bool:
    """Tell whether ``group`` is the whole answer and has too many fields to be read at once."""
    return group.path == () and sum(1 for _ in leaves(group)) > LARGE


def draw_sections(children: Sequence[Field], canvas: Canvas, draw: Draw) -> None:
    """Draw a large object. Fields that are not drawn keep what was typed into them."""
    sought = _search(len(children), canvas)
    if sought:
        found = [child for child in children if _mentions(child, sought)]
        draw(found, canvas)
        if not found:
            st.caption("No field has this in its name or description.")
        return
    needed = [child for child in children if child.required]
    more = [child for child in children if not child.required]
    draw(needed, canvas)
    if not more:
        return
    title = f"{len(more)} optional fields" if needed else f"{len(more)} fields"
    section = st.expander(title, expanded=not needed, on_change="rerun", key=canvas.name("!more"))
    if section.open:
        with section:
            draw(more, canvas)


def _search(count: int, canvas: Canvas) -> str:
    typed = st.text_input(
        "Find a field",
        key=canvas.name(SEARCH_KEY),
        type="search",
        live="300ms",
        placeholder=f"Find one of {count} fields",
        label_visibility="collapsed",
    )
    return (typed or "").strip().lower()


def _mentions(field: Field, sought: str) -> bool:
    own = f"{field.label}\n{field.help}\n{'.'.join(map(str, field.path))}".lower()
    return sought in own or any(_mentions(part, sought) for part in field.parts)
