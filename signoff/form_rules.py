"""Loads the form rules of ``signoff.toml``: a schema from a file, written in place, or made from a Python class."""

from __future__ import annotations

import json
import traceback
import typing
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from signoff.dialects.custom import Rule
from signoff.errors import SettingsInvalid
from signoff.graphs.importing import import_target
from signoff.graphs.sources import GraphSource
from signoff.reviews import ABSENT, Json
from signoff.settings_tables import FormRule

_NO_FORMATS = FormatChecker(())  # a pattern that re does not know, such as \p{Lu}, is none of a schema's faults


def load_form_rules(rules: Sequence[FormRule]) -> tuple[Rule, ...]:
    """Return the rules ready for use, in their order; paths are relative to the working folder, as ``signoff.toml`` is.

    A class that cannot be imported, or of which no schema can be made, leaves its rule ``broken``. A schema that
    cannot be read raises `SettingsInvalid`, saying which rule and what to do.
    """
    return tuple(_load(rule, f"{number} ({_about(rule)})") for number, rule in enumerate(rules, 1))


def fault_in(schema: Json) -> str:
    """Return what keeps ``schema`` from being a JSON Schema, and where; "" if it is one.

    Its draft is the one that ``$schema`` names, draft 2020-12 otherwise.
    """
    if not isinstance(schema, dict):
        return "" if isinstance(schema, bool) else "a JSON Schema is an object"
    try:
        draft: Any = validator_for(schema, default=Draft202012Validator)
        draft.check_schema(schema, format_checker=_NO_FORMATS)
    except SchemaError as error:
        return f"{error.message[:300]} (at {'.'.join(map(str, error.absolute_path)) or 'its root'})"
    except RecursionError:
        return "it nests too deep"
    return ""


def _load(given: FormRule, name: str) -> Rule:
    rule = Rule(
        name=name,
        graph=given.graph,
        node=given.node,
        match=ABSENT if given.match is None else given.match,
        title=given.title,
        prefill=ABSENT if given.prefill is None else given.prefill,
        override=given.override,
    )
    if isinstance(given.answer, str) and _names_a_class(given.answer):
        return _from_class(rule, given.answer)
    schema = _read(given.answer, name) if isinstance(given.answer, str) else given.answer
    if fault := fault_in(schema):
        raise _unusable(name, f"its schema is no JSON Schema: {fault}. Correct it, then start again.")
    return replace(rule, schema=schema)


def _about(rule: FormRule) -> str:
    """Return by which conditions a person finds the rule again."""
    conditions = {"graph": rule.graph, "node": rule.node, "match": rule.match and json.dumps(rule.match)[:80]}
    return ", ".join(f"{word} {value}" for word, value in conditions.items() if value) or "every interrupt"


def _read(path: str, name: str) -> Json:
    file = Path(path).expanduser()
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _unusable(
            name,
            f"there is no file {file.absolute()}. Give the path of a JSON Schema, relative to signoff.toml; "
            'an inline table; or a class as "module:Model" or "file.py:Model".',
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(name, f"{file} cannot be read: {error}. Give the path of a JSON Schema.") from error
    except (ValueError, RecursionError) as error:
        raise _unusable(name, f"{file} is not JSON: {error}. Correct it, then start again.") from error


def _unusable(name: str, why: str) -> SettingsInvalid:
    return SettingsInvalid(f"Form {name} of signoff.toml cannot be used: {why}")


def _names_a_class(text: str) -> bool:
    """Tell ``package.module:Model`` and ``some/file.py:Model`` from a path; ``C:\\forms\\a.json`` is a path."""
    where, colon, attribute = text.rpartition(":")
    dotted = all(map(str.isidentifier, attribute.split(".")))
    return bool(colon) and dotted and (where.endswith(".py") or all(map(str.isidentifier, where.split("."))))


def _from_class(rule: Rule, target: str) -> Rule:
    try:
        return replace(rule, schema=_schema_of(_imported(target)))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - foreign code at import; even sys.exit() must stop nothing else
        said = f"{target}: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        return replace(rule, broken=said, traceback="".join(traceback.format_exception(error)))


def _imported(target: str) -> Any:
    """Return the class, found as graphs are, from the working folder."""
    where, _, attribute = target.rpartition(":")
    base = Path.cwd().resolve()
    source = GraphSource(name=target, target=f"{where}:__dict__", base=base, search_path=(base,))
    names: Any = import_target(source)
    first, *inner = attribute.split(".")
    if first not in names:
        raise LookupError(f"{where} has no {first!r}")
    found = names[first]
    for name in inner:
        found = getattr(found, name)
    return found


def _schema_of(model: Any) -> Json:
    """Return the JSON Schema of what a class takes: a Pydantic model, a dataclass, a TypedDict, any annotation."""
    return TypeAdapter(_modern(model)).json_schema()


def _modern(model: Any) -> Any:
    """Return a TypedDict of ``typing`` as one of ``typing_extensions``: pydantic 2.14 needs it before Python 3.12."""
    if type(model).__module__ != "typing" or not typing.is_typeddict(model):
        return model
    hints = {name: _bare(hint) for name, hint in typing.get_type_hints(model, include_extras=True).items()}
    asked = {name: typing.Required if name in model.__required_keys__ else typing.NotRequired for name in hints}
    return TypedDict(model.__name__, {name: asked[name][_modern(hint)] for name, hint in hints.items()})  # type: ignore[operator]


def _bare(hint: Any) -> Any:
    """Return an annotation without ``Required`` or ``NotRequired`` around it."""
    wrapped = typing.get_origin(hint) in (typing.Required, typing.NotRequired)
    return typing.get_args(hint)[0] if wrapped else hint
