"""From a source to the object it names: imports a user's module or file into this process."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from types import ModuleType

from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from signoff.graphs.sources import GraphSource

_roots: list[str] = []
"""The folders that were put on ``sys.path`` for graphs, so that modules of one graph are told from another's."""


class NoSuchGraph(Exception):
    """The source names a file, a kind of file or an attribute that is not there."""


def import_target(source: GraphSource) -> object:
    """Return the variable or factory that the source names; whatever the import raises, passes."""
    os.environ.update(source.environment)
    _make_importable(source.search_path)
    importlib.invalidate_caches()
    module = importlib.import_module(source.module) if source.module else _import_file(source.file)
    try:
        found: object = attrgetter(source.attribute)(module)
    except AttributeError as error:
        raise NoSuchGraph(_missing(source, module)) from error
    return found


def _missing(source: GraphSource, module: ModuleType) -> str:
    graphs = sorted(name for name, value in vars(module).items() if isinstance(value, (Pregel, StateGraph)))
    hint = f"it has {', '.join(graphs)}" if graphs else "it has no graph at all"
    return f"{source.target.rpartition(':')[0]} has no {source.attribute!r}; {hint}"


def _import_file(file: Path) -> ModuleType:
    """Import a file by the name by which the code around it would, or by a name made of its path where that is taken.

    The usual name matters: checkpoints hold classes by module and name, and so does the app that made them.
    """
    if not file.is_file():
        raise NoSuchGraph(f"there is no file {file}")
    if file.suffix != ".py":
        raise NoSuchGraph(f"{file.name} is no Python file; Signoff runs Python graphs only")
    folder, name = _root_and_name(file)
    _make_importable([folder, file.parent])
    if _is_found_as(name, file):
        with _own_neighbours(folder):
            return importlib.import_module(name)
    unique = "signoff_graph" + re.sub(r"\W", "_", str(file.with_suffix("")))
    if unique in sys.modules:
        return sys.modules[unique]
    with _own_neighbours(folder):
        return _load(unique, file)


def _load(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise NoSuchGraph(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _root_and_name(file: Path) -> tuple[Path, str]:
    """Return the folder above the outermost package that holds the file, and the file's dotted name from there."""
    folder, name = file.parent, file.stem
    while (folder / "__init__.py").is_file():
        name = f"{folder.name}.{name}"
        folder = folder.parent
    return folder, name.removesuffix(".__init__")


def _is_found_as(name: str, file: Path) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):  # no such package, or a module without a spec, like __main__
        return False
    return spec is not None and spec.origin is not None and Path(spec.origin).resolve() == file


def _make_importable(folders: Sequence[Path]) -> None:
    """Put folders at the end of ``sys.path``, like langgraph-cli 0.4.40: what is installed is found first."""
    for folder in map(str, folders):
        if folder not in _roots:
            _roots.append(folder)
        if folder not in sys.path:
            sys.path.append(folder)


@contextmanager
def _own_neighbours(folder: Path) -> Iterator[None]:
    """Let imports find the modules of this folder before namesakes of other graphs (two agents, each with a tools.py).

    Afterwards the first one has its name back.
    """
    own = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    namesakes = {name for name in own & sys.modules.keys() if _home(sys.modules[name]) in {*_roots} - {str(folder)}}
    aside = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in namesakes}
    for name in aside:
        del sys.modules[name]
    first = min(sys.path.index(root) for root in _roots if root in sys.path)
    sys.path.insert(first, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.modules.update(aside)


def _home(module: ModuleType) -> str | None:
    """Return the folder in which a top-level module or package was found."""
    spec = module.__spec__
    places = list(spec.submodule_search_locations or ()) if spec else []
    place = places[0] if places else spec.origin if spec else None
    return str(Path(place).parent) if place else None
