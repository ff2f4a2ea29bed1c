"""What all builders share: the place a field is built at, what it has in common with others, and how to go deeper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signoff.forms.documents import Document
from signoff.forms.fields import Field, Leaf, Option, Path, Raw, Widget, segment
from signoff.forms.leaves import hints_of
from signoff.forms.nodes import OWN_TITLE, Node, Words
from signoff.forms.wording import label_of
from signoff.reviews import ABSENT, Absent, Json


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a field is built.

    ``fresh``: nothing is prefilled around it, so defaults apply. ``asked``: people want it, even if it repeats the
    field it stands in. ``tagged``: it stands right in a branch of a union. ``trail``: the references followed so far.
    ``followed``: those followed at this very place. ``shared``: keys of children that keep their
    widgets whatever branch is chosen.
    """

    path: Path = ()
    key: str = ""
    required: bool = True
    data: Json | Absent = ABSENT
    fresh: bool = True
    nullable: bool = False
    live: bool = False
    touched: bool = False
    asked: bool = False
    tagged: bool = False
    trail: frozenset[int] = frozenset()
    followed: frozenset[int] = frozenset()
    shared: Mapping[str, str] = field(default_factory=dict)

    def child(self, name: str, *, required: bool, live: bool) -> Place:
        """Return the place of a property."""
        inside = self.data if isinstance(self.data, dict) else None
        return Place(
            path=(*self.path, name),
            key=self.shared.get(name, self.key) + segment("/", name),
            required=required,
            data=ABSENT if inside is None else inside.get(name, ABSENT),
            fresh=self.fresh and inside is None,
            live=self.live or live,
            trail=self.trail | self.followed,
        )


@dataclass(kw_only=True)
class Context:
    """The document and the choices a form is built from; ``build`` leads to the builder of any node."""

    document: Document
    raw: Raw
    build: Callable[[Context, Node, Place], Field]
    built: int = 0


Build = Callable[[Context, Node, Words, Place], Field]


def common(context: Context, words: Words, place: Place, *, nullable: bool = False) -> dict[str, Any]:
    """Return the attributes every field has."""
    may_be_null = place.nullable or nullable
    null = may_be_null and bool(context.raw.get(place.key + "?null", place.data is None))
    return {
        "key": place.key,
        "path": place.path,
        "label": label_of(words, place.path[-1], words.get(OWN_TITLE, "")) if place.path else words.get("title", ""),
        "help": words.get("description", ""),
        "required": place.required,
        "data": place.data,
        "nullable": may_be_null,
        "null": null,
        "live": place.live,
        "touched": place.touched or (may_be_null and null != (place.data is None)),
        "read_only": bool(words.get("readOnly")) and not (place.required and place.data is ABSENT),
    }


def leaf(
    context: Context, kind: Widget, words: Words, place: Place, *, options: list[Option] | None = None, note: str = ""
) -> Leaf:
    """Return a field with one widget. Null is an option where there are options, and JSON says it itself."""
    switch = kind in (Widget.CHOICE, Widget.BOOLEAN, Widget.JSON, Widget.NULL, Widget.CONST)
    shared = common(context, words, place)
    return Leaf(
        kind=kind,
        **(shared | {"nullable": False, "null": False} if switch else shared),
        options=tuple(options or ()),
        hints=hints_of(words),
        note=note,
    )
