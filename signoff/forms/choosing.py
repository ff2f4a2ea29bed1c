"""Where people choose: one of several shapes, one of several values, a yes or a no."""

from __future__ import annotations

from dataclasses import replace

from signoff.forms.building import Context, Place, common, leaf
from signoff.forms.fields import Field, Option, Union, Widget, segment
from signoff.forms.leaves import choices_in, with_data
from signoff.forms.nodes import Node, Words
from signoff.forms.unions import Branches, branches_of, fitting, open_unions
from signoff.forms.wording import TYPE_NAMES
from signoff.reviews import ABSENT

DECISIONS = frozenset((
    "approve", "approved", "approval", "accept", "accepted", "ok", "okay", "confirm", "confirmed", "allow",
    "allowed", "agree", "agreed", "proceed", "is_approved", "isapproved", "authorize", "authorized",
))  # fmt: skip
"""Names of booleans that are a decision: answered by approving or rejecting."""


def build_union(context: Context, node: Node, words: Words, place: Place) -> Field:
    """Return the field of the first open union in ``words``: a picker and the chosen branch."""
    union = open_unions(words)[0]
    rest = node.without(union.id)
    found = branches_of(union, words, place.followed)
    if not found.nodes:
        return leaf(context, Widget.JSON, words, place)
    if len(found.nodes) == 1:
        return context.build(context, rest + found.nodes[0], replace(place, nullable=place.nullable or found.nullable))
    return _picker(context, rest, found, words, place)


def build_types(context: Context, node: Node, words: Words, place: Place) -> Field:
    """Return the field of a value with several types: null is a switch, the others are branches."""
    types = [kind for kind in words["type"] if kind != "null"]
    nullable = place.nullable or "null" in words["type"]
    if len(types) == 1:
        return context.build(context, _typed(node, types[0]), replace(place, nullable=nullable))
    nodes = tuple(_typed(node, kind) for kind in types)
    labels = tuple(TYPE_NAMES[kind] for kind in types)
    each = tuple({"type": [kind]} for kind in types)
    found = Branches(nodes=nodes, labels=labels, words=each, tag="", nullable=nullable)
    return _picker(context, Node(sources=()), found, words, place)


ONLY = {kind: {"type": kind} for kind in TYPE_NAMES}


def _typed(node: Node, kind: str) -> Node:
    """Return ``node`` narrowed to one type."""
    return Node(sources=(*node.sources, replace(node.sources[0], schema=ONLY[kind], referred=False)), skip=node.skip)


def _picker(context: Context, rest: Node, found: Branches, words: Words, place: Place) -> Field:
    shared = common(context, words, place, nullable=found.nullable or place.data is None)
    first = _first(context, found, words, place)
    chosen = context.raw.get(place.key + "?branch", first)
    chosen = None if chosen is None or chosen >= len(found.nodes) else chosen
    picked = chosen != first
    shared |= {"touched": shared["touched"] or picked}
    if shared["null"] or chosen is None:
        return Union(kind=Widget.UNION, branches=found.labels, first=first, **shared)
    mine = not picked
    spot = replace(
        place,
        key=place.key + segment("|", chosen),
        data=place.data if mine else ABSENT,
        fresh=place.fresh or not mine,
        required=place.required or picked,
        nullable=False,
        touched=place.touched or picked,
        asked=place.asked or picked,
        tagged=True,
        shared={name: place.key for name in words.get("properties", ()) if name not in _own(found.words[chosen])},
    )
    child = context.build(context, rest + found.nodes[chosen], spot)
    return Union(kind=Widget.UNION, branches=found.labels, first=first, chosen=chosen, child=child, **shared)


def _own(words: Words) -> set[str]:
    return set(words.get("properties", ()))


def _first(context: Context, found: Branches, words: Words, place: Place) -> int | None:
    """Return the branch to begin with: where the data belongs; none where choosing is the reviewer's decision."""
    if place.data is not ABSENT and place.data is not None:
        return fitting(found, place.data, context.document)
    mark = words.get("x-signoff")
    decides = bool(found.tag) or (isinstance(mark, dict) and bool(mark.get("choose")))
    return None if decides else 0


def build_choice(context: Context, _node: Node, words: Words, place: Place) -> Field:
    """Return the field of a value out of a list."""
    options = choices_in(words) or []
    if place.nullable and not any(option.value is None for option in options):
        options = [*options, Option(label="None", value=None)]
    data = [] if place.data is ABSENT else [place.data]
    return leaf(context, Widget.CHOICE, words, place, options=with_data(options, data))


def build_boolean(context: Context, _node: Node, words: Words, place: Place) -> Field:
    """Return the field of a yes or a no, worded as a decision where its name says that it is one."""
    name = place.path[-1] if place.path else words.get("title", "")
    decision = str(name).lower().replace(" ", "_") in DECISIONS
    yes, no = ("Approve", "Reject") if decision else ("Yes", "No")
    options = [Option(label=yes, value=True), Option(label=no, value=False)]
    if place.nullable or place.data is None:
        options.append(Option(label="None", value=None))
    return leaf(context, Widget.BOOLEAN, words, place, options=options)
