"""Arrays: one field per row, rows known by ids; a list of choices is one multi-select."""

from __future__ import annotations

from signoff.forms.building import Context, Place, common, leaf
from signoff.forms.equality import identical
from signoff.forms.fields import Field, List, Option, Rows, Widget, segment
from signoff.forms.leaves import choices_in, with_data
from signoff.forms.nodes import ANYTHING, Node, Words, read_shape
from signoff.reviews import ABSENT

MOST_ROWS = 200
"""Rows drawn for a list that only says how long it must be."""


def build_array(context: Context, _node: Node, words: Words, place: Place) -> Field:
    """Return the field of an array: a multi-select where each item is a choice, otherwise rows."""
    if (options := _options(words, place)) is not None:
        data = place.data if isinstance(place.data, list) else []
        return leaf(context, Widget.CHOICES, words, place, options=with_data(options, data))
    shared = common(context, words, place, nullable=place.data is None)
    if shared["null"]:
        return List(kind=Widget.ARRAY, **shared)
    rows: Rows = context.raw.get(place.key + "?rows", _first_rows(words, place))
    prefix, rest = words.get("prefixItems", []), words.get("items", ANYTHING)
    items = tuple(
        context.build(context, prefix[at] if at < len(prefix) else rest, _spot(place, row, at))
        for at, row in enumerate(rows.ids)
    )
    room = len(items) < words.get("maxItems", float("inf"))
    return List(
        kind=Widget.ARRAY,
        items=items,
        rows=rows,
        addable=room and (not rest.never or len(items) < len(prefix)),
        fixed=len(prefix),
        least=int(words.get("minItems", 0)),
        **(shared | {"touched": shared["touched"] or place.key + "?rows" in context.raw}),
    )


def _spot(place: Place, row: int, at: int) -> Place:
    given = place.data if isinstance(place.data, list) else []
    return Place(
        path=(*place.path, at),
        key=place.key + segment("#", row),
        data=given[row] if row < len(given) else ABSENT,
        fresh=row >= len(given),
        asked=row >= len(given),
        live=place.live,
        trail=place.trail | place.followed,
    )


def _first_rows(words: Words, place: Place) -> Rows:
    if isinstance(place.data, list):
        return Rows(ids=tuple(range(len(place.data))), next=len(place.data))
    least = int(words.get("minItems", 0)) if place.required else 0
    count = min(max(least, len(words.get("prefixItems", []))), MOST_ROWS)
    return Rows(ids=tuple(range(count)), next=count)


def _options(words: Words, place: Place) -> list[Option] | None:
    """Return the choices of a multi-select; None where items are no choices, or one is chosen twice."""
    if "items" not in words or "prefixItems" in words:
        return None
    options = choices_in(read_shape(words["items"]).words)
    if options is None or not isinstance(place.data, list):
        return options
    data = place.data
    twice = any(identical(one, two) for at, one in enumerate(data) for two in data[:at])
    return None if twice else options


def is_list(words: Words, place: Place) -> bool:
    """Tell whether there is more to draw than JSON: items of a known shape, and a list (or nothing) to begin with."""
    shaped = "prefixItems" in words or ("items" in words and bool(read_shape(words["items"]).words))
    return shaped and (place.data is ABSENT or place.data is None or isinstance(place.data, list))
