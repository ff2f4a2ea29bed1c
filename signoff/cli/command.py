"""What all commands share: the flags that say which desk, how results are printed, how errors are told."""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from signoff.cli.text import safe_lines
from signoff.errors import SignoffError
from signoff.reviews import Json
from signoff.wire import problem

if TYPE_CHECKING:
    from signoff.desk import Desk
    from signoff.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

MOST = 2**31 - 1
"""Rows that a list is asked for at most, and passes over."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who you are, where nobody signs in.")]


@dataclass(frozen=True, kw_only=True)
class Flags:
    """The flags of every command that works on a desk."""

    db: Annotated[
        str | None, typer.Option("--db", metavar="PATH", help="The checkpoint database: a path, or postgresql://….")
    ] = None
    graphs: Annotated[
        Path | None, typer.Option("--graphs", metavar="FILE", help="A langgraph.json that names the graphs.")
    ] = None
    graph: Annotated[
        list[str] | None,
        typer.Option("--graph", metavar="NAME=PATH.py:ATTR", help="One graph; may be given several times."),
    ] = None
    desk: Annotated[
        str | None, typer.Option("--desk", metavar="URL", help="Signoff's own database; by default beside --db.")
    ] = None
    reviewer: As = None

    def settings(self, **more: Any) -> Settings:
        """Return the settings: these flags and ``more``, then ``SIGNOFF_…``, then ``signoff.toml``.

        Raises `SettingsInvalid`.
        """
        from signoff.settings import read_settings

        given = {"as": self.reviewer, "db": self.db, "desk": self.desk, "graphs": self.graphs}
        return read_settings(**given, **more, graph=tuple(self.graph or ()))


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a command has found: ``data`` for ``--json``, ``text`` for people, ``notes`` for standard error."""

    data: Json
    text: Callable[[], str]
    notes: tuple[str, ...] = ()
    exit_code: int = 0

    def print(self, *, as_json: bool) -> None:
        """Print to standard output, notes to standard error."""
        if as_json:
            typer.echo(json.dumps(self.data))
        elif text := self.text():
            typer.echo(text)
        for note in self.notes:
            typer.echo(safe_lines(note), err=True)


def command(name: str, *, group: typer.Typer = app) -> Callable[[Callable[..., Report | None]], None]:
    """Register a function as the command ``name``: it takes `Flags` first, then its own options. See `told`."""

    def register(function: Callable[..., Report | None]) -> None:
        @functools.wraps(function)
        def run(**given: Any) -> Report | None:
            flags = Flags(**{field.name: given.pop(field.name) for field in fields(Flags)})
            return function(flags, **given)

        run.__dict__["__signature__"] = _with_flags(function)
        group.command(name)(told(run))

    return register


def told(function: Callable[..., Report | None]) -> Callable[..., None]:
    """Print the report that a function returns, and end with its exit code; the same for a `SignoffError`."""

    @functools.wraps(function)
    def run(**given: Any) -> None:
        try:
            report = function(**given)
        except SignoffError as error:
            report = failure(error)
        if report:
            report.print(as_json=bool(given.get("as_json")))
            raise typer.Exit(report.exit_code)

    return run


@contextmanager
def opened(flags: Flags) -> Iterator[tuple[Desk, Settings]]:
    """Hold the desk open. What graphs print meanwhile goes to standard error, so that standard output is ours alone."""
    with redirect_stdout(sys.stderr):
        from signoff.wiring import open_desk

        settings = flags.settings()
        desk = open_desk(settings)
        try:
            yield desk, settings
        finally:
            desk.close()


def failure(error: SignoffError, *, notes: tuple[str, ...] = ()) -> Report:
    """Return an error as a report: type, message and public attributes as JSON, the message and more as notes."""
    return Report(
        data=problem(error),
        text=str,
        notes=(str(error), *getattr(error, "__notes__", ()), *notes),
        exit_code=error.exit_code,
    )


def _with_flags(function: Callable[..., Any]) -> inspect.Signature:
    """Return the function's signature with the common flags behind its own options, instead of the first parameter."""
    hints = get_type_hints(function, include_extras=True)
    _, *own = inspect.signature(function).parameters.values()
    common = get_type_hints(Flags, include_extras=True)
    shared = [p.replace(annotation=common[p.name]) for p in inspect.signature(Flags).parameters.values()]
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([*(p.replace(annotation=hints[p.name], kind=keyword) for p in own), *shared])
