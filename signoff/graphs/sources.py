"""Where graphs are: a ``langgraph.json`` as LangGraph's own tools read it, and ``NAME=path.py:attribute``.

The file's format as in langgraph-cli 0.4.40 and langgraph-api 0.16.7.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from signoff.errors import SettingsInvalid

_log = logging.getLogger(__name__)
_SHAPE = "NAME=path/to/file.py:attribute or NAME=package.module:attribute"


@dataclass(frozen=True, kw_only=True)
class GraphSource:
    """Where one graph is found.

    ``target`` is ``path/to/file.py:attribute`` or ``package.module:attribute``, paths relative to ``base``. The folders
    of ``search_path`` must be importable and the variables of ``environment`` set before it is loaded.
    """

    name: str
    target: str
    base: Path
    search_path: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def attribute(self) -> str:
        """Return the name of the variable or factory."""
        return self.target.rpartition(":")[2]

    @property
    def module(self) -> str | None:
        """Return the dotted name of the module, or None where the target is a file."""
        where = self.target.rpartition(":")[0]
        is_file = "/" in where or "\\" in where or where.endswith(".py")
        return None if is_file else where

    @property
    def file(self) -> Path:
        """Return the absolute path of the file that holds the graph, for targets that name one."""
        return (self.base / self.target.rpartition(":")[0]).resolve()


def read_sources(graphs_file: Path | None, graphs: Sequence[str]) -> tuple[GraphSource, ...]:
    """Return the sources of a ``langgraph.json`` (or None), then those of ``NAME=…`` texts.

    The texts are relative to the working folder. Raises `SettingsInvalid`, saying what to change, when the file is
    missing or malformed, a text is malformed, or a name is given twice. Nothing is imported.
    """
    sources = [*(_from_file(graphs_file) if graphs_file else ()), *map(_from_text, graphs)]
    names = [source.name for source in sources]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsInvalid(f"Graph {twice[0]!r} is named twice. Give each graph a name of its own.")
    return tuple(sources)


def _from_text(text: str) -> GraphSource:
    name, _, target = (part.strip() for part in text.partition("="))
    if not name or not _is_target(target):
        raise SettingsInvalid(f"{text!r} does not say where a graph is. Write {_SHAPE}.")
    base = Path.cwd().resolve()
    return GraphSource(name=name, target=target, base=base, search_path=(base,))


def _from_file(path: Path) -> Iterator[GraphSource]:
    path = path.expanduser()
    path = path.parent.resolve() / path.name
    config = _read(path)
    search_path = tuple(_folders(path, config.get("dependencies", [])))
    environment = _environment(path, config.get("env") or {})
    for name, value in _listed(path, config).items():
        target = value.get("path") if isinstance(value, dict) else value
        if not isinstance(target, str) or not _is_target(target):
            raise SettingsInvalid(
                f"{path} does not say where graph {name!r} is: {json.dumps(value)[:200]}. "
                'Write "./path/to/file.py:attribute" or "package.module:attribute".'
            )
        yield GraphSource(name=name, target=target, base=path.parent, search_path=search_path, environment=environment)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsInvalid(f"There is no {path}. Name a langgraph.json, or graphs one by one: {_SHAPE}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{path} cannot be read: {error}. Name a langgraph.json.") from error
    except (ValueError, RecursionError) as error:
        raise SettingsInvalid(f"{path} is not JSON: {error}. Correct it, then start again.") from error
    return config if isinstance(config, dict) else {}


def _listed(path: Path, config: Mapping[str, Any]) -> Mapping[str, Any]:
    listed = config.get("graphs")
    if not isinstance(listed, dict) or not listed:
        raise SettingsInvalid(
            f'{path} names no graphs. As for LangGraph, it needs "graphs": {{"NAME": "./path/to/file.py:attribute"}}.'
        )
    return listed


def _is_target(target: str) -> bool:
    where, colon, attribute = target.rpartition(":")
    return bool(where.strip() and colon and attribute.strip())


def _folders(path: Path, dependencies: Any) -> Iterator[Path]:
    """Yield the file's folder and the dependencies that are folders; what is to be installed is for pip."""
    yield path.parent
    for dependency in dependencies if isinstance(dependencies, list) else ():
        folder = (path.parent / str(dependency)).resolve()
        if folder.is_dir() and folder != path.parent:
            yield folder


def _environment(path: Path, env: Any) -> Mapping[str, str]:
    """Return the variables of ``env``: a mapping, or a dotenv file, which may be missing (as in langgraph-api)."""
    if isinstance(env, dict):
        return {str(name): str(value) for name, value in env.items()}
    if not isinstance(env, str):
        raise SettingsInvalid(f'{path}: "env" must be the path of an env file or a mapping of names to values.')
    file = path.parent / env
    if not file.is_file():
        _log.warning("%s names the env file %s, which does not exist; going on without it.", path, file)
        return {}
    return {name: value for name, value in dotenv_values(file).items() if value is not None}
