"""``signoff show``: one review with everything a reviewer is shown, and how to answer it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli import output
from signoff.cli.command import AsJson, Flags, Report, command, opened
from signoff.cli.text import brief as short
from signoff.cli.text import local, pretty, safe, safe_lines, table
from signoff.reviews import Absent

if TYPE_CHECKING:
    from signoff.briefs import Brief
    from signoff.claims import Claim
    from signoff.comments import Comment
    from signoff.forms.fields import Field, Option
    from signoff.settings import Settings
    from signoff.timing import Outlook

_NESTED = ("union", "array", "object", "json")

ReviewId = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's id, from `signoff list`.")]


@command("show")
def show(flags: Flags, review: ReviewId, as_json: AsJson = False) -> Report:  # noqa: ARG001 - read at printing
    """Show one review: what it asks, its form, its digest. Secrets are masked, but in the JSON and in the answer."""
    with opened(flags) as (desk, settings):
        from signoff import timing
        from signoff.forms import build_form
        from signoff.forms.fields import leaves

        desk.scan()
        brief = desk.brief(review)
        known, held, remarks = timing.outlook(desk, brief), brief.dossier.claim, brief.dossier.comments
        fields = list(leaves(build_form(brief.waiting.card.schema, brief.waiting.card.prefill).root))
    told = {"claim": output.holding(held), "comments": [output.remark(one) for one in remarks]}
    data = output.showing(brief, fields) | output.timed(brief.review, known) | told
    facts = [*_facts(brief), *_times(brief, known), ("held by", told_claim(held)), *_remarks(remarks)]
    return Report(data=data, text=lambda: "\n".join(_lines(brief, fields, facts, settings)))


def _lines(
    brief: Brief, fields: Sequence[Field], facts: Sequence[tuple[str, str]], settings: Settings
) -> Iterator[str]:
    from signoff.dialects.masking import mask_secrets, secret_keys

    waiting, card = brief.waiting, brief.waiting.card
    body = mask_secrets(card.body, secret_keys(settings.masking.keys))
    yield safe(waiting.review.title)
    yield ""
    yield table(("", ""), facts).lstrip("\n")
    if body not in ("", None):
        yield f"\n{safe_lines(body) if isinstance(body, str) else pretty(body)}"
    if card.note:
        yield f"\n{safe_lines(card.note)}"
    if fields:
        yield f"\n{table(('field', 'kind', 'required', 'label'), [_field(each) for each in fields])}"
    if any(each.kind in _NESTED or len(each.path) > 1 for each in fields):
        yield f"\nAn answer has this schema:\n{pretty(card.schema)}"
    if not isinstance(card.prefill, Absent):
        yield f"\nThe form begins with:\n{pretty(card.prefill)}"
    yield f"\nDecide:\n  {_example(brief, fields)}"


def _facts(brief: Brief) -> Iterator[tuple[str, str]]:
    review = brief.waiting.review
    yield "review", review.id
    yield "thread", review.thread_id
    if review.source:
        yield "source", review.source
    yield "graph", review.graph or f"not certain; name it with --use-graph: {', '.join(brief.graphs) or 'none fits'}"
    yield "node", review.node or "?"
    yield "state", f"{review.kind.value}/{brief.review.state.value}, since {local(brief.review.paused_at)}"
    yield "dialect", brief.waiting.card.dialect
    if since := brief.code_changed_since:
        yield "code", f"node {review.node} has changed since {local(since)}; it runs as it is now"
    yield "digest", brief.digest
    for decision in brief.decisions:
        yield "decided", f"{decision.outcome.value} · {decision.reviewer.name} · {local(decision.recorded_at)}"


def _times(brief: Brief, known: Outlook) -> Iterator[tuple[str, str]]:
    review, plan, timer = brief.review, known.plan, known.timer
    if review.expires_at and plan:
        does = "" if isinstance(plan.answer, Absent) else f", with {short(plan.answer)}"
        yield "expires", f"{local(review.expires_at)}: {plan.then.value}, as {plan.by} says{does}"
    if plan and plan.note:
        yield "time", plan.note
    if review.escalated_at:
        yield "escalated", f"since {local(review.escalated_at)}"
    if timer and timer.problem:
        yield "not done", timer.problem
    if review.follow_up_at:
        yield "snoozed", f"until {local(review.follow_up_at)}{f', by {known.snooze.by}' if known.snooze else ''}"


def told_claim(claim: Claim | None) -> str:
    """Return who has a review, for people. Make it safe before it is printed."""
    if claim is None:
        return "nobody"
    until = f" until {local(claim.expires_at)}" if claim.expires_at else ""
    given = f", given by {claim.given_by}: {claim.reason}" if claim.given_by != claim.holder else ""
    return f"{claim.holder} since {local(claim.since)}{until}{given}"


def _remarks(remarks: Sequence[Comment]) -> Iterator[tuple[str, str]]:
    for one in remarks:
        said = "(withdrawn)" if one.withdrawn_at else one.text
        yield "comment", f"{one.author.name} · {local(one.at)} · {said}"


def _field(each: Field) -> tuple[str, str, str, str]:
    path = ".".join(map(str, each.path)) or "(answer)"
    options = [json.dumps(option.value, ensure_ascii=False) for option in _options(each)]
    label = f"{each.label}: {' | '.join(options)}" if options else each.label
    return path, str(each.kind), "yes" if each.required else "", label


def _options(each: Field) -> list[Option]:
    from signoff.forms.fields import Leaf

    options = each.options if isinstance(each, Leaf) and each.kind != "boolean" else ()
    return [option for option in options if not isinstance(option.value, Absent)]


def _example(brief: Brief, fields: Sequence[Field]) -> str:
    prefill = brief.waiting.card.prefill
    answer = shlex.quote(_skeleton(fields) if isinstance(prefill, Absent) else json.dumps(prefill))
    return f"signoff decide {brief.review.id} --answer {answer} --seen {brief.digest} --wait 60"


def _skeleton(fields: Sequence[Field]) -> str:
    """Return the answer's outline. It is no JSON, so that nobody approves by pasting it."""
    if all(len(each.path) == 1 for each in fields):
        return f"{{{', '.join(f'{json.dumps(each.path[0])}: {_place(each)}' for each in fields)}}}"
    return _place(fields[0]) if len(fields) == 1 and not fields[0].path else "<JSON>"


def _place(field: Field) -> str:
    """Return the place for a value; of a text within the quotes that JSON wants."""
    from signoff.forms.fields import TEXTS, TIMES

    return f'"<{field.kind}>"' if field.kind in (*TEXTS, *TIMES) else f"<{field.kind}>"
