"""A fingerprint of a node's code, to tell that it is not the code that asked.

It covers the node's function, and what that uses of the same project: functions, classes, module-level constants and
clients as they are written, through decorators, partials, closures and methods. Not covered: libraries, what a name is
bound to at run time, line numbers, comments, docstrings and paths. The same source gives the same fingerprint in every
process on the same Python version; others cannot be compared, as their bytecode differs.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import json
import site
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.util import resolve_name
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from langgraph.pregel import Pregel

_LIBRARIES = tuple(
    Path(folder).resolve()
    for folder in {*map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib")), *site.getsitepackages()}
)
_INNER = ("func", "afunc", "coroutine", "bound", "steps", "__wrapped__", "fget")
_PLAIN = (str, bytes, int, float, bool, type(None))
_MOST = 2_000  # pieces of code that one node is followed into
Scope = Mapping[str, Any]
"""The globals of a module."""
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def fingerprints_of(graph: Any) -> dict[str, str]:
    """Return the fingerprint of each node of a compiled graph, and of its subgraphs' nodes, by name.

    A node is missing when nothing of its code is the user's own or can be told. Names of the outer graph come first.
    """
    found: dict[str, str] = {}
    for name, node in _nodes(graph):
        with suppress(Exception):  # foreign objects are looked into, and may raise anything; it is only for a warning
            code = _Code()
            text = json.dumps(code.of(node), sort_keys=True)
            if code.own:
                digest = hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()
                found.setdefault(name, f"{_VERSION}:{digest}")
    return found


def have_changed(before: str | None, now: str | None) -> bool:
    """Tell whether two fingerprints are of different code; False where they cannot be compared."""
    versions = {each.partition(":")[0] for each in (before, now) if each}
    return None not in (before, now) and len(versions) == 1 and before != now


def _nodes(graph: Any) -> Iterator[tuple[str, Any]]:
    todo = [graph]
    while todo:
        one = todo.pop(0)
        for name, node in one.nodes.items():
            if not name.startswith("__"):
                yield name, node.bound
                todo += [inner for inner in node.subgraphs if isinstance(inner, Pregel)]


class _Code:
    """One walk through a node's code. ``own`` tells whether any of the user's code was met."""

    def __init__(self) -> None:
        self.own = False
        self._met: dict[int, int] = {}
        self._kept: list[object] = []  # so that no id is used twice
        self._read: set[tuple[str, str]] = set()
        self._kinds: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
            (FunctionType, self._function),
            (MethodType, lambda it: [self.of(it.__func__), self.of(type(it.__self__))]),
            (classmethod | staticmethod, lambda it: self.of(it.__func__)),
            (functools.partial, lambda it: [self.of(it.func), self.of(it.args), self._named(it.keywords)]),
            (Pregel, lambda it: {name: self.of(node.bound) for name, node in it.nodes.items()}),
            (type, self._class),
        )

    def of(self, thing: Any) -> Any:
        """Return what ``thing`` is made of, as JSON."""
        if isinstance(thing, _PLAIN):
            return repr(thing)
        if isinstance(thing, list | tuple):
            return [self.of(one) for one in thing]
        if id(thing) in self._met or len(self._met) >= _MOST:
            return ["met", self._met.get(id(thing), -1)]
        self._met[id(thing)] = len(self._met)
        self._kept.append(thing)
        return self._object(thing)

    def _object(self, thing: Any) -> Any:
        for kind, look in self._kinds:
            if isinstance(thing, kind):
                return look(thing)
        inner = {name: self.of(one) for name in _INNER if (one := _attribute(thing, name)) is not None}
        return [self.of(type(thing)), inner]

    def _function(self, function: FunctionType) -> Any:
        closure = [_content(cell) for cell in function.__closure__ or ()]
        told = [function.__name__, self.of(function.__defaults__), self._named(function.__kwdefaults__ or {})]
        told += [[self.of(one) for one in closure]]
        if _is_own(function.__globals__):
            self.own = True
            told += [self._code(function.__code__), self._names(function.__globals__, _names_in(function.__code__))]
        return told

    def _class(self, made: type) -> Any:
        if not _is_own(vars(sys.modules.get(made.__module__, object))):
            return [made.__module__, made.__qualname__]
        self.own = True
        members = {
            name: self.of(value)
            for name, value in vars(made).items()
            if isinstance(value, FunctionType | classmethod | staticmethod | property)
            or (isinstance(value, _PLAIN) and not name.startswith("__"))
        }
        hints = {name: _text(hint) for name, hint in vars(made).get("__annotations__", {}).items()}
        return [made.__qualname__, [self.of(base) for base in made.__bases__], members, hints]

    def _named(self, values: Mapping[str, Any]) -> Any:
        return {name: self.of(value) for name, value in values.items()}

    def _names(self, scope: Scope, names: Iterable[str]) -> Any:
        return {name: self._global(scope, name) for name in sorted({*names} & scope.keys())}

    def _global(self, scope: Scope, name: str) -> Any:
        """Return a module's name: code by what it is made of, all else by how it is written, with the names in that."""
        value = scope[name]
        if isinstance(value, ModuleType):
            return value.__name__
        if isinstance(value, FunctionType | type):
            return self.of(value)
        data = isinstance(value, (*_PLAIN, list, tuple))  # as it is at run time: told by how it is written
        wrapped = type(value).__qualname__ if data else self.of(value)
        scope, name, written = _written(scope, name)
        place = (str(scope.get("__file__")), name)
        if written is None or place in self._read:
            return wrapped
        self._read.add(place)
        inside = (node.id for node in ast.walk(written) if isinstance(node, ast.Name))
        return [ast.unparse(written), self._names(scope, inside), wrapped]

    def _code(self, code: CodeType) -> Any:
        constants = [self._constant(one) for one in code.co_consts]
        if _has_docstring(code):
            constants[0] = ""
        return [code.co_code.hex(), constants, code.co_names, code.co_varnames, code.co_freevars]

    def _constant(self, value: Any) -> Any:
        if isinstance(value, CodeType):
            return self._code(value)
        if isinstance(value, frozenset):
            return sorted(map(repr, value))
        return [self._constant(one) for one in value] if isinstance(value, tuple) else repr(value)


def _has_docstring(code: CodeType) -> bool:
    """Tell whether a function's first constant is its docstring; before 3.13 no flag says so."""
    if not code.co_consts or not isinstance(code.co_consts[0], str) or not code.co_flags & inspect.CO_OPTIMIZED:
        return False
    flagged = sys.version_info < (3, 13) or bool(code.co_flags & 0x4000000)  # CO_HAS_DOCSTRING
    return flagged and not code.co_name.startswith("<")


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not bound yet
        return None


def _attribute(thing: Any, name: str) -> Any:
    value = inspect.getattr_static(thing, name, None)
    return getattr(thing, name, None) if value is not None else None


def _is_own(scope: Scope) -> bool:
    """Tell whether a module is part of a project rather than installed with the libraries."""
    file = scope.get("__file__")
    return isinstance(file, str) and not any(Path(file).resolve().is_relative_to(library) for library in _LIBRARIES)


def _text(hint: Any) -> str:
    return hint.__qualname__ if isinstance(hint, type) else str(hint).partition(" at 0x")[0]


def _written(scope: Scope, name: str) -> tuple[Scope, str, ast.expr | None]:
    """Return the module in which a name is assigned, its name there (it may have been imported), and how."""
    for _ in range(10):
        found = _assignments(scope["__file__"]).get(name) if _is_own(scope) else None
        if not isinstance(found, ast.ImportFrom):
            return scope, name, found
        try:
            source = resolve_name("." * found.level + (found.module or ""), scope.get("__package__") or "")
        except ImportError:
            return scope, name, None
        scope = vars(sys.modules[source]) if source in sys.modules else {}
        name = next(alias.name for alias in found.names if (alias.asname or alias.name) == name)
    return scope, name, None


@functools.lru_cache(maxsize=256)
def _assignments(file: str) -> dict[str, ast.expr | ast.ImportFrom]:
    """Return what a module's source assigns or imports at its top level, the last of each name."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    found: dict[str, ast.expr | ast.ImportFrom] = {}
    for line in tree.body:
        if isinstance(line, ast.ImportFrom):
            found |= {alias.asname or alias.name: line for alias in line.names}
        elif isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
            targets = line.targets if isinstance(line, ast.Assign) else [line.target]
            found |= {target.id: line.value for target in targets if isinstance(target, ast.Name)}
    return found
