"""``signoff history``: a thread's steps, what each changed, and who decided what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli import output
from signoff.cli.command import MOST, AsJson, Flags, Report, command, opened
from signoff.cli.text import brief, local, safe
from signoff.differences import differences
from signoff.reviews import Kind

if TYPE_CHECKING:
    from signoff.channels import Turn
    from signoff.decisions import Decision
    from signoff.history import Change, Moment

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@command("history")
def history(
    flags: Flags,
    thread: Annotated[str, typer.Argument(metavar="THREAD", help="The thread's id.")],
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
    diff: Annotated[bool, typer.Option("--diff", help="Show what each step changed.")] = False,
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="NAME", help="Show only when this part of the state changed.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many steps to show at most, the newest.")] = 50,
) -> Report:
    """Show a thread's steps and decisions, newest first."""
    if channel is not None:
        return _of_channel(flags, thread, channel, limit)
    with opened(flags) as (desk, _):
        moments = desk.history(thread, limit=limit + 1)[:limit]  # one more: the last one shown is compared with it
        graph, _candidates = desk.graph_of(thread)
    data = output.telling(thread, graph, moments, diff=diff)
    return Report(data=data, text=lambda: "\n".join(_lines(moments, diff=diff)))


def _of_channel(flags: Flags, thread: str, channel: str, limit: int) -> Report:
    from signoff.channels import turns

    with opened(flags) as (desk, _):
        found = list(islice(turns(desk, thread, channel), limit))
    data = {"thread_id": thread, "channel": channel, "changes": [output.turn(one) for one in found]}
    return Report(data=data, text=lambda: "\n".join(_turns(found)) or f"{safe(channel)} never held a value.")


def _turns(found: Sequence[Turn]) -> Iterator[str]:
    for one in found:
        by = f"  by {', '.join(map(safe, one.wrote))}" if one.wrote else ""
        yield f"{one.step.step:>4}  {local(one.step.created_at)}  {safe(one.step.checkpoint_id)}{by}"
        yield from (f"      {safe(each.line)}" for each in differences(one.before, one.after))


def _lines(moments: Sequence[Moment], *, diff: bool) -> Iterator[str]:
    for moment in moments:
        step = moment.step
        due = f"  next: {', '.join(map(safe, step.to_run))}" if step.to_run else ""
        yield f"{step.step:>4}  {local(step.created_at)}  {safe(step.source):<6}  {safe(step.checkpoint_id)}{due}"
        for question in step.interrupts:
            yield f"      ? {safe(question.node or '')}: {brief(question.payload)}"
        for decision in moment.decisions:
            yield f"      ! {_decided(decision)}"
        if step.error:
            yield f"      x {safe(step.error.splitlines()[0])}"
        if diff:
            yield from (f"      {_change(change)}" for change in moment.changes)


def _decided(decision: Decision) -> str:
    from signoff.history import in_words

    answer = "" if decision.kind is Kind.TRAVEL else f"  {brief(decision.answer)}"
    return f"{safe(in_words(decision))}: {decision.outcome.value}{answer}"


def _change(change: Change) -> str:
    sides = {"added": [change.after], "removed": [change.before]}.get(change.how, [change.before, change.after])
    return f"{_SIGNS.get(change.how, ' ')} {safe(change.channel)}: {' → '.join(map(brief, sides))}"
