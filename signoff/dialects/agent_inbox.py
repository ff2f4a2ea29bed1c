"""Agent Inbox: HumanInterrupt answered with a list of one HumanResponse.

``langgraph.prebuilt.interrupt`` (deprecated, read in langgraph-prebuilt 1.1.2) and everything written for
langchain-ai/agent-inbox: one request, a list of requests, or (already decoded by `read_card`) a JSON string of either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.shapes import branch, fields, infer, one_of
from signoff.dialects.wording import review_of
from signoff.forms.equality import same_json
from signoff.reviews import ABSENT, Absent, Json
from signoff.verdicts import Call, Judgement, Verdict, of_calls

ALLOWS: Final = {"allow_accept": "accept", "allow_edit": "edit", "allow_respond": "response", "allow_ignore": "ignore"}
SEVERAL: Final = (
    "The graph put {count} requests into one interrupt. The form answers the first, as Agent Inbox does; "
    "a list of several answers can be sent as JSON."
)


def recognise(asked: Asked) -> Card | None:
    """Return the card of a HumanInterrupt or a list of them, or None."""
    requests = asked.value if isinstance(asked.value, list) else [asked.value]
    if not requests or not all(_is_request(one) for one in requests):
        return None
    first, count = requests[0], len(requests)
    action, args = first["action_request"]["action"], first["action_request"].get("args")
    kinds = allowed(first)
    single = responses(action, args, kinds, guess=True)
    return Card(
        dialect="agent_inbox",
        title=review_of(action),
        body=_body(first) if count == 1 else [_body(one) for one in requests],
        schema=single,
        contract=_contract(action, args, kinds, count),
        prefill=_prefill(first["action_request"], kinds),
        declared=True,
        resume=lambda answer: completed(answer, first["action_request"], editable="edit" in kinds),
        note=SEVERAL.format(count=count) if count > 1 else "",
        tool=action,
        judge=lambda resume: _judged(resume, [one["action_request"] for one in requests]),
    )


def allowed(request: dict[str, Json]) -> tuple[str, ...]:
    """Return the response types a request allows; all of them where it allows none, so it stays answerable."""
    config = request.get("config")
    listed = tuple(kind for key, kind in ALLOWS.items() if isinstance(config, dict) and config.get(key) is True)
    return listed or tuple(ALLOWS.values())


def responses(action: str, args: Json, kinds: Sequence[str], *, guess: bool) -> dict[str, Json]:
    """Return the schema of one HumanResponse; ``args`` may be left out where `completed` knows them."""
    edited = infer(args) if guess else {}
    call = {
        "action": {"type": "string", "title": "Action", "default": action},
        "args": {**edited, "title": "Arguments", "default": args},
    }
    whatever: dict[str, Json] = {} if guess else {"args": {}}
    branches = {
        "accept": branch("Accept", "type", "accept", whatever, required=()),
        "edit": branch("Edit", "type", "edit", {"args": fields(call, required=list(call))}, required=["args"]),
        "response": branch(
            "Respond", "type", "response", {"args": {"type": "string", "title": "Reply"}}, required=["args"]
        ),
        "ignore": branch("Ignore", "type", "ignore", whatever, required=()),
    }
    return one_of("type", [branches[kind] for kind in kinds])


def completed(answer: Json, request: dict[str, Json], *, editable: bool) -> Json:
    """Return the resume value for an answer: the list the contract wants, each response with its ``args``.

    Accepting sends the request back where editing was allowed, null otherwise, as the inbox does; what already has
    ``args`` and what already is a list stays as it is.
    """
    if isinstance(answer, list):
        return [completed(one, request, editable=editable)[0] for one in answer]
    if not isinstance(answer, dict) or "args" in answer:
        return [answer]
    return [{**answer, "args": request if editable and answer.get("type") == "accept" else None}]


def _judged(resume: Json, requests: Sequence[dict[str, Json]]) -> Judgement:
    pairs = zip(requests, resume if isinstance(resume, list) else (), strict=False)
    return of_calls([Call(tool=request["action"], verdict=_verdict(response, request)) for request, response in pairs])


def _verdict(response: Json, request: dict[str, Json]) -> Verdict:
    """Return what a response says; accepting or editing sends the call, which may be as it was or changed."""
    kind = response.get("type") if isinstance(response, dict) else None
    if kind == "ignore":
        return Verdict.REJECTED
    if kind not in ("accept", "edit"):
        return Verdict.ANSWERED
    sent, asked = response.get("args"), {"action": request["action"], "args": request.get("args")}
    as_it_was = same_json(sent, request) or same_json(sent, asked) or (kind == "accept" and sent is None)
    return Verdict.APPROVED if as_it_was else Verdict.EDITED


def _contract(action: str, args: Json, kinds: Sequence[str], count: int) -> dict[str, Json]:
    one = responses(action, args, kinds, guess=False)
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": count}]}


def _prefill(request: dict[str, Json], kinds: Sequence[str]) -> Json | Absent:
    if len(kinds) != 1 or kinds[0] == "response":
        return ABSENT
    return {"type": kinds[0]} | ({"args": request} if kinds[0] == "edit" else {})


def _is_request(value: Json) -> bool:
    request = value.get("action_request") if isinstance(value, dict) else None
    return isinstance(request, dict) and isinstance(request.get("action"), str)


def _body(request: dict[str, Json]) -> Json:
    """Return the request as facts: the words first, its machinery (what is allowed) left out."""
    rest = {key: item for key, item in request.items() if key != "config" and item is not None}
    said = rest.pop("description", None)
    return ({"description": said} if said else {}) | rest
