"""``signoff audit verify``, ``show`` and ``export``: the record, checked, told and handed out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli.command import AsJson, Flags, Report, app, command, opened
from signoff.cli.output import lineage
from signoff.cli.text import brief, local, pretty, safe, safe_lines
from signoff.errors import SignoffError
from signoff.reviews import Json
from signoff.sheets import to_csv
from signoff.wire import time_text

if TYPE_CHECKING:
    from signoff.decisions import Decision
    from signoff.desk import Desk
    from signoff.settings import Settings

_PAGE = 500

group = typer.Typer(no_args_is_help=True, help="Check the record of decisions, look at one, or export it.")
app.add_typer(group, name="audit")


class DecisionNotFound(SignoffError):
    """No decision has this id on this desk."""

    def __init__(self, decision_id: str) -> None:
        super().__init__(f"There is no decision {decision_id!r} on this desk. `signoff audit export` has all ids.")


class Format(StrEnum):
    """The formats of an export."""

    CSV = "csv"
    JSON = "json"


@command("verify", group=group)
def verify(flags: Flags, as_json: AsJson = False) -> Report:  # noqa: ARG001 - read where the report is printed
    """Find entries and decisions that were changed, removed, added or reordered; exit code 1 when there are any."""
    with opened(flags) as (desk, _):
        problems = desk.database.audit.verify()
        entries, newest = desk.database.audit.newest()
    return Report(
        data={"ok": not problems, "entries": entries, "newest": newest, "problems": problems},
        text=lambda: "\n".join(problems) or f"{entries} entries, all as they were written; the newest is {newest}",
        exit_code=1 if problems else 0,
    )


@command("show", group=group)
def show(
    flags: Flags,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="The decision's id, as `decide` printed it.")],
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Tell one decision as a story, from what was proposed to what was written. Secrets are masked, but in the JSON."""
    with opened(flags) as (desk, settings):
        found = desk.decision(decision)
        if found is None:
            raise DecisionNotFound(decision)
        ran = [{"node": one.node, "event": one.event, "at": time_text(one.at)} for one in desk.progress(decision)]
        told = {**lineage(found), "shown": found.shown, "ran": ran}
    return Report(data=told, text=lambda: "\n".join(_story(found, told, settings)))


@command("export", group=group)
def export(flags: Flags, format: Annotated[Format, typer.Option("--format")] = Format.CSV) -> None:
    """Print every decision, oldest first, as CSV that is safe to open in a spreadsheet, or as JSON."""
    with opened(flags) as (desk, _):
        rows = list(_decisions(desk))
    typer.echo(json.dumps(rows, indent=2) if format is Format.JSON else to_csv(rows), nl=False)


def _story(decision: Decision, told: Mapping[str, Json], settings: Settings) -> Iterator[str]:
    from signoff.dialects.masking import mask_difference, mask_secrets, secret_keys
    from signoff.wire import edits

    keys = secret_keys(settings.masking.keys)
    wrote = decision.wrote or {"writes": []}
    yield safe(decision.title)
    asked = f"{told['graph'] or '?'} · {told['node'] or '?'} · thread {told['thread_id']}"
    yield f"\nasked     {safe(asked)} · checkpoint {decision.checkpoint_id}"
    yield pretty(mask_secrets(decision.shown, keys))
    if told["proposed"] is not None:
        yield f"proposed\n{pretty(mask_secrets(told['proposed'], keys))}"
    yield f"answered  by {safe(decision.reviewer.name)}, {local(decision.recorded_at)}, attempt {decision.attempt}"
    yield from (f"  edited  {safe(mask_difference(one, keys).line)}" for one in edits(decision))
    if decision.comment:
        yield f"  comment {safe(decision.comment)}"
    yield f"sent\n{pretty(mask_secrets(decision.resume, keys))}"
    yield from (f"ran       {safe(one['node'])} {one['event']}" for one in told["ran"])
    for one in wrote["writes"]:
        value = mask_secrets({one["channel"]: one.get("value", f"({one.get('omitted')} characters)")}, keys)
        yield f"wrote     {safe(one['node'])}: {brief(value, length=400)}"
    settled = f", {local(decision.settled_at)}" if decision.settled_at else ""
    yield f"outcome   {decision.outcome.value}{settled}"
    if decision.error:
        yield safe_lines(decision.error)
    yield f"thread    {decision.checkpoint_before or '–'} → {decision.checkpoint_after or '–'}"


def _decisions(desk: Desk) -> Iterator[dict[str, Json]]:
    _, total = desk.decisions(limit=1)
    for offset in range((total - 1) // _PAGE * _PAGE, -1, -_PAGE):
        page, _ = desk.decisions(limit=_PAGE, offset=offset)
        yield from (lineage(decision) for decision in reversed(page))
