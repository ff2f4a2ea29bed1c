"""What changed between two states: by channel, place by place, texts word by word. Nothing in it is trusted.

Every change has a sign and a word besides its colour. Secrets are masked, long values folded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

import streamlit as st

from signoff.differences import Difference, Path, differences
from signoff.reviews import ABSENT, Json
from signoff.ui import payload
from signoff.ui.session import masked_differences, plain
from signoff.words import Piece, pieces

MOST: Final = 100
"""Changes that are shown one by one."""

_ICONS: Final = {"added": ":green[:material/add_circle:]", "removed": ":red[:material/remove_circle:]"}
_CHANGED: Final = ":orange[:material/change_circle:]"
_COLOURS: Final = {"added": "green", "removed": "red"}
_LONG = 400  # characters of a value that is shown without folding
_AROUND = 60  # characters of unchanged text that are left on each side of a change
_PIECES = 200  # stretches of one text


def show(before: Mapping[str, Json], after: Mapping[str, Json]) -> None:
    """Draw what differs between two states, channel by channel in the order of their names."""
    names = sorted(before.keys() | after.keys())
    states = ({name: state[name] for name in names if name in state} for state in (before, after))
    places(differences(*states))


def places(found: Sequence[Difference]) -> None:
    """Draw differences in their order, under the channel, the first part of each one's path."""
    if not found:
        st.caption("Nothing changed.")
        return
    shown = masked_differences(found[:MOST])
    for channel, group in groupby(shown, key=lambda one: one.path[0] if one.path else ""):
        changes = list(group)
        together = len(changes) > 1
        if together:
            st.markdown(f"**{plain(str(channel))}** :gray[{len(changes):,} changes]")
        for one in changes:
            _change(one, one.path[1:] if together else one.path)
    if len(found) > MOST:
        st.caption(f"… and {len(found) - MOST:,} more changes")


def _change(one: Difference, path: Path) -> None:
    where = replace(one, path=path).place
    place = f"**{plain(' '.join(where.split())[:200])}** " if where else ""
    head = f"{_ICONS.get(one.how, _CHANGED)} {place}{one.how}"
    sides = [value for value in (one.before, one.after) if value is not ABSENT]
    if isinstance(one.before, str) and isinstance(one.after, str):
        st.markdown(f"{head}: {_text(pieces(one.before, one.after))}")
    elif all(len(_json(value)) <= _LONG for value in sides):
        row = [Piece(how, _json(v)) for how, v in (("removed", one.before), ("added", one.after)) if v is not ABSENT]
        st.markdown(f"{head}: {' '.join(_text([piece]) for piece in row)}")
    else:
        st.markdown(head)
        _folded(one)


def _folded(one: Difference) -> None:
    for name, value in (("Before", one.before), ("After", one.after)):
        if value is not ABSENT:
            with st.expander(f"{name} ({len(_json(value)):,} characters)"):
                payload.raw(value)


def _json(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(row: Sequence[Piece]) -> str:
    """Return pieces as Markdown: what is gone struck through on red, what is new on green, between « » where empty."""
    last = len(row) - 1
    said = [_piece(piece, first=at == 0, last=at == last) for at, piece in enumerate(row[:_PIECES])]
    return "".join(said) + (f" … and {len(row) - _PIECES:,} more pieces" if len(row) > _PIECES else "")


def _piece(piece: Piece, *, first: bool, last: bool) -> str:
    if piece.how == "same":
        return _words(_shortened(piece.text, first=first, last=last))
    inner = _words(piece.text if len(piece.text) <= _LONG else f"{piece.text[:_LONG]}…")
    core = inner.strip()
    tail = " " if inner.endswith(" ") else ""
    struck = f"~~{core}~~" if piece.how == "removed" else core
    return f":{_COLOURS[piece.how]}-background[{struck or '␣'}]{tail}"


def _shortened(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * _AROUND + 20:
        return text
    return ("" if first else text[:_AROUND]) + " … " + ("" if last else text[-_AROUND:])


def _words(text: str) -> str:
    """Return untrusted text on one line for Markdown; a line's end is shown as ↵."""
    return plain(re.sub(r"\s*\n\s*", " ↵ ", text))
