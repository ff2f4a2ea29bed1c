"""One Streamlit widget per kind of leaf. None gets a limit of the schema: Streamlit would cut or keep back values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from signoff.forms import Leaf, Widget
from signoff.forms.readings import shown
from signoff.forms.wording import written
from signoff.reviews import ABSENT
from signoff.ui.form_canvas import Canvas
from signoff.ui.form_text import literal

FEW: Final = 5
ROW: Final = 44
"""Letters that fit on one row of segments in a card of 600 px."""
ZONES: Final = ("Z", "", *(f"{sign}{hour:02}:00" for sign in "-+" for hour in range(1, 13)), "+05:30", "+13:00")
SECOND: Final = timedelta(seconds=1)


def draw_leaf(leaf: Leaf, canvas: Canvas, *, hide_label: bool = False) -> None:
    """Draw ``leaf``, take its value, and reserve the place for its problem."""
    if leaf.nullable:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _draw(leaf, canvas, hide_label)
            draw_null(leaf, canvas)
    else:
        _draw(leaf, canvas, hide_label)
    if leaf.note:
        st.caption(literal(leaf.note))
    canvas.slot(leaf)


def draw_null(field: Any, canvas: Canvas) -> None:
    """Draw the switch that answers null."""
    key = field.null_key
    first = field.data is None
    st.checkbox("No value", value=canvas.first(key, first), key=canvas.name(key))
    canvas.keep(key, first)


def label_for(field: Any) -> str:
    """Return a field's label for Streamlit: escaped, and in words where an answer is required, for who hears it."""
    return literal(field.label or "Answer") + (" · required" if field.required and not field.read_only else "")


def _draw(leaf: Leaf, canvas: Canvas, hide_label: bool) -> None:
    draw = DRAW.get(leaf.kind, _text)
    draw(
        leaf,
        canvas,
        {
            "label": label_for(leaf),
            "help": literal(leaf.help, longest=2000) or None,
            "disabled": leaf.null or leaf.read_only,
            "label_visibility": "collapsed" if hide_label else "visible",
        },
    )


def _plain(leaf: Leaf, canvas: Canvas, suffix: str = "") -> dict[str, Any]:
    return {"key": canvas.name(leaf.raw_key + suffix), "on_change": "rerun" if leaf.live else "ignore"}


def _single(widget: Callable[..., Any], **fixed: Any) -> Callable[[Leaf, Canvas, dict[str, Any]], None]:
    """Return the drawing of a widget that takes its beginning as ``value``."""

    def draw(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
        first = shown(leaf)[""]
        widget(value=canvas.first(leaf.raw_key, first), **common, **_plain(leaf, canvas), **fixed)
        canvas.keep(leaf.raw_key, first)

    return draw


def _text(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
    draw = _single(
        st.text_input, type=TYPES.get(leaf.kind, "default"), placeholder=_placeholder(leaf), icon=_icon(leaf)
    )
    draw(leaf, canvas, common)


def _integer(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
    """Draw a whole number: a few as segments, within bounds as a slider where it has a value, else as text."""
    numbers = _bounds(leaf)
    if 0 < len(numbers) <= SEGMENTS and (leaf.data is ABSENT or leaf.data in numbers):
        first = None if leaf.data is ABSENT else leaf.data
        chosen = canvas.first(leaf.raw_key, first)
        st.segmented_control(options=list(numbers), default=chosen, **common, **_plain(leaf, canvas))
        canvas.keep(leaf.raw_key, first)
    elif 0 < len(numbers) <= SLIDER and leaf.data in numbers:
        low, high = numbers[0], numbers[-1]
        begin = canvas.first(leaf.raw_key, leaf.data)
        st.slider(min_value=low, max_value=high, value=begin, **common, **_plain(leaf, canvas))
        canvas.keep(leaf.raw_key, leaf.data)
    else:
        _text(leaf, canvas, common)


def _bounds(leaf: Leaf) -> range:
    """Return the numbers there are to choose from; none where there is no choice, or null, or another kind of data."""
    low, high = leaf.hints.get("minimum"), leaf.hints.get("maximum")
    plain = leaf.data is ABSENT or type(leaf.data) is int
    if not isinstance(low, int) or not isinstance(high, int) or leaf.nullable or not plain:
        return range(0)
    return range(low, high + 1) if leaf.hints.get("multipleOf", 1) == 1 else range(0)


def _icon(leaf: Leaf) -> str | None:
    """Return the sign of a unit that a number is in: money or percent, by format or by name."""
    if leaf.kind not in (Widget.INTEGER, Widget.NUMBER):
        return None
    name = str(leaf.path[-1]).lower() if leaf.path else ""
    said = {str(leaf.hints.get("format")), *name.replace("-", "_").split("_")}
    return next((icon for words, icon in ICONS if said & words), None)


def _placeholder(leaf: Leaf) -> str | None:
    examples = leaf.hints.get("examples")
    if isinstance(examples, list) and examples and isinstance(examples[0], str | int | float):
        return f"e.g. {written(examples[0])}"[:80]
    low, high = leaf.hints.get("minimum"), leaf.hints.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    return PLACEHOLDERS.get(str(leaf.hints.get("format")))


def _area(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
    lines = 1 + str(shown(leaf)[""]).count("\n") + len(str(shown(leaf)[""])) // 70
    _single(st.text_area, height=min(96 + 22 * max(lines - 2, 0), 420))(leaf, canvas, common)


def _const(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
    """Draw what cannot be another value; the widget is no answer, so its key is not the field's."""
    text = "" if leaf.data is ABSENT else written(leaf.data)
    st.text_input(value=text, key=canvas.name(leaf.raw_key + "!const"), **{**common, "disabled": True})


def _choice(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
    first = shown(leaf)[""]
    labels = [option.label for option in leaf.options]
    pick(labels, canvas.first(leaf.raw_key, first), optional=not leaf.required, **common, **_plain(leaf, canvas))
    canvas.keep(leaf.raw_key, first)


def pick(labels: list[str], first: int | None, *, optional: bool, **common: Any) -> None:
    """Draw one choice: segments where all fit on a row, else a list; its value is the index chosen."""
    if fits_a_row(labels):
        st.segmented_control(
            options=list(range(len(labels))),
            format_func=lambda at: literal(labels[at]),
            default=first,
            width="stretch",
            **common,
        )
        return
    options = [*([None] if optional else []), *range(len(labels))]
    st.selectbox(
        options=options,
        format_func=lambda at: "—" if at is None else labels[at],
        index=None if first is None else options.index(first),
        placeholder="Choose",
        **common,
    )


def fits_a_row(labels: list[str]) -> bool:
    """Tell whether the choices are few and short enough to stand side by side."""
    return len(labels) <= FEW and sum(map(len, labels)) + 4 * len(labels) <= ROW


def _choices(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
    first = shown(leaf)[""]
    st.multiselect(
        options=list(range(len(leaf.options))),
        format_func=lambda at: leaf.options[at].label,
        default=canvas.first(leaf.raw_key, first),
        placeholder="Choose any",
        **common,
        **_plain(leaf, canvas),
    )
    canvas.keep(leaf.raw_key, first)


def _boolean(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
    first = shown(leaf)[""]
    decision = leaf.options[0].label != "Yes"
    if isinstance(leaf.data, bool) and len(leaf.options) == 2 and not decision:
        _single(st.checkbox)(leaf, canvas, common | {"label": literal(leaf.label or "Answer")})
        return
    labels = {True: leaf.options[0].label, False: leaf.options[1].label, "null": "None"}
    st.segmented_control(
        options=[True, False, "null"][: len(leaf.options)],
        format_func=lambda one: labels[one],
        default=canvas.first(leaf.raw_key, first),
        width="stretch" if decision else "content",
        **common,
        **_plain(leaf, canvas),
    )
    canvas.keep(leaf.raw_key, first)


def _datetime(leaf: Leaf, canvas: Canvas, common: dict[str, Any]) -> None:
    first = shown(leaf)

    def begin(suffix: str) -> Any:
        return canvas.first(leaf.raw_key + suffix, first[suffix])

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        beside = {**common, "label_visibility": "hidden" if common["label_visibility"] == "visible" else "collapsed"}
        st.date_input(value=begin("?date"), **RANGE, **common, **_plain(leaf, canvas, "?date"))
        st.time_input(value=begin("?time"), step=SECOND, **beside, **_plain(leaf, canvas, "?time"))
        zones = list(dict.fromkeys((first["?zone"], begin("?zone"), *ZONES)))
        st.selectbox(
            options=zones,
            index=zones.index(begin("?zone")),
            format_func=lambda one: {"Z": "UTC", "": "no zone"}.get(one, one),
            width=130,
            **beside,
            **_plain(leaf, canvas, "?zone"),
        )
    for suffix in ("?date", "?time", "?zone"):
        canvas.keep(leaf.raw_key + suffix, first[suffix])


SEGMENTS: Final = 7
SLIDER: Final = 101
ICONS: Final = (
    (frozenset(("currency", "money", "amount", "price", "cost", "fee", "budget", "total")), ":material/payments:"),
    (frozenset(("percent", "percentage", "pct")), ":material/percent:"),
)
RANGE: Final[dict[str, Any]] = {"min_value": date.min, "max_value": date.max, "format": "YYYY-MM-DD"}
TYPES: Final = {Widget.PASSWORD: "password", Widget.EMAIL: "email", Widget.URL: "url"}
PLACEHOLDERS: Final = {
    "email": "name@example.com",
    "uri": "https://",
    "url": "https://",
    "uuid": "123e4567-e89b-…",
    "ipv4": "192.0.2.1",
    "duration": "P3DT4H",
    "date": "2026-11-21",
    "date-time": "2026-11-21T14:30:00Z",
    "time": "14:30:00",
}
DRAW: Final[dict[Widget, Callable[[Leaf, Canvas, dict[str, Any]], None]]] = {
    Widget.AREA: _area,
    Widget.JSON: _area,
    Widget.CONST: _const,
    Widget.NULL: _const,
    Widget.INTEGER: _integer,
    Widget.NUMBER: _text,
    Widget.CHOICE: _choice,
    Widget.CHOICES: _choices,
    Widget.BOOLEAN: _boolean,
    Widget.DATE: _single(st.date_input, **RANGE),
    Widget.TIME: _single(st.time_input, step=SECOND),
    Widget.DATETIME: _datetime,
}
