"""HITLRequest: several tool calls in one interrupt, answered with one decision per call, complete and in order.

Sent by LangChain's ``HumanInTheLoopMiddleware(interrupt_mode="batched")`` (read: langchain 1.4.7, snake case), by its
JavaScript twin (camel case, answered in camel case, no ``respond``) and, with ``arguments`` for ``args``, before 1.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.shapes import branch, embedded, fields, infer, is_schema, one_of
from signoff.dialects.wording import one_line, review_of
from signoff.forms.equality import same_json
from signoff.reviews import ABSENT, Absent, Json
from signoff.verdicts import Call, Judgement, Verdict, of_calls


@dataclass(frozen=True, kw_only=True)
class Case:
    """The key names of one language's middleware."""

    requests: str
    configs: str
    name: str
    allowed: str
    args_schema: str
    edited: str
    decisions: tuple[str, ...]


SNAKE: Final = Case(
    requests="action_requests",
    configs="review_configs",
    name="action_name",
    allowed="allowed_decisions",
    args_schema="args_schema",
    edited="edited_action",
    decisions=("approve", "edit", "reject", "respond"),
)
CAMEL: Final = Case(
    requests="actionRequests",
    configs="reviewConfigs",
    name="actionName",
    allowed="allowedDecisions",
    args_schema="argsSchema",
    edited="editedAction",
    decisions=("approve", "edit", "reject"),
)

TITLES: Final = {"approve": "Approve", "edit": "Edit", "reject": "Reject", "respond": "Respond"}
_VERDICTS: Final = {
    "approve": Verdict.APPROVED,
    "edit": Verdict.EDITED,
    "reject": Verdict.REJECTED,
    "respond": Verdict.ANSWERED,
}
REASONS: Final = ["Not needed.", "The arguments are wrong.", "Ask me before doing this.", "This is against our rules."]
"""Ready-made reasons to reject, offered as ``examples``; any other text will do."""

REASON: Final = {"type": "string", "title": "Reason", "description": "Told to the agent.", "examples": REASONS}
REPLY: Final = {"type": "string", "title": "Reply", "description": "Given to the agent as the tool's result."}


@dataclass(frozen=True, kw_only=True)
class Action:
    """One tool call that waits: ``args`` as proposed, ``args_schema`` where the request declares one."""

    name: str
    args: dict[str, Json]
    allowed: tuple[str, ...]
    args_schema: Json | None


def recognise(asked: Asked) -> Card | None:
    """Return the card of a HITLRequest in either case, or None."""
    for case in (SNAKE, CAMEL):
        if actions := _actions(asked.value, case):
            return _card(asked.value, actions, case)
    return None


def decision_schema(action: Action, *, edited: str = SNAKE.edited, guess: bool = True) -> dict[str, Json]:
    """Return the schema of one decision on ``action``; ``guess`` draws undeclared arguments by what was proposed."""
    shape = action.args_schema
    if shape is None:
        shape = infer(action.args) if guess else {"type": "object"}
    call = {
        "name": {"type": "string", "title": "Tool", "minLength": 1, "default": action.name},
        "args": {**shape, "title": "Arguments", "default": action.args},
    }
    branches = {
        "approve": branch(TITLES["approve"], "type", "approve", {}, required=()),
        "edit": branch(
            TITLES["edit"],
            "type",
            "edit",
            {edited: fields(call, required=["name", "args"], title="Edited call")},
            required=[edited],
        ),
        "reject": branch(TITLES["reject"], "type", "reject", {"message": REASON}, required=()),
        "respond": branch(TITLES["respond"], "type", "respond", {"message": REPLY}, required=["message"]),
    }
    return one_of("type", [branches[kind] for kind in action.allowed])


def only_decision(action: Action, *, edited: str = SNAKE.edited) -> Json | Absent:
    """Return the decision to begin with where one kind alone is allowed; `ABSENT` where the reviewer has to choose."""
    ready: dict[str, Json] = {
        "approve": {"type": "approve"},
        "reject": {"type": "reject"},
        "edit": {"type": "edit", edited: {"name": action.name, "args": action.args}},
    }
    return ready.get(action.allowed[0], ABSENT) if len(action.allowed) == 1 else ABSENT


def judge_call(action: Action, decision: Json, *, edited: str = SNAKE.edited) -> Call:
    """Return what a decision says of one call; an edit that changes nothing approves it."""
    kind = decision.get("type") if isinstance(decision, dict) else None
    verdict = _VERDICTS.get(kind, Verdict.ANSWERED) if isinstance(kind, str) else Verdict.ANSWERED
    if verdict is Verdict.EDITED and same_json(decision.get(edited), {"name": action.name, "args": action.args}):
        verdict = Verdict.APPROVED
    return Call(tool=action.name, verdict=verdict)


def _judged(resume: Json, actions: Sequence[Action], case: Case) -> Judgement:
    decisions = resume.get("decisions") if isinstance(resume, dict) else None
    pairs = zip(actions, decisions if isinstance(decisions, list) else (), strict=False)
    return of_calls([judge_call(action, decision, edited=case.edited) for action, decision in pairs])


def _card(value: dict[str, Json], actions: Sequence[Action], case: Case) -> Card:
    ready = [only_decision(action, edited=case.edited) for action in actions]
    guessed = any(action.args_schema is None for action in actions)
    return Card(
        dialect="hitl",
        title=_title(value, actions),
        body=_body(value, case),
        schema=_schema(actions, case, guess=True),
        contract=_schema(actions, case, guess=False) if guessed else None,
        prefill=ABSENT if ABSENT in ready else {"decisions": ready},
        declared=True,
        judge=lambda resume: _judged(resume, actions, case),
    )


def _title(value: dict[str, Json], actions: Sequence[Action]) -> str:
    if isinstance(given := value.get("title"), str) and (title := one_line(given)):
        return title
    if len(actions) == 1:
        return review_of(actions[0].name)
    return one_line(f"Review {len(actions)} actions: {', '.join(action.name for action in actions)}")


def _body(value: dict[str, Json], case: Case) -> Json:
    """Return the calls as facts, and whatever else the payload says."""
    shown = [{"tool": one["name"]} | {key: one[key] for key in one if key != "name"} for one in value[case.requests]]
    rest = {key: item for key, item in value.items() if key not in (case.requests, case.configs)}
    return {**rest, "actions": shown} if rest or len(shown) > 1 else shown[0]


def _schema(actions: Sequence[Action], case: Case, *, guess: bool) -> dict[str, Json]:
    count = len(actions)
    rows = [
        {"title": one_line(f"{at}. {action.name}" if count > 1 else action.name)}
        | _untitled(decision_schema(action, edited=case.edited, guess=guess))
        for at, action in enumerate(actions, 1)
    ]
    decisions = {"type": "array", "prefixItems": rows, "items": False, "minItems": count, "maxItems": count}
    whole = fields({"decisions": {"title": "Decisions", **decisions}}, required=["decisions"])
    return {**whole, "additionalProperties": False}


def _untitled(schema: dict[str, Json]) -> dict[str, Json]:
    return {key: item for key, item in schema.items() if key != "title"}


def _actions(value: Json, case: Case) -> list[Action]:
    """Return the actions a payload asks about; none where it is no such request."""
    if not isinstance(value, dict) or not isinstance(value.get(case.requests), list):
        return []
    requests = value[case.requests]
    if not all(isinstance(request, dict) and isinstance(request.get("name"), str) for request in requests):
        return []
    configs = value.get(case.configs)
    listed = [config for config in configs if isinstance(config, dict)] if isinstance(configs, list) else []
    return [
        _action(request, _config(request["name"], at, listed, case), at, case) for at, request in enumerate(requests)
    ]


def _config(name: str, at: int, configs: Sequence[dict[str, Json]], case: Case) -> dict[str, Json]:
    """Return the config of the action at this index: by index in Python, by name where the index names another."""
    here = configs[at] if at < len(configs) else {}
    if here.get(case.name) == name:
        return here
    return next((config for config in configs if config.get(case.name) == name), here)


def _action(request: dict[str, Json], config: dict[str, Json], at: int, case: Case) -> Action:
    args = request.get("args", request.get("arguments"))
    listed = config.get(case.allowed)
    allowed = [kind for kind in listed if kind in SNAKE.decisions] if isinstance(listed, list) else []
    schema = config.get(case.args_schema)
    return Action(
        name=request["name"],
        args=args if isinstance(args, dict) else {},
        allowed=tuple(dict.fromkeys(allowed)) or case.decisions,
        args_schema=embedded(schema, f"args-{at}") if is_schema(schema) else None,
    )
