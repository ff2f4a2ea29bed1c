"""``signoff threads``: every thread, whether or not it waits for somebody."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli import sources
from signoff.cli.command import MOST, AsJson, Flags, Report, command, opened
from signoff.cli.listing import narrowed
from signoff.cli.text import local, table
from signoff.errors import SettingsInvalid
from signoff.reviews import Json
from signoff.threads import Thread, ThreadPage, ThreadQuery, ThreadState, read_key, read_since
from signoff.wire import time_text


@command("threads")
def list_threads(
    flags: Flags,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
    state: Annotated[ThreadState | None, typer.Option(help="Only threads in this state.")] = None,
    search: Annotated[
        str, typer.Option(help="Only threads with these words in id, graph, business key or metadata.")
    ] = "",
    key: Annotated[
        str, typer.Option(metavar="NAME=VALUE", help="Only threads with this in their metadata, or as business_key.")
    ] = "",
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only threads of this source, where the desk has several.")
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Only threads written to since then: ISO 8601, or a span such as 7d.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many to list at most.")] = 50,
    offset: Annotated[int, typer.Option(min=0, max=MOST, help="How many to pass over.")] = 0,
) -> Report:
    """List all threads, the latest written first.

    --graph NAME, without a path, lists the threads of this graph alone.
    """
    flags, graph = narrowed(flags)
    after, pair = read_since(since), read_key(key)
    if since and not after:
        raise SettingsInvalid(f"--since {since!r} is neither a time such as 2026-11-21 nor a span such as 7d.")
    if key and not pair:
        raise SettingsInvalid(f"--key {key!r} is not NAME=VALUE.")
    query = ThreadQuery(
        search=search, state=state, graph=graph, source=source, since=after, key=pair, limit=limit, offset=offset
    )
    with opened(flags) as (desk, _):
        desk.scan()
        page = desk.database.threads.page(query)
        notes = sources.notes(desk)
    listed: Json = [_row(thread) for thread in page.threads]
    return Report(data={"total": page.total, "threads": listed}, text=lambda: _text(page, offset), notes=notes)


def _row(thread: Thread) -> Json:
    return {
        "thread_id": thread.thread_id,
        "source": thread.source,
        "graph": thread.graph,
        "state": thread.state.value,
        "business_key": thread.business_key,
        "checkpoint_id": thread.checkpoint_id,
        "step": thread.step,
        "next": list(thread.next),
        "updated_at": time_text(thread.updated_at),
    }


def _text(page: ThreadPage, offset: int) -> str:
    if not page.total:
        return "No thread is like this."
    rows = [
        (local(one.updated_at), one.state.value, one.graph or "?", one.step, one.thread_id, one.business_key or "")
        for one in page.threads
    ]
    listed = table(("written", "state", "graph", "step", "thread", "business key"), rows)
    last = offset + len(page.threads)
    more = f"; --offset {last} lists the next" if last < page.total else ""
    return f"{listed}\n\n{len(rows)} of {page.total}{more}"
