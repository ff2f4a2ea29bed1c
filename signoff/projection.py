"""What a thread waits for: from its head to the reviews that the queue lists and the cards that reviewers see. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from signoff.checkpoints import Head, Question
from signoff.decisions import Decision, Outcome
from signoff.dialects import Rule, custom, read_card
from signoff.dialects.card import Asked, Card
from signoff.dialects.house_rules import HouseRule, said_by
from signoff.dialects.metadata import Metadata, read_metadata
from signoff.dialects.trouble import NOTHING, Means, breakpoint_card, failed_card, stalled_card, stuck_card
from signoff.forms import find_problems
from signoff.reviews import ABSENT, Absent, Json, Kind, Review, State, digest, review_id
from signoff.run_config import FORKED_FROM
from signoff.scalars import read_keys

_SEARCHABLE = 4_000  # characters of a payload by which a review can be found


class Breakpoints(Protocol):
    """Where a compiled graph pauses without asking: names of nodes, or ``"*"`` for all."""

    @property
    def before(self) -> frozenset[str]:
        """Return the nodes before which it pauses."""

    @property
    def after(self) -> frozenset[str]:
        """Return the nodes after which it pauses."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One review with everything that is shown of it; ``payload`` and ``schema`` are what the digest covers.

    ``schema`` is what every answer must fit, however it is given: the graph's own, or that of a form rule. ``keys`` are
    the plain values by which a message can name the review (see `read_keys`), and ``thread_id`` and ``business_key``.
    """

    review: Review
    payload: Json
    schema: Json | None
    card: Card
    details: Metadata
    keys: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Return the fingerprint of what a reviewer is shown."""
        return digest(interrupt_id=self.review.interrupt_id, payload=self.payload, schema=self.schema)

    @property
    def shown(self) -> Json:
        """Return what the digest covers but for the interrupt's id, as decisions keep it."""
        return {"payload": self.payload, "schema": self.schema}

    @property
    def search(self) -> str:
        """Return the text by which the review is found."""
        review = self.review
        found = [review.title, review.thread_id, review.business_key or "", review.node or "", *review.tags]
        return " ".join([*found, _text_of(self.payload)])


def waiting_on(
    head: Head,
    *,
    graph: str | None,
    breakpoints: Breakpoints | None,
    stored_answer: Callable[[Question], Json | Absent],
    seen_after: datetime | None = None,
    rules: Sequence[Rule] = (),
    house_rules: Sequence[HouseRule] = (),
    means: Means = NOTHING,
    stalled_after: timedelta = timedelta.max,
) -> tuple[Waiting, ...]:
    """Return what the thread waits for, in the order in which its tasks asked.

    ``stored_answer`` tells of a question whose task failed which answer is stored: langgraph would replay it for ever.
    ``seen_after`` is the time of the scan before this one: the pause cannot be older, the checkpoint may well be.
    ``rules`` are the desk's own forms, ``house_rules`` its own words on priorities and the like, ``means`` what a
    reviewer can change. A thread that would go on, and on which nothing was written for longer than ``stalled_after``,
    waits for somebody to continue it, unless it is a fork that was not to be run.
    """
    since = max(head.created_at, seen_after) if seen_after else head.created_at
    return tuple(
        _Reader(head, graph, since, tuple(rules), tuple(house_rules), means, stalled_after).read(
            breakpoints, stored_answer
        )
    )


def is_unrun(head: Head) -> bool:
    """Tell whether a thread is a fork that was not to be run, and on which nothing has run since."""
    forked = head.source == "fork" and FORKED_FROM in head.metadata
    return forked and bool(head.next) and not head.tasks and head.moved_since_pause


def with_last_answer(waiting: Waiting, decisions: Sequence[Decision]) -> Waiting:
    """Return a question that is asked again with the answer that failed, or was refused, in its form, to be mended.

    ``decisions`` are those on the thread, newest first. The answer has to be the last one to this node and this very
    payload, and must still fit.
    """
    review, card = waiting.review, waiting.card
    if review.kind is not Kind.INTERRUPT:
        return waiting
    last = next((d for d in decisions if d.kind is Kind.INTERRUPT and d.node == review.node), None)
    if last is None or last.outcome not in (Outcome.FAILED, Outcome.REFUSED) or last.shown != waiting.shown:
        return waiting
    if find_problems(card.schema, last.answer) or card.resume(last.answer) != last.resume:
        return waiting
    return replace(waiting, card=replace(card, prefill=last.answer))


@dataclass(frozen=True)
class _Reader:
    head: Head
    graph: str | None
    since: datetime
    rules: tuple[Rule, ...]
    house_rules: tuple[HouseRule, ...]
    means: Means
    stalled_after: timedelta

    def read(
        self, breakpoints: Breakpoints | None, stored_answer: Callable[[Question], Json | Absent]
    ) -> Iterator[Waiting]:
        head = self.head
        asking = set()
        for question in head.open:
            task = head.task_of(question.interrupt_id)
            asking.add(task and task.id)
            stored = stored_answer(question) if task and task.error else ABSENT
            stuck = task is not None and stored is not ABSENT
            yield self._stuck(question, task.error or "", stored) if task and stuck else self._question(question)
        errors = [task for task in head.tasks if task.error and task.id not in asking]
        if errors and head.next:
            yield self._failed(errors[0].node, errors[0].error or "")
        elif breakpoints and (pause := head.paused_at(before=breakpoints.before, after=breakpoints.after)):
            yield self._breakpoint(*pause)
        elif not asking and not errors and self._quiet >= self.stalled_after and not is_unrun(head):
            yield self._stalled()

    @property
    def _quiet(self) -> timedelta:
        return datetime.now(UTC) - self.head.created_at

    def _question(self, question: Question) -> Waiting:
        card = read_card(
            question.payload, response_schema=question.schema, node=question.node, graph=self.graph, rules=self.rules
        )
        return self._waiting(Kind.INTERRUPT, State.WAITING, card, question.payload, question=question)

    def _stuck(self, question: Question, error: str, answer: Json) -> Waiting:
        card = stuck_card(question.node or "", error, answer, self.means)
        return self._waiting(Kind.STUCK, State.STUCK, card, question.payload, question=question, reason=_line(error))

    def _failed(self, node: str | None, error: str) -> Waiting:
        payload = {"failed": node, "error": error}
        done = any(task.finished for task in self.head.tasks)  # an edit would drop what these have triggered
        card = failed_card(node or "", error, replace(self.means, channels={}) if done else self.means)
        return self._waiting(Kind.FAILED, State.FAILED, card, payload, node=node, reason=_line(error))

    def _stalled(self) -> Waiting:
        head = self.head
        nodes = sorted({node for node in head.next if not node.startswith("__")})
        payload = {"stalled": nodes, "checkpoint_id": head.checkpoint_id, "written": head.created_at.isoformat()}
        card = stalled_card(nodes, self._quiet, self.means)
        waiting = self._waiting(Kind.STALLED, State.STALLED, card, payload, node=nodes[0] if nodes else None)
        return replace(waiting, review=replace(waiting.review, paused_at=head.created_at))

    def _breakpoint(self, when: str, nodes: tuple[str, ...]) -> Waiting:
        payload = {"breakpoint": when, "nodes": list(nodes), "checkpoint_id": self.head.checkpoint_id}
        card = breakpoint_card(nodes, when, self.means)
        return self._waiting(Kind.BREAKPOINT, State.WAITING, card, payload, node=nodes[0])

    def _waiting(
        self,
        kind: Kind,
        state: State,
        card: Card,
        payload: Json,
        *,
        question: Question | None = None,
        node: str | None = None,
        reason: str = "",
    ) -> Waiting:
        head = self.head
        where = (question.node if question else node) or ""
        asked = Asked(value=payload, node=where, graph=self.graph)
        said = said_by(self.house_rules, asked, paused_at=head.created_at)
        details = read_metadata(payload, head.metadata, said)
        own = card.dialect == custom.NAME
        identity = question.interrupt_id if question else f"{kind}:{head.checkpoint_id}"
        review = Review(
            id=review_id(head.thread_id, identity),
            thread_id=head.thread_id,
            checkpoint_id=head.checkpoint_id,
            interrupt_id=question.interrupt_id if question else None,
            kind=kind,
            state=state,
            title=card.title if own else details.title or card.title,
            paused_at=self.since,
            graph=self.graph,
            node=question.node if question else node,
            dialect=card.dialect,
            priority=details.priority,
            due_at=details.due_at,
            follow_up_at=details.follow_up_at,
            business_key=details.business_key,
            assignees=details.assignees,
            groups=details.groups,
            tags=details.tags,
            reason=reason,
        )
        schema = card.enforced if own else question.schema if question else None
        keys = {"thread_id": head.thread_id} | read_keys(payload=payload, state=head.scalars, metadata=head.metadata)
        keys |= {"business_key": details.business_key} if details.business_key else {}
        return Waiting(review=review, payload=payload, schema=schema, card=card, details=details, keys=keys)


def _line(error: str) -> str:
    """Return the first line of an error, by which threads in trouble are grouped."""
    return error.strip().partition("\n")[0].strip()[:300]


def _text_of(payload: Json) -> str:
    found: list[str] = []
    budget = _SEARCHABLE
    todo = [payload]
    while todo and budget > 0:
        value = todo.pop()
        if isinstance(value, Mapping):
            todo.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            todo.extend(reversed(value))
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            found.append(str(value)[:budget])
            budget -= len(found[-1])
    return " ".join(found)
