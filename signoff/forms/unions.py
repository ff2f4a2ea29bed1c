"""``oneOf`` and ``anyOf``: which ones people choose from, what their branches are called, where data belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from signoff.forms.documents import Document
from signoff.forms.equality import same_json
from signoff.forms.leaves import branch_name, tag_values, types_of
from signoff.forms.nodes import Alternatives, Node, Words, read_shape
from signoff.forms.wording import TYPE_NAMES, distinct, spoken
from signoff.reviews import Json

SHAPING: Final = frozenset(
    [
        "type",
        "properties",
        "patternProperties",
        "const",
        "enum",
        "items",
        "prefixItems",
        "unions",
        "conditions",
        "format",
        "contentMediaType",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Branches:
    """A union that people choose from: nodes and labels side by side; ``tag`` is the property that tells them apart."""

    nodes: tuple[Node, ...]
    labels: tuple[str, ...]
    words: tuple[Words, ...]
    tag: str
    nullable: bool


def is_null(words: Words) -> bool:
    """Tell whether only null fits."""
    return words.get("type") == ["null"] or ("const" in words and words["const"] is None) or words.get("enum") == [None]


def open_unions(words: Words) -> list[Alternatives]:
    """Return the unions in ``words`` that people choose a branch of."""
    unions: list[Alternatives] = words.get("unions", [])
    return [one for one in unions if not _is_check(one, words) and not is_selector(branches_of(one, words), words)]


def is_selector(branches: Branches, base: Words) -> bool:
    """Tell whether a field of the base chooses the branch: its tag stands there too, with several values."""
    return branches.tag in base.get("properties", {}) and len(tag_values(base, branches.tag)) != 1


def _is_check(union: Alternatives, base: Words) -> bool:
    """Tell whether a union only restricts what its base already draws."""
    shapes = [read_shape(branch).words for branch in union.branches]
    known = set(base.get("type", ()))
    return all(not (words.keys() & SHAPING) or _restates(words, known) for words in shapes) and bool(
        base.keys() & SHAPING - {"unions"}
    )


def _restates(words: Words, known: set[str]) -> bool:
    return words.keys() & SHAPING == {"type"} and len(known) == 1 and set(words["type"]) == known


def branches_of(union: Alternatives, base: Words, followed: frozenset[int] = frozenset()) -> Branches:
    """Return the branches to choose from; null is left to the null switch, a branch that only leads back is none."""
    shapes = [(branch, read_shape(branch)) for branch in union.branches if not branch.never]
    read = [(branch, shape.words) for branch, shape in shapes if not shape.targets & followed]
    kept = [(branch, words) for branch, words in read if not is_null(words)] or read
    words = tuple(words for _, words in kept)
    tag = _tag(words, base)
    labels = [branch_name(one, tag, at, _type_name(one)) for at, one in enumerate(words)]
    return Branches(
        nodes=tuple(branch for branch, _ in kept),
        labels=tuple(distinct(labels, [at + 1 for at in range(len(labels))])),
        words=words,
        tag=tag,
        nullable=len(kept) < len(read),
    )


def _type_name(words: Words) -> str:
    """Return what a branch without a title is called: its format, its types, or the fields that make it."""
    types = types_of(words)
    if "format" in words and types == ["string"]:
        return spoken(words["format"])
    if types == ["object"] and (names := list(words.get("required") or words.get("properties", ()))):
        return ", ".join(map(spoken, names[:2]))
    return " or ".join(TYPE_NAMES[kind] for kind in types)


def _tag(words: tuple[Words, ...], base: Words) -> str:
    """Return the property whose constants differ in every branch: the discriminator if named, else the first found."""
    named = base.get("discriminator")
    said = named.get("propertyName") if isinstance(named, dict) else None
    candidates = [said] if isinstance(said, str) else list(words[0].get("properties", {})) if words else []
    return next((name for name in candidates if _tells_apart(words, name)), "")


def _tells_apart(words: tuple[Words, ...], name: str) -> bool:
    values = [value for one in words for value in tag_values(one, name)]
    unique = all(not any(same_json(value, other) for other in values[:at]) for at, value in enumerate(values))
    return len(words) > 1 and unique and all(tag_values(one, name) for one in words)


def fitting(branches: Branches, value: Json, document: Document) -> int:
    """Return the branch that ``value`` belongs to: by its tag, by being valid, else the one it comes closest to."""
    if branches.tag and isinstance(value, dict) and branches.tag in value:
        for at, words in enumerate(branches.words):
            if any(same_json(value[branches.tag], one) for one in tag_values(words, branches.tag)):
                return at
    for at, node in enumerate(branches.nodes):
        if node.fits(value, document):
            return at
    return max(range(len(branches.nodes)), key=lambda at: _closeness(branches.words[at], value))


def _closeness(words: Words, value: Json) -> tuple[bool, int]:
    """Rate a branch: the right type first, then the number of keys it knows."""
    known = words.get("properties", {})
    return _has_type(value, types_of(words)), sum(key in known for key in value) if isinstance(value, dict) else 0


_PYTHON: Final = {
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "string": str,
    "array": list,
    "object": dict,
}


def _has_type(value: Json, types: list[str]) -> bool:
    """Tell whether ``value`` has one of the types; no types means any."""
    if isinstance(value, bool):
        return "boolean" in types or not types
    return not types or any(isinstance(value, _PYTHON[kind]) for kind in types)  # type: ignore[arg-type]  # a tuple too
