"""``signoff move``: a desk from its SQLite file to PostgreSQL."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli.command import AsJson, Flags, Report, command

To = Annotated[str, typer.Option("--to", metavar="URL", help="The database to move to: postgresql://user@host/name.")]


@command("move")
def move(flags: Flags, to: To, as_json: AsJson = False) -> Report:  # noqa: ARG001 - read where the report is printed
    """Move Signoff's own database to PostgreSQL: reviews, decisions, audit trail, jobs; the old file stays, marked."""
    from signoff.moving import move_desk

    moved = move_desk(flags.settings().desk_url, to)
    return Report(
        data={
            "rows": moved.rows,
            "undecided": moved.undecided,
            "entries": moved.entries,
            "newest": moved.newest,
            "mark": str(moved.mark),
        },
        text=lambda: (
            f"{sum(moved.rows.values())} rows moved, {moved.rows['decisions']} of them decisions; "
            f"{moved.undecided} are still to be applied. The audit trail verifies: {moved.entries} entries, the newest "
            f"is {moved.newest}. The old desk is as it was; {moved.mark} keeps everybody from going on with it."
        ),
    )
