"""Cards for threads that wait without a question: a breakpoint, a failed node, a stuck answer, a run that died."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from signoff.dialects.card import Card
from signoff.dialects.masking import DEFAULT_KEYS, mask_secrets
from signoff.dialects.shapes import branch, embedded, fields
from signoff.dialects.wording import one_line
from signoff.forms import find_problems
from signoff.forms.equality import identical
from signoff.reviews import ABSENT, Json
from signoff.storable import find_unstorable
from signoff.verdicts import Judgement, Verdict

CONTINUE: Final = "continue"
RETRY: Final = "retry"
ASK_AGAIN: Final = "ask again"
EDIT: Final = "edit"
SKIP: Final = "skip"
END: Final = "end"


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a reviewer can change on a paused thread.

    ``channels`` holds the JSON Schema of each channel of its state, ``values`` what they hold, ``nodes`` where it could
    go. Channels whose value is a secret or does not fit its schema are not offered.
    """

    channels: Mapping[str, Json] = field(default_factory=dict)
    values: Mapping[str, Json] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()

    @property
    def editable(self) -> dict[str, Json]:
        """Return the schema of each channel that can be edited, its present value as the default."""
        shown = {name: _beginning(schema, self.values, name) for name, schema in self.channels.items()}
        return {name: schema for name, schema in shown.items() if schema is not None}


NOTHING: Final = Means()


def breakpoint_card(nodes: str | Sequence[str], when: str, means: Means = NOTHING) -> Card:
    """Return the card of a static breakpoint: ``nodes`` run next (``before``) or have just run (``after``)."""
    named = _listed(nodes)
    elsewhere = [node for node in means.nodes if when == "after" or node not in nodes]
    card = _card(
        "breakpoint",
        title=f"Continue to {named}?" if when == "before" else f"Continue after {named}?",
        body=f"The graph was compiled to pause {when} {named}.",
        actions=[
            _does(CONTINUE, "Continue"),
            *_edit("Edit the state, then continue", means),
            *_skip(elsewhere),
            *_end(means),
        ],
        means=means,
    )
    return replace(card, judge=_judged)


def _judged(resume: Json) -> Judgement:
    """Return what is said at a breakpoint: skipping and ending keep the graph from going on as it would have."""
    action, values = (resume.get("action"), resume.get("values")) if isinstance(resume, dict) else (CONTINUE, None)
    if action in (SKIP, END):
        return Judgement(verdict=Verdict.REJECTED)
    return Judgement(verdict=Verdict.EDITED if action == EDIT and values else Verdict.APPROVED)


def failed_card(node: str | Sequence[str], error: str, means: Means = NOTHING) -> Card:
    """Return the card of a thread whose node raised; ``error`` is shown as it is."""
    named = _listed(node)
    return _card(
        "failed",
        title=f"Retry {named}?",
        body={"node": named, "error": error},
        actions=[_does(RETRY, "Retry"), *_edit("Edit the state, then retry", means), *_end(means)],
        means=means,
    )


def stalled_card(nodes: str | Sequence[str] = (), quiet: timedelta | None = None, means: Means = NOTHING) -> Card:
    """Return the card of a thread whose run ended between two steps; nothing was written for the time ``quiet``."""
    named = _listed([node for node in ([nodes] if isinstance(nodes, str) else nodes) if not node.startswith("__")])
    silent = f" Nothing was written for {_span(quiet)}." if quiet else ""
    return _card(
        "stalled",
        title=f"Continue with {named}?",
        body=f"The run stopped before {named}, with nothing asked and nothing failed.{silent}",
        actions=[_does(CONTINUE, "Continue"), *_end(means)],
        note="If its process is still alive, do not continue: the node would run twice.",
    )


def stuck_card(node: str | Sequence[str], error: str, answer: Json, means: Means = NOTHING) -> Card:
    """Return the card of a thread that holds an answer its node cannot use: the question has to be asked again."""
    named = _listed(node)
    return _card(
        "stuck",
        title=f"Ask {named} again?",
        body={"node": named, "error": error, "answer": answer},
        actions=[_does(ASK_AGAIN, "Ask again"), *_end(means)],
        note="The stored answer would fail again every time. Asking again opens the question anew, as it was.",
    )


def _card(
    dialect: str, *, title: str, body: Json, actions: Sequence[Json], note: str = "", means: Means = NOTHING
) -> Card:
    first = actions[0]["properties"]["action"]["const"]
    several = {"oneOf": list(actions), "discriminator": {"propertyName": "action"}, "title": "What to do"}
    schema = several if len(actions) > 1 else actions[0]
    changes = _only_changes(means.values)
    return Card(
        dialect=dialect,
        title=one_line(title),
        body=body,
        schema=schema,
        contract={"anyOf": [schema, {"type": "null"}]},  # LangGraph itself continues with None
        prefill={"action": first},
        declared=True,
        note=note,
        resume=lambda answer: changes({"action": first} if answer is None else answer),
    )


def _does(action: str, label: str) -> Any:
    return branch(label, "action", action, {}, required=[])


def _edit(label: str, means: Means) -> list[Json]:
    editable = means.editable
    if not editable:
        return []
    values = {**fields(editable, title="State"), "additionalProperties": False}
    return [branch(label, "action", EDIT, {"values": values}, required=["values"])]


def _skip(nodes: Sequence[str]) -> list[Json]:
    to = {"title": "Node", "description": "It runs next, and nothing else.", "enum": list(nodes)}
    return [branch("Skip to another node", "action", SKIP, {"to": to}, required=["to"])] if nodes else []


def _end(means: Means) -> list[Json]:
    """Offer to end a thread where its graph is at hand."""
    reason = {"type": "string", "title": "Reason", "minLength": 1, "description": "Kept on record."}
    return (
        [branch("End the thread here", "action", END, {"reason": reason}, required=["reason"])] if means.nodes else []
    )


def _only_changes(values: Mapping[str, Json]) -> Callable[[Json], Json]:
    """Return what turns an answer into what is sent: of an edited state, the channels that differ."""

    def resume(answer: Json) -> Json:
        if not isinstance(answer, dict) or not isinstance(edited := answer.get("values"), dict):
            return answer
        changed = {name: value for name, value in edited.items() if not identical(values.get(name, ABSENT), value)}
        return {**answer, "values": changed}

    return resume


def _beginning(schema: Json, values: Mapping[str, Json], name: str) -> Json:
    """Return a channel's schema with its value as the default; None where the form could not give that value back."""
    own = embedded(schema, f"state:{name}") if isinstance(schema, dict) else {}
    if name not in values:
        return own
    value = values[name]
    secret = mask_secrets({name: value}, DEFAULT_KEYS) != {name: value}
    if secret or any(find_unstorable(value)) or find_problems(own, value):
        return None
    return {**own, "default": value}


def _span(quiet: timedelta) -> str:
    minutes = int(quiet.total_seconds() // 60)
    for size, unit in ((1_440, "d"), (60, "h")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} min" if minutes else f"{int(quiet.total_seconds())} s"


def _listed(nodes: str | Sequence[str]) -> str:
    names = [one_line(name) for name in ([nodes] if isinstance(nodes, str) else nodes)]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "the next step"
