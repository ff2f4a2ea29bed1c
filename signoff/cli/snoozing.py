"""``signoff snooze``: put a review off, or wake it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from signoff.cli.command import AsJson, Flags, Report, command, opened
from signoff.cli.showing import ReviewId
from signoff.cli.text import local
from signoff.decisions import Reviewer
from signoff.errors import SettingsInvalid
from signoff.wire import row


@command("snooze")
def snooze(
    flags: Flags,
    review: ReviewId,
    until: Annotated[
        str | None, typer.Option(metavar="TIME|SPAN", help="2026-03-01T09:00 (this machine's zone), or 2h, 3d, PT90M.")
    ] = None,
    wake: Annotated[bool, typer.Option("--wake", help="Show the review in the queue again.")] = False,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Leave a review out of the queue until later, or wake it. It stays open, and its deadlines stay."""
    if wake == (until is not None):
        raise SettingsInvalid("Give either --until, or --wake. Nothing was changed.")
    with opened(flags) as (desk, settings):
        from signoff import timing

        desk.scan()
        reviewer = Reviewer(name=settings.reviewer)
        if until is None:
            timing.wake(desk, review, reviewer=reviewer)
        else:
            timing.snooze(desk, review, read_moment(until), reviewer=reviewer)
        found = desk.review(review)
    later = f"{found.id} is snoozed until {local(found.follow_up_at)}" if found.follow_up_at else f"{found.id} is awake"
    return Report(data=row(found), text=lambda: later)


def read_moment(text: str) -> datetime:
    """Return when that is: a span from now, or an ISO 8601 time, in this machine's zone unless it names another.

    Raises `SettingsInvalid`.
    """
    from signoff.durations import read_duration

    if span := read_duration(text):
        return datetime.now(UTC) + span
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SettingsInvalid(
            f"{text!r} is no time. Write 2026-03-01T09:00, or a span such as 2h, 3d or PT90M; nothing was changed."
        ) from error
