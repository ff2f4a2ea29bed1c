"""Time: what happens to reviews that nobody decides, and reviews that are put off until later."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from signoff.briefs import Brief
from signoff.database.snoozes import Snooze
from signoff.database.timers import BY, Timer, answered, backoff
from signoff.deadlines import Plan, Then, plan_of
from signoff.decisions import Reviewer
from signoff.desk import Desk
from signoff.errors import AlreadyDecided, ReviewClosed, ReviewNotFound, SettingsInvalid
from signoff.reviews import OPEN

TIMER = Reviewer(name=BY, source="timer")
_SETTLING = timedelta(minutes=1)  # after which a timer looks whether the graph took its answer
_NOT_TAKEN = "The answer that was to be given in time was not taken, and nobody has decided since."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """How one review stands in time: what its graph or a rule says, its timer, and what somebody said about it."""

    plan: Plan | None
    timer: Timer | None
    snooze: Snooze | None


def outlook(desk: Desk, brief: Brief) -> Outlook:
    """Return what happens to a review by itself, and whether it is put off."""
    known = brief.dossier
    return Outlook(
        plan=plan_of(brief.waiting, brief.head.metadata, desk.timeouts), timer=known.timer, snooze=known.snooze
    )


def snooze(desk: Desk, review_id: str, until: datetime, *, reviewer: Reviewer) -> None:
    """Leave an open review out of the queue until then; it stays open, and its deadlines stay.

    Raises `ReviewNotFound`, `ReviewClosed`, or `SettingsInvalid` for a time that is past.
    """
    if until <= datetime.now(UTC):
        raise SettingsInvalid(f"{until.isoformat()} is past. Nothing was changed; name a time to come.")
    if desk.review(review_id).state not in OPEN:
        raise ReviewClosed(review_id)
    desk.database.snoozes.set(review_id, until, by=reviewer.name)


def wake(desk: Desk, review_id: str, *, reviewer: Reviewer) -> None:
    """Show a review in the queue again, whoever put it off. Raises `ReviewNotFound`."""
    desk.database.snoozes.set(desk.review(review_id).id, None, by=reviewer.name)


def tick(desk: Desk, *, now: datetime | None = None) -> int:
    """Do what is due: bring snoozed reviews back, decide or escalate what has expired. Return how much was done.

    To be called often, by whoever runs the engine; any number of processes may. What cannot be done is noted, tried
    again later, and keeps nothing else. Raises `BackendUnavailable` when the desk's own database does not answer.
    """
    now = now or datetime.now(UTC)
    done = desk.database.snoozes.end_due(now)
    for timer in desk.database.timers.due(now):
        try:
            _fire(desk, timer, now)
            done += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it costs this timer alone
            _log.warning("The timer of review %s fires later: %s", timer.review_id, error)
            desk.database.timers.put_off(timer, str(error)[:500] or repr(error), until=now + backoff(timer.tries))
    return done


def _fire(desk: Desk, timer: Timer, now: datetime) -> None:
    try:
        brief = desk.brief(timer.review_id)
        if timer.answered_at:
            desk.database.timers.escalate(timer, why=_NOT_TAKEN, now=now)
            return
        plan = plan_of(brief.waiting, brief.head.metadata, desk.timeouts)
        due = plan.due(timer.seen_at) if plan else None
        if plan is None or due is None or due > now:
            desk.scanner.look([timer.thread_id])  # what is asked has changed: the timer is set anew
        elif plan.then is Then.ESCALATE:
            desk.database.timers.escalate(timer, why=_why(plan, timer), now=now)
        else:
            _answer(desk, brief, plan, timer, now)
    except (AlreadyDecided, ReviewClosed, ReviewNotFound):
        desk.database.timers.rest(timer.review_id)


def _answer(desk: Desk, brief: Brief, plan: Plan, timer: Timer, now: datetime) -> None:
    desk.decide(
        timer.review_id,
        plan.answer,
        reviewer=TIMER,
        seen=brief.digest,
        comment=_why(plan, timer),
        along=lambda tx, decision: answered(tx, decision.review_id, look_again_at=now + _SETTLING, now=now),
    )


def _why(plan: Plan, timer: Timer) -> str:
    told = {Then.ANSWER: "gives this answer", Then.REJECT: "says: reject", Then.ESCALATE: "says: escalate"}[plan.then]
    late = f"Nobody decided by {timer.expires_at:%Y-%m-%d %H:%M:%S} UTC; {plan.by} {told}."
    return f"{late} {plan.note}".rstrip()
