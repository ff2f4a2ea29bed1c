"""``signoff decide``: answer a review, and see to it that the answer is applied."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli import output
from signoff.cli.command import AsJson, Flags, Report, command, failure, opened
from signoff.cli.text import safe
from signoff.decisions import Decision, Outcome, Reviewer
from signoff.errors import ReviewChanged, ReviewNotFound, SignoffError
from signoff.reviews import Json, Review, State

if TYPE_CHECKING:
    from signoff.desk import Desk
    from signoff.settings import Settings

EXIT_CODES = {Outcome.REFUSED: 4, Outcome.SUPERSEDED: 3, Outcome.FAILED: 7}
_LOOK_SECONDS = 0.5
_UNQUOTED = 60  # characters of a bad answer up to which the message says how to quote it


class AnswerUnreadable(SignoffError):
    """What was given as the answer is not JSON, or cannot be read."""


class ReviewNamedBadly(SignoffError):
    """A review was named by its id and by a key, or by neither."""


@command("decide")
def decide(
    flags: Flags,
    answer: Annotated[
        str, typer.Option(metavar="JSON|@FILE|-", help="The answer as JSON; @FILE reads a file, - standard input.")
    ],
    review: Annotated[
        str | None, typer.Argument(metavar="REVIEW", help="The review's id, from `signoff list`; or give --key.")
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Instead of REVIEW: a key that one waiting review carries."),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="The answer is the exact value to resume with.")] = False,
    comment: Annotated[str, typer.Option(help="A remark for the record.")] = "",
    seen: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Only if the review still is what `signoff show` showed.")
    ] = None,
    use_graph: Annotated[
        str | None, typer.Option(metavar="NAME", help="The graph to which the thread belongs, where it is not certain.")
    ] = None,
    wait: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0, help="Wait for the outcome; runs the engine if none does.")
    ] = None,
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Answer a review, by its id or by a key that its payload, its thread's state or its metadata carries.

    The first answer wins. It is on record when this returns, and with --wait applied as well: where no engine is
    alive on the desk, this command runs one until the outcome is there.
    """
    given = read_answer(answer)
    with opened(flags) as (desk, settings):
        from signoff.engine import alive

        reviewer = Reviewer(name=settings.reviewer, source="message" if key else "local")
        asked = _asked(desk, review, key or ())
        if use_graph is not None:
            desk.choose_graph(asked.thread_id, use_graph, reviewer=reviewer)
        try:
            decision = desk.decide(asked.id, given, reviewer=reviewer, seen=seen, comment=comment, raw=raw)
        except ReviewChanged as changed:
            return failure(changed, notes=_changes(changed, settings))
        if wait is not None:
            decision = see_through(desk, settings, decision, seconds=wait)
        desk.scanner.look([decision.thread_id])
        engine = alive(desk.database, decision.graph)
        upcoming = [each for each in desk.open_on(decision.thread_id) if each.state is not State.APPLYING]
    return Report(
        data=output.deciding(decision, upcoming),
        text=lambda: _text(decision, upcoming),
        notes=tuple(_notes(decision, waited=wait, engine=engine)),
        exit_code=EXIT_CODES.get(decision.outcome, 0),
    )


def see_through(desk: Desk, settings: Settings, decision: Decision, *, seconds: float) -> Decision:
    """Return the decision with its outcome, or as it is after ``seconds``.

    Runs the desk's engine meanwhile, from the start or as soon as the process that runs it has died. An engine that was
    started stays until the nodes that it runs have come to their end: leaving earlier would make them run again.
    """
    from signoff.engine import alive, wait_for
    from signoff.wiring import open_engine

    deadline = time.monotonic() + seconds
    engine = open_engine(desk, settings)
    found: Decision | None = decision
    try:
        while found and not found.outcome.final and (left := deadline - time.monotonic()) > 0:
            if not engine.running and not alive(desk.database, decision.graph):
                engine.start()
            found = wait_for(desk.database, decision.id, seconds=min(_LOOK_SECONDS, left))
        if engine.running and found and found.outcome is Outcome.APPLYING:
            typer.echo(
                "A node has begun to run; it is waited for, since leaving now would make it run again.", err=True
            )
        engine.stop(grace_seconds=None)
    except BaseException:  # Ctrl-C: to the decision, a crash like any other
        engine.stop(grace_seconds=1)
        raise
    return desk.decision(decision.id) or decision


def read_answer(given: str, *, option: str = "--answer") -> Json:
    """Return the answer as JSON, from the text itself, a file (``@name``) or standard input (``-``).

    Raises `AnswerUnreadable`.
    """
    try:
        return json.loads(_text_of(given), parse_constant=_no_json)
    except (OSError, UnicodeDecodeError) as error:
        raise AnswerUnreadable(f"The answer cannot be read: {error}. Nothing was sent.") from error
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable(f"{option} is not JSON: {error}. {_advice(given)}") from error


def _text_of(given: str) -> str:
    if given == "-":
        return sys.stdin.buffer.read().decode("utf-8-sig")
    return Path(given[1:]).read_text(encoding="utf-8-sig") if given.startswith("@") else given


def _no_json(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON number")


def _advice(given: str) -> str:
    if given == "-" or given.startswith("@") or len(given) > _UNQUOTED or given.lstrip().startswith(("{", "[")):
        return "Nothing was sent; put the JSON into single quotes, so that the shell leaves it alone."
    return f"A text needs quotes of its own: --answer {shlex.quote(json.dumps(given, ensure_ascii=False))}"


def _asked(desk: Desk, review_id: str | None, keys: Sequence[str]) -> Review:
    """Return the review that is meant. Raises `ReviewNamedBadly`, and what `find_review` raises."""
    from signoff.correlation import find_review, parse_keys

    if bool(review_id) == bool(keys):
        raise ReviewNamedBadly("Say which review is meant: either its id, or --key name=value. Nothing was sent.")
    return _find(desk, review_id) if review_id else find_review(desk, parse_keys(keys)).review


def _find(desk: Desk, review_id: str) -> Review:
    try:
        return desk.review(review_id)
    except ReviewNotFound:
        desk.scan()
        return desk.review(review_id)


def _changes(changed: ReviewChanged, settings: Settings) -> tuple[str, ...]:
    from signoff.dialects.masking import mask_difference, secret_keys

    return tuple(f"  {mask_difference(one, secret_keys(settings.masking.keys)).line}" for one in changed.changes)


def _notes(decision: Decision, *, waited: float | None, engine: bool) -> list[str]:
    if decision.outcome.final:
        return [f"{decision.outcome.value}: {decision.error.splitlines()[0]}"] if decision.error else []
    late = f"The answer is on record; it had no outcome within {waited:g} s." if waited is not None else ""
    idle = "" if engine else "No engine runs now: the answer is applied when `signoff serve` or `signoff work` starts."
    return [" ".join(filter(None, (late, idle)))] if late or idle else []


def _text(decision: Decision, upcoming: list[Review]) -> str:
    who = f"{safe(decision.reviewer.name)} on {safe(decision.title)!r}"
    lines = [f"{decision.outcome.value}: {who} (decision {decision.id})"]
    lines += [f"next: {each.id}  {safe(each.title)}" for each in upcoming]
    return "\n".join(lines)
