"""``signoff move``: a desk from its SQLite file to PostgreSQL, with the checkpoints it works on or without."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli.command import AsJson, Flags, Report, command
from signoff.errors import SettingsInvalid

if TYPE_CHECKING:
    from signoff.carrying import Carried
    from signoff.moving import Moved
    from signoff.settings import Settings

_TELL_SECONDS = 2.0

To = Annotated[str, typer.Option("--to", metavar="URL", help="The database to move to: postgresql://user@host/name.")]
Checkpoints = Annotated[
    bool, typer.Option("--checkpoints", help="Copy LangGraph's checkpoints there, too, from the SQLite file of --db.")
]


@command("move")
def move(flags: Flags, to: To, checkpoints: Checkpoints = False, as_json: AsJson = False) -> Report:  # noqa: ARG001 - read where the report is printed
    """Move Signoff's own database to PostgreSQL: reviews, decisions, audit trail, jobs; the old file stays, marked.

    With --checkpoints LangGraph's threads go first: all checkpoints, writes and metadata. Their file stays as it was.
    """
    from signoff.moving import move_desk

    settings = flags.settings()
    carried: list[Carried] = []
    first = (lambda: carried.append(_carry(settings, to))) if checkpoints else (lambda: None)
    moved = move_desk(settings.desk_url, to, first=first)
    data = {
        "rows": moved.rows,
        "undecided": moved.undecided,
        "entries": moved.entries,
        "newest": moved.newest,
        "mark": str(moved.mark),
    }
    told = [_threads(one) for one in carried] + [_desk(moved)]
    counts = vars(carried[0]) if carried else None
    return Report(data={**data, "checkpoints": counts}, text=lambda: "\n".join(told))


def _carry(settings: Settings, to: str) -> Carried:
    from signoff.carrying import carry

    if settings.sources:
        raise SettingsInvalid("--checkpoints copies one SQLite file: move from settings that name it as `db`.")
    due = time.monotonic() + _TELL_SECONDS

    def tell(done: int, of: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            typer.echo(f"{done} of {of} threads", err=True)
            due = time.monotonic() + _TELL_SECONDS

    return carry(settings.checkpoint_path, to, tell)


def _threads(carried: Carried) -> str:
    before = f" ({carried.already} of them were there already)" if carried.already else ""
    return (
        f"{carried.threads + carried.already} threads copied{before}: {carried.checkpoints} checkpoints and "
        f"{carried.writes} writes, read back and compared. Their file is as it was."
    )


def _desk(moved: Moved) -> str:
    return (
        f"{sum(moved.rows.values())} rows moved, {moved.rows['decisions']} of them decisions; "
        f"{moved.undecided} are still to be applied. The audit trail verifies: {moved.entries} entries, the newest "
        f"is {moved.newest}. The old desk is as it was; {moved.mark} keeps everybody from going on with it."
    )
