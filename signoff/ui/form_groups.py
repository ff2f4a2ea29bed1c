"""Containers of a form: objects, lists, unions, and what adds, removes and moves their parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from signoff.forms import Field, Group, Leaf, List, Rows, Union, Widget
from signoff.ui.form_canvas import Canvas
from signoff.ui.form_leaves import draw_leaf, draw_null, fits_a_row, label_for, pick
from signoff.ui.form_sections import draw_sections, is_large
from signoff.ui.form_tables import draw_table, is_table
from signoff.ui.form_text import literal

SHORT: Final = frozenset(
    (Widget.TEXT, Widget.EMAIL, Widget.INTEGER, Widget.NUMBER, Widget.DATE, Widget.TIME, Widget.PASSWORD)
)


def draw(field: Field, canvas: Canvas, *, bare: bool = False, alone: bool = False) -> None:
    """Draw ``field`` and everything in it; ``bare`` leaves out the heading, where something above says it."""
    if isinstance(field, Leaf):
        draw_leaf(field, canvas, hide_label=bare)
    elif isinstance(field, Union):
        _union(field, canvas, bare)
    elif isinstance(field, Group):
        _group(field, canvas, bare, alone)
    elif isinstance(field, List):
        _list(field, canvas, bare)


def draw_whole(field: Field, canvas: Canvas) -> None:
    """Draw a field whose heading stands elsewhere, its null switch included."""
    if field.nullable and not isinstance(field, Leaf):
        draw_null(field, canvas)
    draw(field, canvas, bare=True)


def _group(group: Group, canvas: Canvas, bare: bool, alone: bool) -> None:
    """Draw an object in a frame of its own, unless it is the only thing in the frame around it."""
    if group.collapsed:
        _opener(group, canvas)
        return
    with st.container(border=not bare and not alone):
        if not bare:
            _heading(group, canvas)
        if not group.null:
            children = [child for child in group.children if _is_drawn(child, bare)]
            if is_large(group):
                draw_sections(children, canvas, _children)
            else:
                _children(children, canvas)
            _entries(group, canvas)
    canvas.slot(group)


def _is_drawn(child: Field, in_branch: bool) -> bool:
    """Leave out the constant that only tells branches apart: the picker says it."""
    return not (in_branch and child.kind is Widget.CONST)


def _opener(group: Group, canvas: Canvas) -> None:
    st.button(
        f"Add {literal(group.label)}",
        icon=":material/add:",
        key=canvas.name(group.key + "!open"),
        on_click=canvas.choose,
        args=(group.open_key, True),
    )
    canvas.slot(group)


def _heading(field: Field, canvas: Canvas) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{label_for(field)}**", help=literal(field.help, longest=2000) or None)
        if field.nullable:
            st.space("stretch")
            draw_null(field, canvas)


def _children(children: Sequence[Field], canvas: Canvas) -> None:
    """Draw fields in order, short neighbours side by side."""
    waiting: list[Field] = []
    for child in [*children, None]:
        if child is not None and _is_short(child):
            waiting.append(child)
            if len(waiting) < 2:
                continue
        _side_by_side(waiting, canvas)
        waiting = []
        if child is not None and not _is_short(child):
            draw(child, canvas, alone=len(children) == 1)


def _is_short(field: Field) -> bool:
    if not isinstance(field, Leaf) or field.nullable or len(field.label) > 40:
        return False
    return field.kind in SHORT or (field.kind is Widget.CHOICE and not fits_a_row([one.label for one in field.options]))


def _side_by_side(fields: Sequence[Field], canvas: Canvas) -> None:
    if len(fields) < 2:
        for field in fields:
            draw(field, canvas)
        return
    for field, column in zip(fields, st.columns(2), strict=True):
        with column:
            draw(field, canvas)


def _entries(group: Group, canvas: Canvas) -> None:
    for entry in group.entries:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _name(group, entry.name_key, canvas.first(entry.name_key, entry.name), canvas)
            canvas.keep(entry.name_key, entry.name)
            if isinstance(entry.field, Leaf):
                with st.container():
                    draw(replace(entry.field, label="Value", required=False), canvas)
            _row_button("delete", "Remove", group, group.rows.removed(entry.id), entry.field.key, canvas)
        if not isinstance(entry.field, Leaf):
            draw(entry.field, canvas)
    if group.addable:
        _add_button("Add a field", group, canvas)


def _name(group: Group, key: str, first: str, canvas: Canvas) -> None:
    if not group.names:
        st.text_input("Name", value=first, key=canvas.name(key))
        return
    names = list(dict.fromkeys((*group.names, *([first] if first else []))))
    index = names.index(first) if first in names else None
    st.selectbox("Name", options=names, index=index, key=canvas.name(key), placeholder="Choose")


def _list(field: List, canvas: Canvas, bare: bool) -> None:
    if not bare:
        _heading(field, canvas)
    if not field.null:
        if is_table(field):
            draw_table(field, canvas, lambda at: _row_buttons(field, at, field.rows.ids[at], canvas))
        else:
            for at, item in enumerate(field.items):
                _row(field, at, item, canvas)
        if field.addable:
            _add_button("Add", field, canvas)
    canvas.slot(field)


def _row(field: List, at: int, item: Field, canvas: Canvas) -> None:
    row = field.rows.ids[at]
    if isinstance(item, Leaf):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            with st.container():
                draw(item, canvas, bare=at >= field.fixed)
            _row_buttons(field, at, row, canvas)
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(item.label)}**", help=literal(item.help, longest=2000) or None)
            st.space("stretch")
            _row_buttons(field, at, row, canvas)
        draw_whole(item, canvas)


def _row_buttons(field: List, at: int, row: int, canvas: Canvas) -> None:
    if at < field.fixed:
        return
    key = f"{field.key}!{row}"
    if at > field.fixed:
        _row_button("arrow_upward", "Move up", field, field.rows.moved(row, -1), key, canvas)
    if at + 1 < len(field.items):
        _row_button("arrow_downward", "Move down", field, field.rows.moved(row, 1), key, canvas)
    _row_button("delete", "Remove", field, field.rows.removed(row), key, canvas)


def _row_button(icon: str, tip: str, field: Group | List, rows: Rows, key: str, canvas: Canvas) -> None:
    st.button(
        "",
        icon=f":material/{icon}:",
        type="tertiary",
        help=tip,
        key=canvas.name(f"{key}!{icon}"),
        on_click=canvas.choose,
        args=(field.rows_key, rows),
    )


def _add_button(label: str, field: Group | List, canvas: Canvas) -> None:
    st.button(
        label,
        icon=":material/add:",
        key=canvas.name(field.key + "!add"),
        on_click=canvas.choose,
        args=(field.rows_key, field.rows.added()),
    )


def _union(union: Union, canvas: Canvas, bare: bool) -> None:
    if union.nullable and not bare:
        _heading(union, canvas)
    if not union.null:
        _branch(union, canvas, hide_label=bare or union.nullable)
    canvas.slot(union)
    if union.child is not None:
        draw(union.child, canvas, bare=True)


def _branch(union: Union, canvas: Canvas, *, hide_label: bool) -> None:
    common: dict[str, Any] = {
        "label": label_for(union) if union.label else "Decision",
        "help": literal(union.help, longest=2000) or None,
        "label_visibility": "collapsed" if hide_label else "visible",
    }
    key = union.branch_key
    first = canvas.first(key, union.first)
    pick(list(union.branches), first, optional=not union.required, key=canvas.name(key), **common)
    canvas.keep(key, union.first)
