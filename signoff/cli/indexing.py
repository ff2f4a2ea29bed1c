"""``signoff index``: what Signoff adds to a PostgreSQL checkpoint database, on request only, and takes away again."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli.command import AsJson, Flags, Report, command

Live = Annotated[bool, typer.Option("--live", help="Triggers that note which threads moved, instead of the index.")]
Drop = Annotated[bool, typer.Option("--drop", help="Take it away again.")]


@command("index")
def index(flags: Flags, live: Live = False, drop: Drop = False, as_json: AsJson = False) -> Report:  # noqa: ARG001 - read where the report is printed
    """Make looking for new pauses in PostgreSQL cheap, by an index or by triggers. The tables' owner may."""
    from signoff.backends import open_checkpoints, postgres_url

    settings = flags.settings()
    url = postgres_url(settings)
    open_checkpoints(settings).close()  # says what is wrong before anything is done, also where packages are missing
    from signoff.checkpoints import postgres_index

    acts = {
        (False, False): postgres_index.make_index,
        (False, True): postgres_index.drop_index,
        (True, False): postgres_index.make_live,
        (True, True): postgres_index.drop_live,
    }
    acts[live, drop](url)
    what = "The triggers and the schema signoff_live" if live else "The index signoff_open_interrupts"
    one = "are" if live else "is"
    undo = f"`signoff index{' --live' if live else ''} --drop` takes {'them' if live else 'it'} away."
    told = f"{what} {one} gone." if drop else f"{what} {one} there. {undo}"
    return Report(data={"live": live, "dropped": drop}, text=lambda: told)
