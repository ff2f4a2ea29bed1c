"""``signoff bulk``: one answer to many reviews that ask the same, after a dry run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli.command import AsJson, Flags, Report, command, opened
from signoff.cli.deciding import read_answer
from signoff.cli.listing import narrowed
from signoff.cli.text import brief, table
from signoff.decisions import Reviewer
from signoff.errors import CommentMissing, SelectionChanged
from signoff.reviews import Json, Query

if TYPE_CHECKING:
    from signoff.bulk import Item, Plan
    from signoff.desk import Desk


@command("bulk")
def decide_many(
    flags: Flags,
    answer: Annotated[
        str, typer.Option(metavar="JSON|@FILE|-", help="The answer as JSON; @FILE reads a file, - standard input.")
    ],
    reviews: Annotated[
        list[str] | None,
        typer.Argument(metavar="REVIEW…", help="The reviews, by their ids; or choose them by filters."),
    ] = None,
    node: Annotated[str | None, typer.Option(metavar="NAME", help="Only reviews at this node.")] = None,
    search: Annotated[str, typer.Option(help="Only reviews with these words.")] = "",
    comment: Annotated[str, typer.Option(help="Why; kept on record with each decision. Required to send.")] = "",
    send: Annotated[
        str | None, typer.Option(metavar="FINGERPRINT", help="Send what a dry run with this fingerprint showed.")
    ] = None,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Say what one answer would be sent to, and with --send, send it: one decision for each review.

    --graph NAME, without a path, takes the reviews of this graph alone; what is snoozed is taken by its id only. Only
    reviews that ask the same are answered; whatever is left out is listed with the reason. Sending repeats the dry run,
    and stops if it has another result.
    """
    given = read_answer(answer)
    flags, graph = narrowed(flags)
    if send is not None and not comment.strip():
        raise CommentMissing
    with opened(flags) as (desk, settings):
        from signoff import bulk

        reviewer = Reviewer(name=settings.reviewer)
        desk.scan()
        query = Query(graph=graph, node=node, search=search, snoozed=False, limit=bulk.MOST)
        chosen, more = _chosen(desk, reviews or (), query)
        selection = bulk.alike(desk, chosen)
        plan = bulk.Plan(answer=given, items=selection.left_out)
        if selection.groups:
            plan = bulk.dry_run(desk, selection, selection.groups[0], given, reviewer=reviewer)
        if send is not None and send != plan.fingerprint:
            raise SelectionChanged
        items = plan.items
        if send is not None:
            items = tuple(bulk.carry_out(desk, plan, reviewer=reviewer, comment=comment))
    left_out = sum(bool(item.left_out) for item in items)
    return Report(
        data=_data(plan, items, sent=send is not None),
        text=lambda: _text(plan, items, sent=send is not None),
        notes=(f"{more} more match; run this again when these are decided.",) if more else (),
        exit_code=3 if send is not None and left_out else 0,
    )


def _chosen(desk: Desk, named: Sequence[str], query: Query) -> tuple[list[str], int]:
    """Return the ids of what is meant, and how many more there are than can be answered at a time."""
    if named:
        return list(named), max(len(set(named)) - query.limit, 0)
    page = desk.queue(query)
    return [review.id for review in page.reviews], page.total - len(page.reviews)


def _data(plan: Plan, items: Sequence[Item], *, sent: bool) -> Json:
    return {
        "fingerprint": plan.fingerprint,
        "bulk": plan.id if sent else None,
        "answer": plan.answer,
        "items": [
            {
                "review": item.review_id,
                "thread_id": item.thread_id,
                "title": item.title,
                "resume": item.resume,
                "left_out": item.left_out or None,
                "decision": item.decision.id if item.decision else None,
            }
            for item in items
        ],
    }


def _text(plan: Plan, items: Sequence[Item], *, sent: bool) -> str:
    done = [item for item in items if not item.left_out]
    word = "recorded" if sent else "would be sent"
    rows = [
        (item.review_id, item.thread_id, "left out" if item.left_out else word, item.left_out or brief(item.resume))
        for item in items
    ]
    listed = table(("review", "thread", "", "what, or why not"), rows)
    counted = f"{len(done)} {word}, {len(items) - len(done)} left out."
    if sent or not done:
        return f"{listed}\n\n{counted}"
    return f"{listed}\n\n{counted} Nothing was sent. Send it with --send {plan.fingerprint} --comment TEXT"
