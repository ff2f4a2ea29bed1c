"""Objects: named fields, what holds only under a condition, and entries under keys that people choose."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from signoff.forms.answers import named_values
from signoff.forms.building import Context, Place, common
from signoff.forms.equality import same_json
from signoff.forms.fields import Entry, Field, Group, Rows, Widget, segment
from signoff.forms.keywords import matches
from signoff.forms.leaves import tag_values
from signoff.forms.nodes import ANYTHING, Condition, Node, Words, read_shape
from signoff.forms.unions import branches_of, is_selector, open_unions
from signoff.reviews import ABSENT, Json

ROUNDS = 5
"""Conditions may switch each other on; after so many rounds what stands, stands."""


def build_object(context: Context, node: Node, words: Words, place: Place) -> Field:
    """Return the group of an object's fields, those of the conditions that its present value meets included.

    A field that a condition looks at stays as it is without the condition.
    """
    conditions = _conditions(words)
    group = _assembled(context, words, place, conditions, ())
    if group.null or not (conditions or "dependentRequired" in words):
        return group
    watched = {name: words["properties"][name] for name in _watched(conditions) if name in words.get("properties", {})}
    extra, needed = ANYTHING, frozenset[str]()
    for _ in range(ROUNDS):
        now = _present_value(context, group)
        met = sum((_outcome(context, condition, now) for condition in conditions), ANYTHING)
        asked = frozenset(_dependents(words, now))
        if _same(met, extra) and asked == needed:
            break
        extra, needed = met, asked
        words = read_shape(node + extra).words
        words = words | {"properties": words.get("properties", {}) | watched}
        conditions = _conditions(words)
        group = _assembled(context, words, place, conditions, needed)
    if open_unions(words):
        return context.build(context, node + extra, replace(place, live=True))
    return group


def _conditions(words: Words) -> list[Condition]:
    """Return the conditions of an object; a union told apart by a field that is there anyway is a condition on it."""
    found = [branches_of(union, words) for union in words.get("unions", ())]
    pairs = [
        (one.tag, *pair) for one in found if is_selector(one, words) for pair in zip(one.words, one.nodes, strict=True)
    ]
    selectors = [Condition(key=tag, values=tuple(tag_values(inner, tag)), then=node) for tag, inner, node in pairs]
    return [*words.get("conditions", ()), *selectors]


def _dependents(words: Words, value: dict[str, Json]) -> Iterator[str]:
    for key, names in words.get("dependentRequired", {}).items():
        if key in value:
            yield from names


def _present_value(context: Context, group: Group) -> dict[str, Json]:
    named = {str(child.path[-1]) for child in group.children}
    data = group.data if isinstance(group.data, dict) else {}
    kept = {name: value for name, value in data.items() if name not in named}
    return kept | named_values(group, context.raw, [])


def _outcome(context: Context, condition: Condition, value: dict[str, Json]) -> Node:
    if condition.test is None:
        present = condition.key in value
        fits = present and (
            not condition.values or any(same_json(value[condition.key], one) for one in condition.values)
        )
        return condition.then if fits else ANYTHING
    return condition.then if condition.test.fits(value, context.document) else condition.other


def _same(one: Node, two: Node) -> bool:
    return [id(source.schema) for source in one.sources] == [id(source.schema) for source in two.sources]


def _assembled(
    context: Context, words: Words, place: Place, conditions: Sequence[Condition], needed: Collection[str]
) -> Group:
    shared = common(context, words, place, nullable=place.data is None)
    if shared["null"]:
        return Group(kind=Widget.OBJECT, **shared)
    live = _watched(conditions) | words.get("dependentRequired", {}).keys()
    children = tuple(_children(context, words, place, live, {*words.get("required", ()), *needed}))
    rows, before = _rows(context, words, place)
    rest = words.get("additionalProperties", words.get("unevaluatedProperties"))
    return Group(
        kind=Widget.OBJECT,
        children=children,
        entries=tuple(_entry(context, words, place, row, before.get(row)) for row in rows.ids),
        rows=rows,
        addable=(rest is not None and not rest.never) or "patternProperties" in words,
        names=_names(words),
        **(shared | {"touched": shared["touched"] or place.key + "?keys" in context.raw}),
    )


def _children(
    context: Context, words: Words, place: Place, live: Collection[str], needed: Collection[str]
) -> Iterator[Field]:
    for name, node in words.get("properties", {}).items():
        if node.never:
            continue
        spot = place.child(name, required=name in needed, live=name in live or "*" in live)
        yield context.build(context, node, replace(spot, tagged=place.tagged))


def _watched(conditions: Sequence[Condition]) -> frozenset[str]:
    return frozenset[str]().union(*map(_mentioned, conditions))


def _mentioned(condition: Condition) -> frozenset[str]:
    """Return the properties that a condition looks at; ``*`` where it cannot be told."""
    if condition.test is None:
        return frozenset((condition.key,))
    words = read_shape(condition.test).words
    seen = {*words.get("properties", ()), *words.get("required", ())}
    plain = words.keys() <= {"properties", "required", "type", "title", "dependentRequired"}
    return frozenset(seen if plain else {"*"})


def _rows(context: Context, words: Words, place: Place) -> tuple[Rows, dict[int, str]]:
    """Return the entries there are, and the names they begin with: what the data holds beyond the named fields."""
    named = words.get("properties", {})
    data = place.data if isinstance(place.data, dict) else {}
    before = dict(enumerate(name for name in data if name not in named or named[name].never))
    first = Rows(ids=tuple(before), next=len(before))
    return context.raw.get(place.key + "?keys", first), before


def _entry(context: Context, words: Words, place: Place, row: int, before: str | None) -> Entry:
    key = place.key + segment("#", row)
    name = str(context.raw.get(key + "?name", before or ""))
    given = isinstance(place.data, dict) and before is not None
    data = place.data.get(before, ABSENT) if isinstance(place.data, dict) and given else ABSENT
    spot = Place(
        path=(*place.path, name), key=key, data=data, asked=True, live=place.live, trail=place.trail | place.followed
    )
    field = context.build(context, node_for(words, name), spot)
    return Entry(id=row, name=before or "", given=given, name_key=key + "?name", field=field)


def node_for(words: Words, name: str) -> Node:
    """Return what holds for a key that the schema does not name."""
    patterns = [node for pattern, node in words.get("patternProperties", {}).items() if matches(pattern, name)]
    if patterns:
        return sum(patterns, ANYTHING)
    rest: Node = words.get("additionalProperties") or words.get("unevaluatedProperties") or ANYTHING
    return ANYTHING if rest.never else rest


def _names(words: Words) -> tuple[str, ...]:
    """Return the only keys that may be added, where the schema lists them."""
    names = words.get("propertyNames")
    listed = read_shape(names).words.get("enum", ()) if names else ()
    return tuple(name for name in listed if isinstance(name, str))
