"""``signoff list``: what waits for somebody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli import output, sources
from signoff.cli.command import MOST, AsJson, Flags, Report, command, opened
from signoff.cli.text import local, table
from signoff.errors import SettingsInvalid
from signoff.links import SNOOZED, Snoozed, read_span
from signoff.reviews import OPEN, Due, Page, Priority, Query, Review, Sort, State

if TYPE_CHECKING:
    from signoff.desk import Desk


def _span(text: str) -> timedelta:
    try:
        return read_span(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error


@command("list")
def list_reviews(
    flags: Flags,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
    state: Annotated[
        list[State] | None, typer.Option(help="Only reviews in this state; may be given several times.")
    ] = None,
    search: Annotated[
        str, typer.Option(help="Only reviews with these words in title, payload, thread id or business key.")
    ] = "",
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only reviews of this source, where the desk has several.")
    ] = None,
    node: Annotated[str | None, typer.Option(metavar="NAME", help="Only reviews at this node.")] = None,
    dialect: Annotated[str | None, typer.Option(metavar="NAME", help="Only payloads of this dialect.")] = None,
    priority: Annotated[Priority | None, typer.Option(help="Only reviews of this priority.")] = None,
    assignee: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only reviews that this person, @me or @none has.")
    ] = None,
    group: Annotated[str | None, typer.Option(metavar="NAME", help="Only reviews for this group.")] = None,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only reviews with this tag.")] = None,
    due: Annotated[Due | None, typer.Option(help="Only reviews that are due by then.")] = None,
    older: Annotated[
        timedelta | None, typer.Option(parser=_span, metavar="SPAN", help="Only what waits longer: 30m, 4h, 2d.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only reviews with this business key, or NAME=VALUE for any key.")
    ] = None,
    sort: Annotated[Sort, typer.Option(help="In which order.")] = Sort.OLDEST,
    snoozed: Annotated[Snoozed, typer.Option(help="Whether to list what is put off until later.")] = Snoozed.NO,
    after: Annotated[
        str | None, typer.Option(metavar="REVIEW", help="Only what comes behind this review, open or closed.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many to list at most.")] = 50,
    offset: Annotated[int, typer.Option(min=0, max=MOST, help="How many to pass over.")] = 0,
) -> Report:
    """List what waits for somebody, oldest first.

    --graph NAME, without a path, lists the reviews of this graph alone. A review has to fulfil all that is asked for.
    """
    flags, graph = narrowed(flags)
    query = Query(
        states=tuple(state) if state else OPEN,
        source=source,
        graph=graph,
        node=node,
        dialect=dialect,
        priority=priority,
        assignee=assignee,
        group=group,
        tag=tag,
        due=due,
        older=older,
        key=key,
        search=search,
        snoozed=SNOOZED[snoozed],
        sort=sort,
        after=after,
        limit=limit,
        offset=offset,
    )
    with opened(flags) as (desk, settings):
        desk.scan()
        today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        query = query.seen_by(settings.reviewer, today=today)
        page = desk.queue(query)
        notes = (*_left_out(desk, query), *sources.notes(desk))
    return Report(data=output.listing(page), text=lambda: _text(page, query), notes=notes)


def _left_out(desk: Desk, query: Query) -> tuple[str, ...]:
    """Return a sentence about the snoozed reviews that are like those listed, where there are any."""
    later = desk.queue(replace(query, snoozed=True, after=None, limit=1)).total if query.snoozed is False else 0
    return (f"Snoozed and left out: {later}. List them with --snoozed also.",) if later else ()


def narrowed(flags: Flags) -> tuple[Flags, str | None]:
    """Take ``--graph NAME`` for a filter, ``--graph NAME=path.py:attribute`` for a graph to load.

    Returns the other flags and the name. Raises `SettingsInvalid` for more than one name.
    """
    sources = [given for given in flags.graph or () if "=" in given]
    names = [given for given in flags.graph or () if "=" not in given]
    if len(names) > 1:
        raise SettingsInvalid(f"A list is of one graph; {' and '.join(names)} were given. Name one of them.")
    return replace(flags, graph=sources), next(iter(names), None)


def _text(page: Page, query: Query) -> str:
    if not page.total:
        return "Nothing is waiting."
    several = any(review.source for review in page.reviews)
    rows = [
        (
            review.id,
            *([review.source or "-"] if several else []),
            local(review.paused_at),
            f"{_graph(review)}/{review.node or '?'}",
            f"{review.kind.value}/{review.state.value}{f' by {review.assignee}' if review.assignee else ''}",
            review.title,
        )
        for review in page.reviews
    ]
    listed = table(
        ("review", *(["source"] if several else []), "waiting since", "graph/node", "kind/state", "title"), rows
    )
    last = query.offset + len(page.reviews)
    more = f"; --offset {last} lists the next" if last < page.total and not query.after else ""
    return f"{listed}\n\n{len(rows)} of {page.total}{more}"


def _graph(review: Review) -> str:
    return (review.graph or "?").removeprefix(f"{review.source}/" if review.source else "")
