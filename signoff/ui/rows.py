"""Tables in which a click opens something: known by its id, wherever its row has moved to meanwhile.

Streamlit keeps a selection by position (1.67), and a tab sends what it holds along with whatever it asks for: a click
on rows that an earlier drawing showed, or the mark that an earlier drawing set. So each order of the rows has a name of
its own, an invisible ending of the column names, which a click on a cell brings back; and what a tab held until a
moment ago is no click.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import streamlit as st

Id = TypeVar("Id", bound=Hashable)
Columns = Mapping[str, Any]
"""Column configurations of Streamlit, by column."""

_ECHO = 5.0  # seconds for which a tab may still send what it held before; on a busy machine 2 were too few
_KEPT = 16  # orders of rows, a power of four: the newest ones, whose clicks are understood
DIGITS = "\u2061\u2062\u2063\u2064"  # invisible, and no part of any name


@dataclass
class Shown:
    """What one tab was shown of a table: which ids stood in its rows, order by order, and what it held until when."""

    orders: deque[tuple[str, tuple[Hashable, ...]]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    count: int = 0
    marked: tuple[int, ...] = ()
    held: dict[Hashable, float] = field(default_factory=dict)

    def draw(self, ids: tuple[Hashable, ...], marked: tuple[int, ...]) -> str:
        """Take note of a drawing; return how its column names end, with nothing in the first order of rows."""
        now = time.monotonic()
        self.held = {what: until for what, until in self.held.items() if now - until < _ECHO}
        if marked != self.marked:
            self.held[self.marked], self.marked = now, marked
        if not self.orders or self.orders[-1][1] != ids:
            self.orders.append((_ending(self.count), ids))
            self.count += 1
        return self.orders[-1][0]

    def clicked(self, rows: Sequence[int], cells: Sequence[tuple[int, str]]) -> Hashable | None:
        """Return the id that a click meant, None for what is no click or cannot be understood any more."""
        said: Hashable = tuple(cells[0]) if cells else tuple(rows)
        now = time.monotonic()
        if not said or now - self.held.get(said, -_ECHO) < _ECHO:
            return None
        self.held[said] = self.held[self.marked] = now
        ending = cells[0][1][len(cells[0][1].rstrip(DIGITS)) :] if cells else self.orders[-1][0]
        place, ids = (cells[0][0] if cells else rows[0]), dict(self.orders).get(ending, ())
        return ids[place] if place < len(ids) else None


def table(
    key: str,
    frame: pa.Table | pd.DataFrame,
    ids: Sequence[Id],
    chosen: Id | None,
    pick: Callable[[Id], None],
    *,
    columns: Columns | None = None,
    most: int = 16,
    alt: str,
) -> None:
    """Draw rows, at most so many in sight, the chosen one marked; a click anywhere in a row has its id picked.

    Args:
        key: The table's; what a tab was shown of it is kept in the session.
        frame: One row per id.
    """
    shown: Shown = st.session_state.setdefault(f"{key}_shown", Shown())
    places = (ids.index(chosen),) if chosen in ids else ()
    ending = shown.draw(tuple(ids), places)
    rows = pa.Table.from_pandas(frame, preserve_index=False) if isinstance(frame, pd.DataFrame) else frame
    st.session_state[key] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    st.dataframe(
        rows.rename_columns([name + ending for name in rows.column_names]),
        key=key,
        on_select=lambda: _picked(key, pick),
        selection_mode=["single-row", "single-cell"],
        hide_index=True,
        height=min(38 + 35 * len(ids), 38 + 35 * most),
        column_config={
            name + ending: {**((columns or {}).get(name) or {}), "label": name} for name in rows.column_names
        },
        alt=alt,
    )


def _picked(key: str, pick: Callable[[Any], None]) -> None:
    selection = st.session_state[key]["selection"]
    found = st.session_state[f"{key}_shown"].clicked(selection["rows"], selection["cells"])
    if found is not None:
        pick(found)


def _ending(count: int) -> str:
    """Return the name of an order: none for the first one, so that a table that stays has plain names."""
    return "" if count == 0 else DIGITS[count // 4 % 4] + DIGITS[count % 4]
