"""``signoff rerun`` and ``signoff fork``: go back to an earlier checkpoint of a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli import output
from signoff.cli.command import AsJson, Flags, Report, command, opened
from signoff.cli.deciding import EXIT_CODES, AnswerUnreadable, read_answer, see_through
from signoff.cli.text import safe
from signoff.decisions import Decision, Reviewer
from signoff.reviews import Json, Review, State

if TYPE_CHECKING:
    from signoff.desk import Desk
    from signoff.travel import Departure

Thread = Annotated[str, typer.Argument(metavar="THREAD", help="The thread's id.")]
Checkpoint = Annotated[str, typer.Argument(metavar="CHECKPOINT", help="A checkpoint's id, from `signoff history`.")]
Comment = Annotated[str, typer.Option(help="Why; kept on record.")]
Values = Annotated[
    str | None,
    typer.Option(metavar="JSON|@FILE|-", help="What the state is to hold, by channel; others stay as they were."),
]
Wait = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", min=0, help="Wait for the outcome; runs the engine if none does."),
]
Key = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Given again, it names the same request, which is done once.")
]
Record = Callable[["Desk", "Departure", Reviewer, "dict[str, Json] | None"], Decision]


@command("rerun")
def rerun(
    flags: Flags,
    thread: Thread,
    checkpoint: Checkpoint,
    comment: Comment,
    values: Values = None,
    key: Key = None,
    wait: Wait = None,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Run a thread again from an earlier checkpoint, with an edited state if --values says so.

    The nodes that were to run there run again, and what follows them; their side effects happen again. The thread goes
    on from there; what it did before stays in its history as a branch.
    """

    def record(desk: Desk, leaving: Departure, reviewer: Reviewer, edited: dict[str, Json] | None) -> Decision:
        from signoff import travel

        return travel.rerun(desk, leaving, reviewer=reviewer, comment=comment, values=edited, token=key)

    return _travel(flags, thread, checkpoint, values, wait, record)


@command("fork")
def fork(
    flags: Flags,
    thread: Thread,
    checkpoint: Checkpoint,
    comment: Comment,
    to: Annotated[str | None, typer.Option(metavar="NEW", help="The new thread's id; by default one is made.")] = None,
    values: Values = None,
    run: Annotated[bool, typer.Option("--run", help="Run the new thread at once.")] = False,
    key: Key = None,
    wait: Wait = None,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Begin a new thread with the state that a thread had at a checkpoint; the old one is not touched."""

    def record(desk: Desk, leaving: Departure, reviewer: Reviewer, edited: dict[str, Json] | None) -> Decision:
        from signoff import travel

        return travel.fork(desk, leaving, reviewer=reviewer, comment=comment, to=to, values=edited, run=run, token=key)

    return _travel(flags, thread, checkpoint, values, wait, record)


def _travel(
    flags: Flags, thread: str, checkpoint: str, values: str | None, wait: float | None, record: Record
) -> Report:
    edited = None if values is None else read_answer(values, option="--values")
    if edited is not None and not isinstance(edited, dict):
        raise AnswerUnreadable("--values must be a JSON object, with one member per channel. Nothing was done.")
    with opened(flags) as (desk, settings):
        from signoff import travel
        from signoff.engine import alive

        desk.scan()
        leaving = travel.departure(desk, thread, checkpoint)
        decision = record(desk, leaving, Reviewer(name=settings.reviewer), edited)
        if wait is not None:
            decision = see_through(desk, settings, decision, seconds=wait)
        desk.scanner.look([thread, decision.home])
        engine = alive(desk.database, decision.graph)
        upcoming = [each for each in desk.open_on(decision.home) if each.state is not State.APPLYING]
    return Report(
        data={**output.deciding(decision, upcoming), "thread_id": decision.home, "again": list(leaving.again)},
        text=lambda: _text(decision, upcoming),
        notes=_notes(decision, leaving, waited=wait, engine=engine),
        exit_code=EXIT_CODES.get(decision.outcome, 0),
    )


def _text(decision: Decision, upcoming: list[Review]) -> str:
    lines = [f"{decision.outcome.value}: {safe(decision.title)} (decision {decision.id})"]
    if decision.forks:
        lines.append(f"thread: {safe(decision.home)}")
    return "\n".join([*lines, *(f"next: {each.id}  {safe(each.title)}" for each in upcoming)])


def _notes(decision: Decision, leaving: Departure, *, waited: float | None, engine: bool) -> tuple[str, ...]:
    if decision.outcome.final:
        return (f"{decision.outcome.value}: {decision.error.splitlines()[0]}",) if decision.error else ()
    notes = [leaving.warning] if decision.resume["run"] else []
    if waited is not None:
        notes.append(f"It is on record; it had no outcome within {waited:g} s.")
    if not engine:
        notes.append("No engine runs now: it is done when `signoff serve` or `signoff work` starts.")
    return tuple(notes)
