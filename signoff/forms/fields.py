"""The vocabulary of a form: a tree of fields as plain values, each knowing its path, its widget and its beginning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote
from zlib import crc32

from signoff.reviews import ABSENT, Absent, Json

Path = tuple[str | int, ...]
Raw = Mapping[str, Any]
"""Widget values by key: what people typed and chose, structural choices (branch, null, rows) included."""


class Widget(StrEnum):
    """What a field is drawn with."""

    TEXT = "text"
    AREA = "textarea"
    PASSWORD = "password"  # noqa: S105 - the name of a widget
    EMAIL = "email"
    URL = "url"
    COLOR = "color"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    CONST = "const"
    NULL = "null"
    JSON = "json"
    OBJECT = "object"
    ARRAY = "array"
    UNION = "union"


TEXTS: Final = (Widget.TEXT, Widget.AREA, Widget.EMAIL, Widget.URL, Widget.PASSWORD, Widget.COLOR)
"""Widgets in which any text can be typed."""

TIMES: Final = (Widget.DATE, Widget.TIME, Widget.DATETIME)

MARKS: Final = {
    Widget.DATE: "=date",
    Widget.TIME: "=time",
    Widget.DATETIME: "=",
    Widget.BOOLEAN: "=yes",
    Widget.CHOICE: "=one",
    Widget.CHOICES: "=any",
}
"""Ends of raw keys, by widget; choices are known by their options, too."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing to choose: the JSON value (or `ABSENT` for no answer) and its label, distinct among its siblings."""

    label: str
    value: Json | Absent


@dataclass(frozen=True, kw_only=True)
class Field:
    """One node of a form.

    ``path`` leads to the value in the answer; ``key`` names the widget and is unique within the form, also across
    branches and rows. ``data`` is what an untouched field gives back. ``null`` tells that the null switch is on.
    ``live`` asks for a new form after each change, ``touched`` tells that its structure was changed by hand.
    """

    key: str
    path: Path
    kind: Widget
    label: str
    help: str = ""
    required: bool = False
    data: Json | Absent = ABSENT
    nullable: bool = False
    null: bool = False
    live: bool = False
    touched: bool = False
    read_only: bool = False

    @property
    def parts(self) -> tuple[Field, ...]:
        """The fields drawn inside this one, in order."""
        return ()

    @property
    def null_key(self) -> str:
        """Raw key of the null switch (bool)."""
        return self.key + "?null"


@dataclass(frozen=True, kw_only=True)
class Leaf(Field):
    """A field with a widget of its own. ``hints`` are schema keywords a widget may use (format, minimum, …)."""

    options: tuple[Option, ...] = ()
    hints: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def raw_key(self) -> str:
        """Raw key of the widget. What is not text is marked: a condition may put another widget in the same place."""
        mark = MARKS.get(self.kind, "")
        if not mark or not self.options or self.kind is Widget.BOOLEAN:
            return self.key + mark
        return f"{self.key}{mark}{crc32(repr([option.value for option in self.options]).encode()):08x}"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A key that the schema does not name, with its value; ``name_key`` is the raw key of the name's text field.

    ``given`` tells that the data brought it, so that even an empty ``name`` is meant.
    """

    id: int
    name: str
    given: bool
    name_key: str
    field: Field


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Which rows there are, by ids that are never used twice; the raw value under a ``rows_key``."""

    ids: tuple[int, ...] = ()
    next: int = 0

    def added(self) -> Rows:
        """Return the rows with a new one at the end."""
        return Rows(ids=(*self.ids, self.next), next=self.next + 1)

    def removed(self, row: int) -> Rows:
        """Return the rows without this one."""
        return Rows(ids=tuple(one for one in self.ids if one != row), next=self.next)

    def moved(self, row: int, by: int) -> Rows:
        """Return the rows with this one ``by`` places further down (negative: up), within the ends."""
        others = [one for one in self.ids if one != row]
        place = min(max(self.ids.index(row) + by, 0), len(others))
        return Rows(ids=(*others[:place], row, *others[place:]), next=self.next)


@dataclass(frozen=True, kw_only=True)
class Group(Field):
    """An object: named ``children``, then ``entries`` under keys people choose. ``collapsed``: shown on demand."""

    children: tuple[Field, ...] = ()
    entries: tuple[Entry, ...] = ()
    rows: Rows = Rows()
    addable: bool = False
    names: tuple[str, ...] = ()
    collapsed: bool = False

    @property
    def parts(self) -> tuple[Field, ...]:
        """The children, then the values of the entries."""
        return (*self.children, *(entry.field for entry in self.entries))

    @property
    def rows_key(self) -> str:
        """Raw key of the entries (`Rows`)."""
        return self.key + "?keys"

    @property
    def open_key(self) -> str:
        """Raw key of the button that opens a collapsed group (bool)."""
        return self.key + "?open"


@dataclass(frozen=True, kw_only=True)
class List(Field):
    """An array: one field per row, at ``least`` so many.

    The first ``fixed`` rows are the positions of a tuple and stay where they are.
    """

    items: tuple[Field, ...] = ()
    rows: Rows = Rows()
    addable: bool = False
    fixed: int = 0
    least: int = 0

    @property
    def parts(self) -> tuple[Field, ...]:
        """The rows' fields."""
        return self.items

    @property
    def rows_key(self) -> str:
        """Raw key of the rows (`Rows`)."""
        return self.key + "?rows"


@dataclass(frozen=True, kw_only=True)
class Union(Field):
    """One of several shapes: the labels of all ``branches``, the index ``chosen`` (None: none yet) and its field.

    ``first`` is the branch that is chosen while nobody has chosen.
    """

    branches: tuple[str, ...] = ()
    first: int | None = None
    chosen: int | None = None
    child: Field | None = None

    @property
    def parts(self) -> tuple[Field, ...]:
        """The chosen branch's field, if any."""
        return () if self.child is None else (self.child,)

    @property
    def branch_key(self) -> str:
        """Raw key of the branch picker (index or None)."""
        return self.key + "?branch"


def leaves(root: Field) -> Iterator[Field]:
    """Yield the fields that hold a value of their own, in drawing order; a container without parts counts as one."""
    if not root.parts or root.null:
        yield root
        return
    for part in root.parts:
        yield from leaves(part)


def segment(sigil: str, name: str | int) -> str:
    """Return one step of a key: ``/`` property, ``#`` row, ``|`` branch. Distinct names give distinct steps."""
    return sigil + quote(str(name), safe="")
