"""Which widget suits a value that is drawn as one field: by format, by length, by what is already there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from signoff.forms.equality import identical, same_json
from signoff.forms.fields import Option, Widget
from signoff.forms.formats import parse_date, parse_datetime, parse_time
from signoff.forms.nodes import Alternatives, Node, Words, read_shape
from signoff.forms.wording import distinct, spoken, written
from signoff.reviews import ABSENT, Absent, Json

BY_FORMAT: Final = {
    "date": Widget.DATE,
    "time": Widget.TIME,
    "date-time": Widget.DATETIME,
    "email": Widget.EMAIL,
    "idn-email": Widget.EMAIL,
    "uri": Widget.URL,
    "url": Widget.URL,
    "iri": Widget.URL,
    "password": Widget.PASSWORD,
    "color": Widget.COLOR,
    **dict.fromkeys(("textarea", "multiline", "text", "markdown", "html", "code", "json"), Widget.AREA),
}
LONG_NAMES: Final = frozenset((
    "body", "message", "text", "comment", "comments", "description", "reason", "feedback", "notes", "note",
    "content", "summary", "draft", "prompt", "answer", "reply", "instructions", "instruction", "explanation",
    "details", "markdown", "code", "query", "sql", "html", "email_body", "justification",
))  # fmt: skip
HINTS: Final = (
    "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minItems", "maxItems", "contentMediaType", "examples", "placeholder", "x-signoff", "type",
    "uniqueItems",
)  # fmt: skip
INFERRED: Final = {
    "object": ("properties", "patternProperties", "additionalProperties", "required", "propertyNames", "minProperties",
               "maxProperties", "unevaluatedProperties", "conditions"),
    "array": ("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"),
    "string": ("minLength", "maxLength", "pattern", "format", "contentMediaType", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
_SCALARS: Final = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


def types_of(words: Words, data: Json | Absent = ABSENT) -> list[str]:
    """Return the types a value may have: as said, as other keywords imply, as a scalar already there has."""
    if said := words.get("type"):
        return list(said)
    if implied := [kind for kind, telling in INFERRED.items() if any(word in words for word in telling)]:
        return implied[:1]
    return [name for kind, name in _SCALARS if isinstance(data, kind)][:1]


def text_widget(words: Words, name: str, data: Json | Absent) -> Widget:
    """Return the widget for a text; one that cannot show what is there gives way to a plain text field."""
    wanted = BY_FORMAT.get(words.get("format", ""), Widget.TEXT)
    if isinstance(data, str) and wanted in _PARSERS and not _parses(_PARSERS[wanted], data):
        return Widget.TEXT
    if wanted is Widget.TEXT and _is_long(words, name, data):
        return Widget.AREA
    return wanted


def _is_long(words: Words, name: str, data: Json | Absent) -> bool:
    if isinstance(data, str) and ("\n" in data or len(data) > 80):
        return True
    if "pattern" in words or "format" in words or "contentEncoding" in words:
        return False
    roomy = words.get("maxLength", 1000) > 120
    return "contentMediaType" in words or words.get("maxLength", 0) > 200 or (roomy and name.lower() in LONG_NAMES)


_PARSERS: Final[dict[Widget, Callable[[str], object]]] = {
    Widget.DATE: parse_date,
    Widget.TIME: parse_time,
    Widget.DATETIME: parse_datetime,
}


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def choices_in(words: Words) -> list[Option] | None:
    """Return what there is to choose where a schema lists its values: ``enum``, or a union of titled constants."""
    if "const" in words:
        return labelled([words["const"]], [_label(words["const"])])
    if "enum" in words:
        return labelled(words["enum"], _names(words))
    for union in words.get("unions", ()):
        if (options := _constants(union)) is not None:
            return options
    return None


def _names(words: Words) -> Sequence[str]:
    for word in ("enumNames", "x-enumNames", "x-enum-varnames", "x-enum-labels"):
        names = words.get(word)
        if isinstance(names, list) and len(names) == len(words["enum"]):
            return [str(one) for one in names]
    return [written(value) for value in words["enum"]]


def labelled(values: Sequence[Json], labels: Sequence[str]) -> list[Option]:
    """Return options with labels told apart; a value said twice counts once."""
    first = [at for at, value in enumerate(values) if not any(identical(value, one) for one in values[:at])]
    told = distinct([labels[at] for at in first], [values[at] for at in first])
    return [Option(label=label, value=values[at]) for label, at in zip(told, first, strict=True)]


def _constants(union: Alternatives) -> list[Option] | None:
    """Return the options of a union whose branches are all constants (or null); None where one is not."""
    values: list[Json] = []
    labels: list[str] = []
    for branch in union.branches:
        words = read_shape(branch).words
        if "const" in words:
            some = [words["const"]]
        elif "enum" in words:
            some = words["enum"]
        elif words.get("type") == ["null"]:
            some = [None]
        else:
            return None
        values += some
        titled = len(some) == 1 and isinstance(words.get("title"), str)
        labels += [words["title"]] if titled else [_label(one) for one in some]
    return labelled(values, labels) if any(value is not None for value in values) else None


def _label(value: Json) -> str:
    return "None" if value is None else written(value)


def with_data(options: list[Option], data: Sequence[Json]) -> list[Option]:
    """Return the options and whatever else is already there, so that nothing is dropped before somebody decides."""
    strangers = [one for one in data if not any(identical(option.value, one) for option in options)]
    close = [one for one in strangers if any(same_json(option.value, one) for option in options)]
    labels = [written(one) if one in close else f"{written(one)} (not offered)" for one in strangers]
    return labelled(
        [*(option.value for option in options), *strangers], [*(option.label for option in options), *labels]
    )


def tag_values(words: Words, tag: str) -> list[Json]:
    """Return the constants that property ``tag`` may have in a branch; none where it is not fixed."""
    node: Node | None = words.get("properties", {}).get(tag)
    inner = read_shape(node).words if node else {}
    return [inner["const"]] if "const" in inner else list(inner.get("enum", ()))


def branch_name(words: Words, tag: str, at: int, type_name: str) -> str:
    """Return what people call a branch: its title, its tag, its type, or its place."""
    if isinstance(title := words.get("title"), str) and title.strip():
        return title
    if tag and (values := tag_values(words, tag)):
        return " / ".join(spoken(written(value)) for value in values)
    return type_name or f"Option {at + 1}"


def hints_of(words: Words) -> dict[str, Any]:
    """Return the keywords that a widget may use."""
    return {word: words[word] for word in HINTS if word in words}
