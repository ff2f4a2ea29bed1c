"""What is wrong with an answer, said at the field: paths, and messages for the person who fills the form in.

A union that fits nowhere is reported by the branch that the value was meant for, not by all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from signoff.forms.documents import read_document
from signoff.forms.fields import Path
from signoff.forms.messages import TYPES, message_of
from signoff.reviews import ABSENT, Absent, Json

UNIONS: Final = ("anyOf", "oneOf")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with an answer: ``path`` leads to the field, ``message`` follows its name."""

    path: Path
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'answer'}: {self.message}"


def find_problems(schema: Json, data: Json | Absent, others: Mapping[str, Json] | None = None) -> list[Problem]:
    """Return what is wrong with ``data``, in the order of the schema; nothing when it is valid.

    ``others`` are further schemas that ``schema`` refers to, by URI; nothing is ever fetched.
    """
    if data is ABSENT:
        return [Problem(path=(), message="is required")]
    errors = read_document(schema, others).errors(data)
    return list(_told_once(problem for error in _once(errors) for problem in _read(error, ())))


def _told_once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Leave out what is said again, and a second list of choices for the same field (a condition's, say)."""
    seen: set[tuple[Path, str]] = set()
    for problem in problems:
        about = "choices" if problem.message.startswith("must be one of ") else problem.message
        if (problem.path, about) not in seen:
            seen.add((problem.path, about))
            yield problem


def _once(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Leave out what says the same again: which type is right where the right values are listed, then which branch."""
    every = list(errors)
    said: dict[str, set[tuple[str | int, ...]]] = {}
    for one in every:
        said.setdefault(str(one.validator), set()).add(tuple(one.absolute_path))
    listed = said.get("const", set()) | said.get("enum", set())
    wrong_type = said.get("type", set())
    for one in every:
        path = tuple(one.absolute_path)
        if not (one.validator == "type" and path in listed) and not (one.validator in UNIONS and path in wrong_type):
            yield one


def _read(error: ValidationError, above: Path) -> Iterator[Problem]:
    path = above + tuple(error.relative_path)
    if error.validator in UNIONS and error.context:
        yield from _meant(error, path)
        return
    if missing := _missing(error):
        yield from (Problem(path=(*path, key), message="is required") for key in missing)
        return
    yield Problem(path=path, message=message_of(error))


def _missing(error: ValidationError) -> list[str]:
    """Return the keys an error asks for: a missing field is reported where it would be."""
    rule: Any = error.validator_value
    value: Any = error.instance
    if error.validator == "required":
        return [key for key in rule if key not in value]
    if error.validator in ("dependentRequired", "dependencies"):
        lists = [needed for key, needed in rule.items() if key in value and isinstance(needed, list)]
        return [key for needed in lists for key in needed if key not in value]
    return []


def _meant(error: ValidationError, path: Path) -> Iterator[Problem]:
    """Yield the problems of the branch that the value was meant for."""
    branches: dict[int, list[ValidationError]] = {}
    for at, one in enumerate(error.context or ()):
        branch = one.relative_schema_path[0] if one.relative_schema_path else -at - 1  # a branch that is ``false``
        branches.setdefault(int(branch), []).append(one)
    if tag := _wrong_tag(branches.values()):
        told = [one for errors in branches.values() for one in errors if list(one.relative_path) == [tag]]
        yield Problem(path=(*path, tag), message=_values_message([told]))
    elif _all_about(branches.values(), "type"):
        yield Problem(path=path, message=_types_message(branches.values()))
    elif _all_about(branches.values(), "const", "enum"):
        yield Problem(path=path, message=_values_message(branches.values()))
    else:
        likely = _likely_tag(branches.values())
        nearest = min(branches.values(), key=lambda errors: _distance(list(errors), likely))
        for one in _once(nearest):
            yield from _read(one, path)


def _wrong_tag(branches: Iterable[list[ValidationError]]) -> str:
    """Return the property whose value is in no branch, if every branch has a constant for it and none fits."""
    wrong = [
        {one.relative_path[0] for one in errors if one.validator in ("const", "enum") and len(one.relative_path) == 1}
        for errors in branches
    ]
    common = set[str | int].intersection(*wrong) if wrong else set()
    return next((name for name in common if isinstance(name, str)), "")


def _all_about(branches: Iterable[list[ValidationError]], *keywords: str) -> bool:
    """Tell whether every branch fails at its root, by one of these keywords or by type."""
    return all(
        any(not one.relative_path and one.validator in (*keywords, "type") for one in errors) for errors in branches
    )


def _types_message(branches: Iterable[list[ValidationError]]) -> str:
    kinds: list[str] = []
    for errors in branches:
        for one in errors:
            if one.validator == "type" and not one.relative_path:
                said: Any = one.validator_value
                kinds += [said] if isinstance(said, str) else said
    words = [TYPES[kind] for kind in dict.fromkeys(kinds) if kind in TYPES]
    return f"must be {' or '.join(words)}"


def _values_message(branches: Iterable[list[ValidationError]]) -> str:
    values: list[Any] = []
    for errors in branches:
        for one in errors:
            if one.validator == "const":
                values.append(one.validator_value)
            elif one.validator == "enum":
                values += list(one.validator_value)  # type: ignore[arg-type]  # a list where the keyword is enum
    rule = ValidationError("", validator="enum", validator_value=values)
    return message_of(rule) if values else "is not one of the choices"


def _likely_tag(branches: Iterable[list[ValidationError]]) -> str | int:
    """Return the property that most branches have another constant for."""
    votes: Counter[str | int] = Counter()
    for errors in branches:
        wrong = [one for one in errors if one.validator in ("const", "enum") and len(one.relative_path) == 1]
        votes.update({one.relative_path[0]: 2 if one.validator == "const" else 1 for one in wrong})
    return votes.most_common(1)[0][0] if votes else ""


def _distance(errors: list[ValidationError], tag: str | int) -> tuple[int, int, int]:
    """Rate how far a value is from a branch: wrong type or tag first, then the number of mistakes, deep ones less."""
    wrong_type = any(one.validator in ("type", "const", "enum") and not one.relative_path for one in errors)
    wrong_tag = any(list(one.relative_path) == [tag] and one.validator in ("const", "enum") for one in errors)
    return 2 * wrong_type + wrong_tag, len(errors), -max(len(one.relative_path) for one in errors)
