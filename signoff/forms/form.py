"""A form as a value: its tree, its leaves, and the answer that widget values make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from signoff.forms.answers import Misread, collect
from signoff.forms.building import Context, Place
from signoff.forms.documents import read_document
from signoff.forms.fields import Field, Path, Raw, Widget, leaves
from signoff.forms.nodes import Node, Source
from signoff.forms.problems import Problem
from signoff.forms.schema import build
from signoff.reviews import ABSENT, Absent, Json

_NOTHING: Raw = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Form:
    """The fields of one schema as they stand, given the data and the structural choices it was built with."""

    root: Field

    def fields(self) -> Iterator[tuple[Path, Widget]]:
        """Yield path and widget of every field that holds a value of its own, in drawing order."""
        for leaf in leaves(self.root):
            yield leaf.path, leaf.kind

    def collect(self, raw: Raw | None = None) -> Json | Absent:
        """Return the answer that the widget values ``raw`` make; a key that is missing counts as untouched.

        Text that cannot be read (see `misread`) stands in the answer as it was typed.
        """
        return collect(self.root, _NOTHING if raw is None else raw, [])

    def misread(self, raw: Raw | None = None) -> list[Problem]:
        """Return what was typed but cannot be read: no number in a number field, no JSON in a JSON field."""
        found: list[Misread] = []
        collect(self.root, _NOTHING if raw is None else raw, found)
        return [Problem(path=one.path, message=one.message) for one in found]

    def way(self, path: Path) -> tuple[Field, ...]:
        """Return the fields on the way to ``path``, from the root to the deepest."""
        found = [self.root]
        while inner := next((part for part in found[-1].parts if path[: len(part.path)] == part.path), None):
            found.append(inner)
        return tuple(found)


def build_form(schema: Json, data: Json | Absent = ABSENT, raw: Raw | None = None) -> Form:
    """Return the form of ``schema``, prefilled with ``data``; defaults apply only where nothing is prefilled.

    ``raw`` holds widget values by key (see `Field`); the structural ones (branch, null, rows, entries, opened groups)
    and the values that conditions look at shape the tree. Never raises on a schema: what cannot be drawn is JSON.
    """
    document = read_document(schema)
    node = Node(sources=(Source(schema=document.root, resolver=document.resolver, memory=document.memory),))
    context = Context(document=document, raw=_NOTHING if raw is None else raw, build=build)
    return Form(root=build(context, node, Place(data=data)))
