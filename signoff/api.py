"""Deciding over HTTP, for programs: ``/api/reviews`` and ``/api/decisions``. Only a POST with a token decides."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signoff import errors, wire
from signoff.correlation import KeyUnreadable, find_review
from signoff.database.idempotency import remember
from signoff.decisions import Decision, Reviewer
from signoff.desk import Desk
from signoff.errors import SignoffError
from signoff.links import SNOOZED, Snoozed, read_span
from signoff.reviews import OPEN, Due, Json, Priority, Query, Sort, State
from signoff.settings import Settings
from signoff.storable import find_unstorable
from signoff.tokens import ApiOff, Gate, TokenUnknown, TooManyRequests

Model = TypeVar("Model", bound=BaseModel)

_LARGEST = 1_000_000  # bytes of a request's body
_LONGEST_KEY = 200
_FARTHEST = 2**31  # row of a list
_LOOK_SECONDS = 0.2


class RequestUnreadable(SignoffError):
    """A request is not what this address takes."""


class RequestTooLarge(SignoffError):
    """A request's body is larger than 1 MB."""


class DecisionNotFound(SignoffError):
    """No decision has this id on this desk."""


_STATUSES: dict[type[Exception], int] = {
    RequestUnreadable: 400,
    KeyUnreadable: 400,
    TokenUnknown: 401,
    ApiOff: 403,
    errors.NotAllowed: 403,
    errors.ReviewNotFound: 404,
    errors.NoReviewCarries: 404,
    DecisionNotFound: 404,
    errors.GraphUnknown: 409,
    errors.ManyReviewsCarry: 409,
    errors.AlreadyDecided: 409,
    errors.ReviewClosed: 409,
    errors.ReviewChanged: 409,
    RequestTooLarge: 413,
    errors.InvalidAnswer: 422,
    errors.RequestKeyUsed: 422,
    TooManyRequests: 429,
    errors.GraphBroken: 503,
    errors.BackendUnavailable: 503,
    errors.SettingsInvalid: 503,
}


class Opened(Protocol):
    """A desk at work, as `signoff.service` holds it."""

    desk: Desk
    settings: Settings


class DecisionRequest(BaseModel):
    """The body of ``POST /api/decisions``: a review by id or by keys, and the answer to it.

    ``wait``: seconds for which the response is held back until the decision has its outcome.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    answer: Any
    review: str | None = None
    key: dict[str, str | int | float | bool | None] | None = None
    raw: bool = False
    comment: str = Field(default="", max_length=10_000)
    seen: str | None = None
    wait: float = Field(default=0, ge=0, le=30)

    @model_validator(mode="after")
    def _names_one(self) -> DecisionRequest:
        if bool(self.review) == bool(self.key):
            raise ValueError("give either review, an id, or key, an object such as {'order_id': '4711'}")
        for problem in find_unstorable({"review": self.review, "key": self.key, "seen": self.seen}):
            raise ValueError(ascii(str(problem)))
        return self

    @property
    def fingerprint(self) -> str:
        """Return what makes two requests the same: all but ``wait``."""
        return hashlib.sha256(json.dumps(self.model_dump(exclude={"wait"}), sort_keys=True).encode()).hexdigest()


class ListRequest(BaseModel):
    """The parameters of ``GET /api/reviews``: the conditions of a `Query`; ``state`` may be given several times.

    ``older`` is a time span such as ``30m``, ``4h`` or ``2d``, ``after`` the id of the last review of the page before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: tuple[State, ...] = ()
    source: str | None = None
    graph: str | None = None
    node: str | None = None
    dialect: str | None = None
    priority: Priority | None = None
    assignee: str | None = None
    group: str | None = None
    tag: str | None = None
    due: Due | None = None
    older: Annotated[timedelta | None, BeforeValidator(read_span)] = None
    key: str | None = None
    error: str | None = None
    search: str = ""
    snoozed: Snoozed = Snoozed.NO
    sort: Sort = Sort.OLDEST
    after: str | None = Field(default=None, pattern="^[0-9a-f]{16}$")
    limit: int = Field(default=50, ge=1, le=500)
    offset: int = Field(default=0, ge=0, le=_FARTHEST)

    def query(self, viewer: str) -> Query:
        """Return what to ask the desk for; a program's day begins at midnight, where the desk is."""
        given = self.model_dump(exclude={"state", "snoozed"})
        asked = Query(states=self.state or OPEN, snoozed=SNOOZED[self.snoozed], **given)
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        return asked.seen_by(viewer, today=midnight)


class _Api:
    def __init__(self, opened: Callable[[], Opened]) -> None:
        self._opened = opened
        self._gate: Gate | None = None

    async def reviews(self, request: Request) -> Response:
        desk, client = await self._enter(request)
        given = {**request.query_params, "state": request.query_params.getlist("state")}
        page = await run_in_threadpool(desk.queue, _checked(ListRequest, given).query(client.name))
        return _json(wire.listing(page))

    async def decide(self, request: Request) -> Response:
        desk, client = await self._enter(request)
        key = request.headers.get("idempotency-key")
        if key is not None and not (0 < len(key) <= _LONGEST_KEY and key.isprintable()):
            raise RequestUnreadable(f"An Idempotency-Key has 1 to {_LONGEST_KEY} printable characters.")
        asked = _checked(DecisionRequest, _parsed(await _body(request)))
        decision, new = await run_in_threadpool(_decide, desk, asked, client, key)
        decision = await _outcome(desk, decision, seconds=asked.wait)
        await run_in_threadpool(desk.scanner.look, [decision.thread_id])
        told = await run_in_threadpool(_tell, desk, decision)
        return _json(told, status=201 if new else 200, headers={"Location": f"/api/decisions/{decision.id}"})

    async def decision(self, request: Request) -> Response:
        desk, _ = await self._enter(request)
        found = await run_in_threadpool(desk.decision, request.path_params["id"])
        if found is None:
            raise DecisionNotFound("There is no decision with this id on this desk.")
        return _json(await run_in_threadpool(_tell, desk, found))

    async def _enter(self, request: Request) -> tuple[Desk, Reviewer]:
        opened = await run_in_threadpool(self._opened)
        if self._gate is None:
            self._gate = Gate(opened.settings.api)
        return opened.desk, self._gate.enter(request.headers.get("authorization", ""))


def build_api(opened: Callable[[], Opened]) -> Starlette:
    """Return the application to be mounted at ``/api``; ``opened`` returns the desk at work, and may take its time.

    Whoever shows one of the tokens of the settings may read the queue and decide, as a reviewer of the token's name.
    """
    api = _Api(opened)
    routes = [
        Route("/reviews", api.reviews, methods=["GET"]),
        Route("/decisions", api.decide, methods=["POST"]),
        Route("/decisions/{id}", api.decision, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={SignoffError: _refuse, HTTPException: _refuse_address})
    app.router.redirect_slashes = False
    return app


def _decide(desk: Desk, asked: DecisionRequest, client: Reviewer, key: str | None) -> tuple[Decision, bool]:
    """Return the decision, and whether this request made it: a repeated request is told what its first one did."""
    if key is None:
        return _record(desk, asked, client), True
    known = partial(desk.database.idempotency.decision_of, client=client.name, key=key, request=asked.fingerprint)
    try:
        if earlier := known():
            return _found(desk, earlier), False
        along = partial(remember, client=client.name, key=key, request=asked.fingerprint)
        return _record(desk, asked, client, along=along), True
    except SignoffError:
        earlier = known()  # the same request may have come twice at once, and whatever is wrong now was not then
        if earlier is None:
            raise
        return _found(desk, earlier), False


def _record(desk: Desk, asked: DecisionRequest, client: Reviewer, **along: Any) -> Decision:
    review_id, seen = asked.review or "", asked.seen
    if asked.key:
        found = find_review(desk, asked.key)
        review_id, seen = found.review.id, seen or found.digest
    return desk.decide(
        review_id, asked.answer, reviewer=client, seen=seen, comment=asked.comment, raw=asked.raw, **along
    )


def _found(desk: Desk, decision_id: str) -> Decision:
    decision = desk.decision(decision_id)
    if decision is None:
        raise DecisionNotFound("The decision of this Idempotency-Key is no longer on this desk. Nothing was sent.")
    return decision


async def _outcome(desk: Desk, decision: Decision, *, seconds: float) -> Decision:
    """Return the decision when it has its outcome, or as it is after some seconds; holds no thread meanwhile."""
    deadline = time.monotonic() + seconds
    while not decision.outcome.final and (left := deadline - time.monotonic()) > 0:
        await asyncio.sleep(min(_LOOK_SECONDS, left))
        decision = await run_in_threadpool(_found, desk, decision.id)
    return decision


def _tell(desk: Desk, decision: Decision) -> Json:
    upcoming = [each for each in desk.open_on(decision.thread_id) if each.state is not State.APPLYING]
    return wire.deciding(decision, upcoming)


async def _body(request: Request) -> bytes:
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > _LARGEST:
            raise RequestTooLarge(f"The request is larger than {_LARGEST:,} bytes. Nothing was sent.")
    return bytes(read)


def _parsed(body: bytes) -> Json:
    try:
        return json.loads(body, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise RequestUnreadable(f"The request is not JSON: {error}. Nothing was sent.") from error


def _no_json(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON number")


def _checked(model: type[Model], given: Json) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'request'}: {e['msg']}" for e in error.errors())
        raise RequestUnreadable(f"The request cannot be used: {wrong}. Nothing was sent.") from error


def _json(data: Json, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    written = text.encode("utf-8", "backslashreplace")  # half of a character is repeated as it was sent
    told = {"Cache-Control": "no-store", **(headers or {})}
    return Response(written, status_code=status, headers=told, media_type="application/json")


def _refuse(_request: Request, error: Exception) -> Response:
    status = next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), 400)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    return _json(wire.problem(error) if isinstance(error, SignoffError) else None, status=status, headers=headers)


def _refuse_address(_request: Request, error: Exception) -> Response:
    """Answer an unknown address, or a method that an address does not take: a GET never decides."""
    wrong = error if isinstance(error, HTTPException) else HTTPException(500)
    told = {"error": {"type": "AddressUnknown", "message": wrong.detail}}
    return _json(told, status=wrong.status_code, headers=wrong.headers)
