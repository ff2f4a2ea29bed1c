"""What a place in a schema says once references are followed and ``allOf`` is merged, for drawing.

Checking is left to jsonschema, on the schema as it is; a merge here may be coarser than the schema, never wrong about
what to draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from referencing.jsonschema import DRAFT202012

from signoff.forms.documents import BROKEN, Document
from signoff.forms.equality import same_json
from signoff.reviews import Json

_NEVER: Final[Json] = {"not": {}}

Memory = dict[Any, "Shape"]
Words = dict[str, Any]
"""Keywords by name; wherever a schema stands inside, a `Node`."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A piece of schema and the resolver of the references in it; ``referred``: a reference led here.

    ``memory`` remembers what nodes of the document say, by the identity of their schemas; see `read_shape`.
    """

    schema: Json
    resolver: Any
    referred: bool = False
    memory: Memory = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Node:
    """A place in a schema: everything in ``sources`` holds there, except the unions already decided in ``skip``."""

    sources: tuple[Source, ...]
    skip: frozenset[int] = frozenset()

    def __add__(self, other: Node) -> Node:
        return Node(sources=self.sources + other.sources, skip=self.skip | other.skip)

    def without(self, union: int) -> Node:
        """Return the node with one union (by the id of its list) left out."""
        return Node(sources=self.sources, skip=self.skip | {union})

    def fits(self, value: Json, document: Document) -> bool:
        """Tell whether ``value`` satisfies all of it."""
        return all(document.fits(value, one.schema, _entered(one)) for one in self.sources)

    @property
    def never(self) -> bool:
        """Whether the schema is ``false``: nothing fits."""
        return any(one.schema is False for one in self.sources)


OWN_TITLE: Final = "own title"
"""The title that was given at a place itself, not by what it refers to (in pydantic's schemas: a class name)."""

ANYTHING: Final = Node(sources=())


@dataclass(frozen=True, kw_only=True)
class Condition:
    """When the value of an object satisfies ``test``, ``then`` holds, else ``other``.

    Without ``test``: when the object has the property ``key``, with one of ``values`` if there are any.
    """

    then: Node
    other: Node = ANYTHING
    test: Node | None = None
    key: str = ""
    values: tuple[Json, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Alternatives:
    """One ``oneOf`` or ``anyOf``; ``id`` tells it apart within its document."""

    id: int
    branches: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The merged keywords of a node. ``targets`` are the references followed; ``lost`` one that leads nowhere."""

    words: Words
    targets: frozenset[int]
    lost: str = ""


def read_shape(node: Node) -> Shape:
    """Return what ``node`` says. Each node is read once: a document and its schemas live as long as its memory."""
    if not node.sources:
        return NOTHING
    memory = node.sources[0].memory
    identity = (tuple((id(one.schema), one.referred) for one in node.sources), node.skip)
    if (known := memory.get(identity)) is None:
        if len(memory) > MOST_SHAPES:
            memory.clear()
        known = memory[identity] = _read(node)
    return known


def _read(node: Node) -> Shape:
    words: Words = {}
    targets: set[int] = set()
    lost: list[str] = []
    for source in _expanded(node.sources, targets, lost):
        if not source.referred and "title" in source.schema:
            words.setdefault(OWN_TITLE, source.schema["title"])
        for word, value in _keywords(source, node.skip).items():
            merge = MERGES.get(word)
            words[word] = merge(words[word], value) if merge and word in words else words.get(word, value)
    return Shape(words=words, targets=frozenset(targets), lost=lost[0] if lost else "")


NOTHING: Final = Shape(words={}, targets=frozenset())
MOST_SHAPES: Final = 20_000


def _expanded(sources: tuple[Source, ...], targets: set[int], lost: list[str]) -> Iterator[Source]:
    """Yield each source, then what it refers to, then what it is all of."""
    for source in sources:
        if not isinstance(source.schema, dict):
            if source.schema is False:
                yield replace(source, schema=_NEVER)
            continue
        here = replace(source, resolver=_entered(source))
        yield here
        for word in ("$ref", "$dynamicRef", "$recursiveRef"):
            if word in source.schema and (target := _target(here, source.schema[word], targets, lost)):
                yield from _expanded((target,), targets, lost)
        parts = tuple(replace(here, schema=one) for one in source.schema.get("allOf", ()))
        yield from _expanded(parts, targets, lost)


def _entered(source: Source) -> Any:
    """Return the resolver inside the source: an ``$id`` makes it a base of its own."""
    if not isinstance(source.schema, dict) or "$id" not in source.schema:
        return source.resolver
    try:
        return source.resolver.in_subresource(DRAFT202012.create_resource(source.schema))
    except BROKEN:
        return source.resolver


def _target(source: Source, reference: str, targets: set[int], lost: list[str]) -> Source | None:
    try:
        found = source.resolver.lookup(reference)
    except BROKEN:
        lost.append(reference)
        return None
    if id(found.contents) in targets:
        return None
    targets.add(id(found.contents))
    return Source(schema=found.contents, resolver=found.resolver, referred=True, memory=source.memory)


def _keywords(source: Source, skip: frozenset[int]) -> Words:
    """Return one source's keywords with nodes for schemas, unions and conditions gathered in lists."""
    schema = source.schema

    def node(one: Json) -> Node:
        return Node(sources=(Source(schema=one, resolver=source.resolver, memory=source.memory),))

    words: Words = {
        word: _NODES[word](node, value) if word in _NODES else value
        for word, value in schema.items()
        if word not in _GATHERED
    }
    if isinstance(schema.get("items"), list):
        words |= {"prefixItems": _each(node, schema["items"]), "items": node(schema.get("additionalItems", True))}
    if "type" in words:
        words["type"] = _plain_types(words["type"])
    gathered = {
        "unions": list(_unions(schema, node, skip)),
        "conditions": list(_conditions(schema, node)),
        "dependentRequired": _dependents(schema),
    }
    return words | {word: value for word, value in gathered.items() if value}


def _unions(schema: Words, node: Callable[[Json], Node], skip: frozenset[int]) -> Iterator[Alternatives]:
    for word in _UNIONS:
        if word in schema and id(schema[word]) not in skip:
            yield Alternatives(id=id(schema[word]), branches=tuple(map(node, schema[word])))


def _plain_types(said: str | list[str]) -> list[str]:
    """Return types as a list; a whole number beside a number adds nothing."""
    types = [said] if isinstance(said, str) else said
    return [kind for kind in types if kind != "integer" or "number" not in types]


def _conditions(schema: Words, node: Callable[[Json], Node]) -> Iterator[Condition]:
    if "if" in schema:
        yield Condition(
            test=node(schema["if"]), then=node(schema.get("then", True)), other=node(schema.get("else", True))
        )
    for key, one in schema.get("dependentSchemas", {}).items():
        yield Condition(key=key, then=node(one))
    for key, one in schema.get("dependencies", {}).items():
        if not isinstance(one, list):
            yield Condition(key=key, then=node(one))


def _dependents(schema: Words) -> dict[str, list[str]]:
    older = {key: one for key, one in schema.get("dependencies", {}).items() if isinstance(one, list)}
    return {**older, **schema.get("dependentRequired", {})}


_UNIONS: Final = ("oneOf", "anyOf")
_GATHERED: Final = frozenset((
    "$ref", "$dynamicRef", "$recursiveRef", "allOf", "oneOf", "anyOf", "if", "then", "else", "dependentSchemas",
    "dependencies", "dependentRequired", "$defs", "definitions",
))  # fmt: skip


def _one(node: Callable[[Json], Node], value: Json) -> Any:
    return node(value)


def _each(node: Callable[[Json], Node], value: Json) -> Any:
    return [node(one) for one in value]


def _named(node: Callable[[Json], Node], value: Json) -> Any:
    return {name: node(one) for name, one in value.items()}


_NODES: Final[dict[str, Callable[[Callable[[Json], Node], Json], Any]]] = {
    "properties": _named,
    "patternProperties": _named,
    "prefixItems": _each,
    "items": _one,
    "additionalProperties": _one,
    "unevaluatedProperties": _one,
    "unevaluatedItems": _one,
    "propertyNames": _one,
    "contains": _one,
}


def _types(one: list[str], two: list[str]) -> list[str]:
    kept = [kind for kind in one if kind in two or (kind == "integer" and "number" in two)]
    return kept + [kind for kind in two if kind == "integer" and "number" in one and kind not in kept] or one


def _both(one: list[Json], two: list[Json]) -> list[Json]:
    return [value for value in one if any(same_json(value, other) for other in two)]


def _union(one: list[Any], two: list[Any]) -> list[Any]:
    return [*one, *(value for value in two if value not in one)]


def _joined(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    return {
        key: one[key] + two[key] if key in one and key in two else one.get(key, two.get(key)) for key in {**one, **two}
    }


def _pairwise(one: list[Node], two: list[Node]) -> list[Node]:
    longer, shorter = (one, two) if len(one) >= len(two) else (two, one)
    return [node + shorter[at] if at < len(shorter) else node for at, node in enumerate(longer)]


def _plus(one: Any, two: Any) -> Any:
    return one + two


MERGES: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "type": _types,
    "enum": _both,
    "required": _union,
    "dependentRequired": _joined,
    "properties": _joined,
    "patternProperties": _joined,
    "prefixItems": _pairwise,
    "unions": _plus,
    "conditions": _plus,
    "uniqueItems": max,
    "readOnly": max,
    "writeOnly": max,
    **dict.fromkeys(("items", "additionalProperties", "unevaluatedProperties", "propertyNames"), _plus),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
"""How a keyword said twice is drawn; for all others the first word counts."""
