"""What the drawing of one form shares: where widget values live, which slots take problems, what was typed so far.

Streamlit forgets the values of widgets that a run does not draw. So whatever was typed is copied into a draft before
anything is drawn: branches, rows and pages may come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from signoff.forms import Field, Form, Problem
from signoff.reviews import ABSENT
from signoff.ui.form_text import literal

Draft = MutableMapping[str, Any]
"""What differs from the beginning of a form, by raw key; structural choices included."""

CANVASES: Final = "signoff forms"
"""Key of the session state that holds the last drawing of each form of the session."""


MOST_LINES: Final = 8
"""Problems told in one place."""


@dataclass(frozen=True, kw_only=True)
class Values(Mapping[str, Any]):
    """Raw widget values of one form: of this session, else of the draft (widgets not drawn now, another session)."""

    prefix: str
    draft: Draft

    def __getitem__(self, key: str) -> Any:
        try:
            return st.session_state[self.prefix + key]
        except KeyError:
            return self.draft[key]

    def __iter__(self) -> Iterator[str]:
        here = (str(key) for key in st.session_state)
        mine = {key.removeprefix(self.prefix) for key in here if key.startswith(self.prefix)}
        return iter(mine | set(self.draft))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(kw_only=True)
class Canvas:
    """One drawing of one form.

    ``shown`` gathers what the widgets began with, ``slots`` where problems can be shown; what they say is in `Values`.
    """

    prefix: str
    draft: Draft
    shown: dict[str, Any] = field(default_factory=dict)
    slots: dict[str, DeltaGenerator] = field(default_factory=dict)

    def name(self, key: str) -> str:
        """Return the Streamlit key of a widget."""
        return self.prefix + key

    def first(self, key: str, shown: Any) -> Any:
        """Return what a widget begins with: the draft, else what its field shows."""
        return self.draft.get(key, shown)

    def keep(self, key: str, shown: Any) -> None:
        """Note a widget that holds a value, and what that would be untouched."""
        self.shown[key] = shown

    def choose(self, key: str, value: Any) -> None:
        """Set a structural value that no widget holds (rows, opened groups)."""
        self.draft[key] = value

    def slot(self, field: Field) -> None:
        """Reserve the place for what is wrong with ``field``."""
        self.slots[field.key] = st.empty()

    def save(self) -> bool:
        """Copy what the widgets of this drawing hold now into the draft; return whether any of them is still there."""
        found = False
        for key, shown in self.shown.items():
            value = st.session_state.get(self.prefix + key, ABSENT)
            if value is ABSENT:
                continue
            found = True
            if value == shown and type(value) is type(shown):
                self.draft.pop(key, None)
            else:
                self.draft[key] = value
        return found

    def show(self, form: Form, problems: list[Problem], say: Callable[[Field, str], str]) -> list[Problem]:
        """Show each problem at the deepest field drawn on its way; return those without a place.

        A field that holds a value says one thing at a time, what holds fields says all.
        """
        homeless: list[Problem] = []
        told: dict[str, list[str]] = {}
        for problem in problems:
            drawn = [one for one in form.way(problem.path) if one.key in self.slots]
            if not drawn:
                homeless.append(problem)
                continue
            field, rest = drawn[-1], problem.path[len(drawn[-1].path) :]
            said = f"{'.'.join(map(str, rest))}: {problem.message}" if rest else say(field, problem.message)
            lines = told.setdefault(field.key, [])
            if not lines or (field.parts and len(lines) < MOST_LINES):
                lines.append(f":small[:red[:material/error: {literal(said)}]]")
        for key, lines in told.items():
            self.slots[key].markdown("  \n".join(dict.fromkeys(lines)))
        return homeless


def save_all() -> None:
    """Copy what was typed in any form of this session into its draft, and forget drawings that are gone."""
    drawn = st.session_state.get(CANVASES, {})
    for prefix, canvas in [*drawn.items()]:
        if not canvas.save():
            del drawn[prefix]


def remember(canvas: Canvas) -> None:
    """Make `save_all` know this drawing, in place of the form's last one."""
    kept = Canvas(prefix=canvas.prefix, draft=canvas.draft, shown=canvas.shown)
    st.session_state.setdefault(CANVASES, {})[canvas.prefix] = kept


def forget(prefix: str, draft: Draft) -> None:
    """Drop what was typed: it was sent. A form that is drawn once more begins anew."""
    st.session_state.get(CANVASES, {}).pop(prefix, None)
    draft.clear()
    for key in [str(key) for key in st.session_state if str(key).startswith(prefix)]:
        del st.session_state[key]
