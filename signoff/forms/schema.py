"""From a JSON Schema to the field of each place in it: a table of builders, the first that fits wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from signoff.forms.arrays import build_array, is_list
from signoff.forms.building import Build, Context, Place, common, leaf
from signoff.forms.choosing import build_boolean, build_choice, build_types, build_union
from signoff.forms.equality import same_json
from signoff.forms.fields import Field, Group, Widget
from signoff.forms.leaves import choices_in, text_widget, types_of
from signoff.forms.nodes import Node, Shape, Words, read_shape
from signoff.forms.objects import build_object
from signoff.forms.unions import is_null, open_unions
from signoff.reviews import ABSENT

DEEPEST: Final = 30
MOST: Final = 2000
"""Fields drawn without being asked for; what lies beyond is opened on demand, like recursion."""


def build(context: Context, node: Node, place: Place) -> Field:
    """Return the field for what ``node`` says at ``place``."""
    context.built += 1
    shape = read_shape(node)
    words = shape.words
    if place.data is ABSENT and place.fresh and "default" in words:
        place = replace(place, data=words["default"])
    if len(place.path) > DEEPEST:
        return leaf(context, Widget.JSON, words, place)
    if _is_postponed(context, shape, place):
        return Group(kind=Widget.OBJECT, collapsed=True, **common(context, words, place))
    place = replace(place, followed=place.followed | shape.targets)
    make = next(make for fits, make in BUILDERS if fits(words, place))
    field = make(context, node, words, place)
    if shape.lost and field.kind is Widget.JSON:
        return replace(field, note=f"The schema refers to {shape.lost}, which is not there.")  # type: ignore[call-arg]  # JSON is a leaf
    return field


def _is_postponed(context: Context, shape: Shape, place: Place) -> bool:
    """Tell whether a field waits to be asked for: it repeats one that it stands in, or there are too many already."""
    if place.data is not ABSENT or place.asked or context.raw.get(place.key + "?open"):
        return False
    nested = bool({"object", "array"} & set(types_of(shape.words))) or "unions" in shape.words
    return nested and (bool(shape.targets & place.trail) or context.built > MOST)


def _is_const(words: Words, place: Place) -> bool:
    """Tell whether there is nothing to decide. A lone true is a consent, to be given by hand, unless it is a tag."""
    values = [words["const"]] if "const" in words else words["enum"]
    if len(values) != 1 or ("const" not in words and not place.required):
        return False
    if place.data is not ABSENT:
        return same_json(values[0], place.data)
    only = values[0]
    return "default" in words or place.tagged or not isinstance(only, bool)


def _build_const(context: Context, _node: Node, words: Words, place: Place) -> Field:
    value = words["const"] if "const" in words else words["enum"][0]
    written = value if place.required or place.fresh else ABSENT
    return leaf(context, Widget.CONST, words, place if place.data is not ABSENT else replace(place, data=written))


def _build_text(context: Context, _node: Node, words: Words, place: Place) -> Field:
    name = str(place.path[-1]) if place.path else ""
    return leaf(context, text_widget(words, name, place.data), words, place)


def _build_number(context: Context, _node: Node, words: Words, place: Place) -> Field:
    whole = types_of(words, place.data) == ["integer"]
    return leaf(context, Widget.INTEGER if whole else Widget.NUMBER, words, place)


def _build_null(context: Context, _node: Node, words: Words, place: Place) -> Field:
    written = place.required or place.data is not ABSENT
    return leaf(context, Widget.NULL, words, replace(place, data=None if written else ABSENT))


def _build_json(context: Context, _node: Node, words: Words, place: Place) -> Field:
    return leaf(context, Widget.JSON, words, place)


def _only(kind: str, *python: type) -> Callable[[Words, Place], bool]:
    """Return the test for one type, with data (if any) that its widget can show."""

    def fits(words: Words, place: Place) -> bool:
        shows = place.data is ABSENT or place.data is None or type(place.data) in python
        return shows and types_of(words, place.data) == [kind]

    return fits


def _is_object(words: Words, place: Place) -> bool:
    shows = place.data is ABSENT or place.data is None or isinstance(place.data, dict)
    rest = words.get("additionalProperties")
    shaped = words.keys() & {"properties", "patternProperties", "conditions"} or (rest and _says_something(rest))
    return shows and types_of(words) == ["object"] and bool(shaped)


def _says_something(node: Node) -> bool:
    return bool(read_shape(node).words.keys() - {"title", "description", "dependentRequired"})


BUILDERS: Final[tuple[tuple[Callable[[Words, Place], bool], Build], ...]] = (
    (lambda words, place: ("const" in words or "enum" in words) and _is_const(words, place), _build_const),
    (lambda words, place: is_null(words) and (place.data is ABSENT or place.data is None), _build_null),
    (lambda words, _place: "const" in words, build_choice),
    (lambda words, _place: choices_in(words) is not None, build_choice),
    (lambda words, _place: "unions" in words and bool(open_unions(words)), build_union),
    (lambda words, _place: len(words.get("type", ())) > 1, build_types),
    (_is_object, build_object),
    (lambda words, place: types_of(words) == ["array"] and is_list(words, place), build_array),
    (_only("boolean", bool), build_boolean),
    (_only("integer", int, float), _build_number),
    (_only("number", int, float), _build_number),
    (_only("string", str), _build_text),
    (lambda _words, _place: True, _build_json),
)
"""First the most telling: a constant is fixed, a list of values is chosen from, a union is picked, then by type."""
