"""``signoff sources``: the checkpoint databases of a desk that has several, and how each stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli.command import AsJson, Flags, Report, command, opened
from signoff.cli.text import table
from signoff.reviews import Json
from signoff.sources import Standing
from signoff.wire import time_text

if TYPE_CHECKING:
    from signoff.desk import Desk


@command("sources")
def list_sources(
    flags: Flags,
    forget: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Close the open reviews of a source that is not configured any more."),
    ] = None,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """List the sources of a desk that has several: where each is, how many reviews it has, whether it answers."""
    with opened(flags) as (desk, _):
        from signoff import standings

        closed = standings.forget(desk, forget) if forget is not None else None
        if desk.sources.several:
            _scan(desk)
        found = standings.standings(desk)
        words = {one.name: standings.words(one) for one in found}
    said = () if closed is None else (f"{forget} is forgotten; reviews closed: {closed}. Decisions stay on record.",)
    data: Json = {"sources": [_json(one) for one in found]}
    return Report(data=data, text=lambda: _text(found, words), notes=said)


def notes(desk: Desk) -> tuple[str, ...]:
    """Return a sentence about each source of which nothing new is seen."""
    from signoff import standings

    return tuple(
        f"The source {one.name or '(without a name)'} {standings.words(one).rstrip('.')}. "
        f"Its {one.open} open reviews are shown as last seen."
        for one in standings.silent(desk)
    )


def _scan(desk: Desk) -> None:
    from contextlib import suppress

    from signoff.errors import SourceUnavailable

    with suppress(SourceUnavailable):  # raised when no source answers; each is listed with its own reason
        desk.scan()


def _json(one: Standing) -> Json:
    state = "gone" if one.gone else "silent" if one.problem else "answers"
    told = {"name": one.name, "state": state, "address": one.address, "open": one.open}
    return told | {"since": time_text(one.since), "problem": one.problem}


def _text(found: tuple[Standing, ...], words: dict[str, str]) -> str:
    if not found:
        return "This desk reads one checkpoint database. Several stand in signoff.toml, each under [[sources]]."
    rows = [(one.name or "-", one.open, one.address or "-", words[one.name]) for one in found]
    return table(("source", "open", "where", "state"), rows)
