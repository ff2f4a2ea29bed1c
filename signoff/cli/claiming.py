"""``signoff claim``, ``release``, ``assign`` and ``comment``: who works on what, and what they remark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli import output
from signoff.cli.command import AsJson, Flags, Report, command, opened
from signoff.cli.showing import ReviewId, told_claim
from signoff.cli.text import safe
from signoff.decisions import Reviewer
from signoff.durations import LONGEST
from signoff.errors import SignoffError
from signoff.reviews import Query

if TYPE_CHECKING:
    from signoff.desk import Desk

_LONGEST = LONGEST.total_seconds() / 60
Minutes = Annotated[
    float | None, typer.Option("--for", metavar="MINUTES", min=0.1, max=_LONGEST, help="How long it lasts.")
]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept on record.")]


class ClaimUnclear(SignoffError):
    """A review was named together with ``--next``, or neither was given."""


class NothingFree(SignoffError):
    """Everything that waits is claimed, or meant for others."""

    exit_code = 3


@command("claim")
def claim(
    flags: Flags,
    review: Annotated[
        str | None, typer.Argument(metavar="REVIEW", help="The review's id, from `signoff list`; or give --next.")
    ] = None,
    next_one: Annotated[bool, typer.Option("--next", help="The oldest review that nobody has.")] = False,
    minutes: Minutes = None,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Take a review, so that nobody else works on it. It is given back when the time is over, or by `release`."""
    if (review is None) != next_one:
        raise ClaimUnclear("Say which review: its id, or --next. Nothing was claimed.")
    with opened(flags) as (desk, settings):
        from signoff import claims

        desk.scan()
        me = Reviewer(name=settings.reviewer)
        lasting = settings.claim_minutes if minutes is None else minutes
        if review is None:
            event = claims.claim_next(desk, Query(snoozed=False), reviewer=me, minutes=lasting)
            if event is None:
                raise NothingFree("Nothing is free for you: all that waits is claimed, or meant for others.")
            review = event.review_id
        else:
            claims.claim(desk, review, reviewer=me, minutes=lasting)
        return _held(desk, review)


@command("release")
def release(flags: Flags, review: ReviewId, as_json: AsJson = False) -> Report:  # noqa: ARG001 - read at printing
    """Give a review back that you have."""
    with opened(flags) as (desk, settings):
        from signoff import claims

        desk.scan()
        claims.release(desk, review, reviewer=Reviewer(name=settings.reviewer))
        return _held(desk, review)


@command("assign")
def assign(
    flags: Flags,
    review: ReviewId,
    to: Annotated[str, typer.Option(metavar="NAME", help="Who is to have it; yourself to take it over.")],
    reason: Why,
    minutes: Minutes = None,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Give a review to somebody, whoever has it now. Without --for it stays with them until somebody changes that."""
    with opened(flags) as (desk, settings):
        from signoff import claims

        desk.scan()
        me = Reviewer(name=settings.reviewer)
        claims.assign(desk, review, to=to, reason=reason, reviewer=me, minutes=minutes)
        return _held(desk, review)


@command("comment")
def comment(
    flags: Flags,
    review: ReviewId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Plain text.")],
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Write a comment on a review, open or closed."""
    with opened(flags) as (desk, settings):
        from signoff import comments

        desk.scan()
        written = comments.comment(desk, review, text, reviewer=Reviewer(name=settings.reviewer))
    return Report(data=output.remark(written), text=lambda: f"comment {written.seq} on {written.review_id}")


def _held(desk: Desk, review_id: str) -> Report:
    from signoff import claims

    held = claims.held(desk, review_id)
    return Report(
        data={"review": review_id, "claim": output.holding(held)}, text=lambda: f"{review_id}: {safe(told_claim(held))}"
    )
