"""A schema ready for use: its draft known, its references resolvable without a network, its values checkable.

Without ``$schema`` a document is draft 2020-12; words of older drafts are understood all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final

import jsonschema
import referencing.jsonschema
from jsonschema.exceptions import ValidationError
from jsonschema_specifications import REGISTRY as METASCHEMAS  # type: ignore[import-untyped]  # has no types
from referencing import Resource
from referencing.exceptions import Unresolvable

from signoff.forms.formats import CHECKER
from signoff.forms.keywords import OURS, TO_THE_LETTER, VALIDATION
from signoff.forms.wellformed import wellformed
from signoff.reviews import Json

BROKEN: Final = (Unresolvable, AttributeError, TypeError, ValueError, LookupError, RecursionError)
"""What a reference into a part of a schema that is no schema may raise."""

DRAFTS: Final = {
    str(draft.ID_OF(draft.META_SCHEMA)).rstrip("#"): draft
    for draft in (
        jsonschema.Draft3Validator,
        jsonschema.Draft4Validator,
        jsonschema.Draft6Validator,
        jsonschema.Draft7Validator,
        jsonschema.Draft201909Validator,
        jsonschema.Draft202012Validator,
    )
}
LATEST: Final = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole schema; ``root`` is our own well-formed copy, ``memory`` what its parts were read to say."""

    root: Json
    validator: Any
    resolver: Any
    memory: dict[Any, Any] = field(default_factory=dict)

    def errors(self, value: Json, schema: Json = None, resolver: Any = None) -> Iterator[ValidationError]:
        """Yield what ``value`` breaks in ``schema`` (the root by default), as far as the schema can be applied."""
        try:
            if schema is None:
                yield from self.validator.iter_errors(value)
            else:
                yield from self.validator.descend(value, schema, resolver=resolver or self.resolver)
        except BROKEN:
            return

    def fits(self, value: Json, schema: Json, resolver: Any) -> bool:
        """Tell whether ``value`` satisfies a part of the document; a part that cannot be applied is satisfied."""
        return next(self.errors(value, schema, resolver), None) is None


def read_document(schema: Json, others: Mapping[str, Json] | None = None) -> Document:
    """Return ``schema`` ready for use; ``others`` are further schemas it may refer to, by URI."""
    if others:
        return _document(schema, others)
    try:
        return _from_text(json.dumps(schema))
    except (TypeError, ValueError, RecursionError):
        return _document(True, {})


@lru_cache(maxsize=256)
def _from_text(text: str) -> Document:
    """One schema serves many threads and every keystroke: read each text once."""
    return _document(json.loads(text), {})


def _document(schema: Json, others: Mapping[str, Json]) -> Document:
    named = schema.get("$schema") if isinstance(schema, dict) else None
    uri = named.rstrip("#") if isinstance(named, str) else ""
    draft = uri if uri in DRAFTS else LATEST
    root = wellformed(schema, modern=uri not in DRAFTS)
    if isinstance(root, dict):
        root.pop("$schema", None)  # with it, jsonschema would go back to its own keywords on every "#"
    specification = referencing.jsonschema.specification_with(draft)
    registry: Any = METASCHEMAS.with_resources(
        (name, Resource.from_contents(one, default_specification=specification)) for name, one in others.items()
    )
    return Document(
        root=root,
        validator=_keywords(draft, bool(uri), _demands_nothing(others.get(uri)))(
            root, registry=registry, format_checker=CHECKER
        ),
        resolver=registry.resolver_with_root(specification.create_resource(root)),
    )


def _demands_nothing(metaschema: Json) -> bool:
    """Tell whether a metaschema leaves out the vocabulary of validation."""
    vocabulary = metaschema.get("$vocabulary") if isinstance(metaschema, dict) else None
    return isinstance(vocabulary, dict) and not any("/vocab/validation" in one for one in vocabulary)


@cache
def _keywords(draft: str, declared: bool, lax: bool) -> Any:
    """Return the validator class: formats bind unless the draft is declared; ``lax`` validates nothing by itself."""
    words = TO_THE_LETTER if declared else OURS
    words = words | dict.fromkeys(VALIDATION, _unasked) if lax else words
    return jsonschema.validators.extend(DRAFTS[draft], words)  # type: ignore[no-untyped-call]  # its stubs say less


def _unasked(_validator: Any, _word: Any, _value: Json, _schema: Json) -> Iterator[ValidationError]:
    yield from ()
