"""What a graph shows its reviewer: facts as a table, nested data as a tree, text as text. Nothing in it is trusted.

Texts never reach Markdown or HTML unescaped, so no image is fetched and no link is drawn. Secrets are masked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from signoff.reviews import Json
from signoff.ui.messages import is_conversation, show_conversation
from signoff.ui.session import markup, masked

_LONG: Final = 240  # characters above which a text gets its own folded block
_HUGE: Final = 20_000  # characters of one text that are sent to the browser
_RAW: Final = 1_000_000  # characters of raw JSON that are sent to the browser
_COLOURED: Final = 100_000  # characters of raw JSON that are coloured, which takes the browser time
_ROWS: Final = 100  # facts in one table
_BLOCKS: Final = 40  # longer values drawn one by one
_LINES: Final = 500  # rows of one table of data
_CARDS: Final = 20  # objects in a list, or values in an object, up to which they are drawn without a tree
_EXACT: Final = 2**53  # integers beyond it are rounded by JavaScript
_ROW: Final = "padding:.4rem .75rem .4rem 0;border:0;border-bottom:1px solid rgba(128,128,128,.22);vertical-align:top;"
_KEY: Final = _ROW + "opacity:.68;width:1%;padding-right:2rem;"


def show(body: Json) -> None:
    """Draw a card's body; secrets are masked, images and links are never loaded or followed."""
    body = masked(body)
    if isinstance(body, Mapping) and not is_messages(body):
        _object(body)
    elif body not in (None, "", [], {}):
        _block("", body)


def raw(value: Json) -> None:
    """Draw ``value`` as exact JSON to be copied, but for secrets, and say so where one is masked."""
    hidden = masked(value)
    text = json.dumps(hidden, ensure_ascii=False, indent=2)
    if hidden != value:
        st.caption(":material/visibility_off: Secrets are masked here. The graph's own data is untouched.")
    if len(text) > _RAW:
        st.caption(f"The first {_RAW:,} of {len(text):,} characters.")
    tall = text.count("\n") > 20 or len(text) > 3_000
    st.code(
        text[:_RAW],
        language="json" if len(text) <= _COLOURED else None,
        wrap_lines=True,
        height=420 if tall else "content",
    )


def tree(value: Json) -> None:
    """Draw nested data as a tree that can be opened and closed, a text as it is; secrets are masked."""
    if isinstance(value, str):  # st.json would parse it
        st.text(value)
        return
    st.json(_drawable(masked(value)), expanded=2)


def facts(values: Mapping[str, Json], *, name: Callable[[str], str] | None = None) -> None:
    """Draw short values as a two-column table; long texts are cut. ``name`` words the keys, by default `label`."""
    shown = list(values.items())[:_ROWS]
    if shown:
        rows = "".join(_fact((name or label)(key), word(value)) for key, value in shown)
        st.html(f'<table style="width:100%;border-collapse:collapse;font-size:.92rem">{rows}</table>')
    if len(values) > _ROWS:
        st.caption(f"{len(values) - _ROWS:,} more; see the raw payload.")


def label(name: str) -> str:
    """Return a key as people would write it: ``customer_name`` as ``Customer name``."""
    words = str(name).replace("_", " ").strip()
    return _cut(words[:1].upper() + words[1:] if words else str(name))


def word(value: Json) -> str:
    """Return a short value as people would write it; no digit of a number is lost."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, list):
        return ", ".join(word(item) for item in value)
    return str(value)


def brief(value: Json) -> str:
    """Return any value in one line of at most 300 characters."""
    return _cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 300)


def _decimal(value: float) -> str:
    money, short = f"{value:,.2f}", f"{value:g}"
    if 1_000 <= abs(value) < 1e15 and float(money.replace(",", "")) == value:
        return money
    return short if float(short) == value else f"{value:,}"


def _fact(name: str, value: str) -> str:
    wraps = "white-space:nowrap;" if len(name) <= 32 else "min-width:14rem;overflow-wrap:anywhere;"
    key = f'<td style="{_KEY}{wraps}">{markup(name)}</td>'
    return f'<tr>{key}<td style="{_ROW}overflow-wrap:anywhere">{markup(_cut(value, _HUGE))}</td></tr>'


def _short(value: Json) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONG and "\n" not in value.strip()
    if isinstance(value, list):
        return 0 < len(value) <= 12 and all(isinstance(v, (str, int, float)) and len(str(v)) <= 40 for v in value)
    return not isinstance(value, Mapping)


def _object(value: Mapping[str, Json]) -> None:
    """Draw the short values of an object as facts, then the others one by one."""
    facts({name: item for name, item in value.items() if _short(item)})
    longer = [(name, item) for name, item in value.items() if not _short(item)]
    for name, item in longer[:_BLOCKS]:
        _block(label(name), item)
    if len(longer) > _BLOCKS:
        _block("More", dict(longer[_BLOCKS:]))


def _block(title: str, value: Json) -> None:
    if title:
        st.html(f'<div style="opacity:.68;font-size:.92rem;margin-top:.35rem">{markup(title)}</div>')
    next(draw for fits, draw in _DRAWN if fits(value))(value)


def text(value: str) -> None:
    """Draw a text as it is, folded where it is long."""
    shown = value
    if len(value) > _HUGE:
        shown = f"{value[:_HUGE]}\n… {len(value) - _HUGE:,} more characters; see the raw payload"
    with st.container(border=True, height=260 if len(shown) > 1_200 else "content"):
        st.text(shown)


def _nested(value: Json) -> None:
    """Draw an object with at most one level inside as facts, deeper data as a tree."""
    _object(value) if _is_card(value) else tree(value)


def _is_card(value: Json) -> bool:
    """Tell whether ``value`` is an object of short values, texts, and objects of such."""
    return isinstance(value, Mapping) and 0 < len(value) <= _CARDS and all(_is_shallow(one) for one in value.values())


def _is_shallow(value: Json) -> bool:
    inner = value.values() if isinstance(value, Mapping) else [value]
    return all(isinstance(one, str) or _short(one) or one in ({}, []) for one in inner)


def _is_cards(value: Json) -> bool:
    return isinstance(value, list) and 0 < len(value) <= _CARDS and all(map(_is_card, value))


def _cards(value: Sequence[Mapping[str, Json]]) -> None:
    for item in value:
        with st.container(border=True):
            _object(item)


def is_messages(value: Json) -> bool:
    """Tell whether ``value`` is a message or a conversation."""
    return isinstance(value, (Mapping, list)) and is_conversation(value if isinstance(value, list) else [value])


def _messages(value: Json) -> None:
    show_conversation(value if isinstance(value, list) else [value], text=text, arguments=_nested)


def _is_table(value: Json) -> bool:
    rows = (
        isinstance(value, list) and len(value) > 0 and all(isinstance(row, Mapping) and row for row in value[:_LINES])
    )
    return rows and all(not isinstance(cell, (Mapping, list)) for row in value[:_LINES] for cell in row.values())


def _is_frame(value: Json) -> bool:
    """Tell whether ``value`` is what pandas writes with ``to_dict("split")``: columns, index and rows of cells."""
    if not isinstance(value, Mapping) or not {"columns", "data"} <= value.keys() <= {"columns", "data", "index"}:
        return False
    names, data = value["columns"], value["data"]
    listed = isinstance(names, list) and isinstance(data, list) and len(data) > 0
    return listed and all(isinstance(row, list) and len(row) == len(names) for row in data)


def _frame(value: Mapping[str, Any]) -> None:
    names = [word(name) for name in value["columns"]]
    _table([dict(zip(names, row, strict=True)) for row in value["data"]])


def _table(rows: Sequence[Mapping[str, Json]]) -> None:
    """Draw flat objects as a table of texts: pandas would make floats of integers next to nothing."""
    if len(rows) > _LINES:
        st.caption(f"The first {_LINES:,} of {len(rows):,} rows.")
        rows = rows[:_LINES]
    names = list(dict.fromkeys(name for row in rows for name in row))
    heads = [label(name) for name in names]
    cells = [[_cut(word(row[name]), _HUGE) if name in row else "" for name in names] for row in rows]
    frame = pd.DataFrame(cells, columns=heads if len(set(heads)) == len(heads) else names, dtype=str)
    st.dataframe(frame, hide_index=True, alt="Rows of the payload")


def _drawable(value: Json) -> Json:
    """Return nested data as a browser can draw it: long texts cut, integers that JavaScript would round as texts."""
    if isinstance(value, Mapping):
        return {_cut(name): _drawable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_drawable(item) for item in value]
    if isinstance(value, str):
        return _cut(value, 1_000)
    return str(value) if isinstance(value, int) and abs(value) > _EXACT else value


def _cut(words: str, longest: int = 120) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


_DRAWN: Final[tuple[tuple[Callable[[Json], bool], Callable[[Any], Any]], ...]] = (
    (lambda value: isinstance(value, str), text),
    (lambda value: value in ({}, []), lambda _: st.text("empty")),
    (is_messages, _messages),
    (_is_table, _table),
    (_is_frame, _frame),
    (_is_cards, _cards),
    (lambda value: isinstance(value, (Mapping, list)), _nested),
    (lambda _: True, lambda value: st.text(word(value))),
)
"""How a value that needs room is drawn: the first that fits."""
