"""Time on the screen: what happens to a review by itself and how long that is off, and putting a review off."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from signoff import timing
from signoff.briefs import Brief
from signoff.deadlines import Plan, Then
from signoff.errors import SignoffError
from signoff.reviews import Review
from signoff.timing import Outlook
from signoff.ui import parts, payload
from signoff.ui.outcome import Color
from signoff.ui.session import age, desk, duration, masked, moment, plain, reviewer, roughly, zone

_MORNING = time(9)
_PACES = (
    (timedelta(0), None),
    (timedelta(minutes=5), timedelta(seconds=1)),
    (timedelta(hours=1), timedelta(seconds=20)),
    (timedelta(days=1), timedelta(minutes=1)),
)
"""How often a countdown is drawn when less than a time is left."""
_DONE = {Then.ANSWER: "answered by itself", Then.REJECT: "rejected", Then.ESCALATE: "escalated"}


def show(brief: Brief) -> None:
    """Draw how a review stands in time, where anything is said about it."""
    known, review = timing.outlook(desk(), brief), brief.review
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if known.plan and known.plan.due(review.paused_at):
            with st.container(width="content"):
                _live(known, review)
        if review.follow_up_at:
            by = f" by {known.snooze.by}" if known.snooze else ""
            st.badge(plain(f"snoozed until {moment(review.follow_up_at)}{by}"), icon=":material/snooze:", color="blue")
    for line in _remarks(known):
        st.caption(plain(line))


def put_off(review: Review) -> None:
    """Draw the means to put a review off, or to wake it."""
    if not review.follow_up_at:
        _snooze(review)
    elif st.button("Wake", icon=":material/alarm:", key=f"wake-{review.id}", type="tertiary"):
        timing.wake(desk(), review.id, reviewer=reviewer())
        st.rerun()


def troubled() -> None:
    """Draw the timers that could not do what they should, and when they try again."""
    st.subheader("Timers that could not fire", anchor=False)
    waiting = desk().database.timers.troubled()
    said = {
        timer.thread_id: f"{timer.problem} (tried again {moment(timer.fires_at)})"
        for timer in waiting
        if timer.fires_at
    }
    payload.facts(said, name=str)
    if not said:
        st.caption("None.")


def words(review: Review) -> str:
    """Return how an open review stands in time, for one cell of a table; "" where nothing is said about time."""
    now = datetime.now(UTC)
    if review.follow_up_at and review.follow_up_at > now:
        return f"back in {roughly(review.follow_up_at - now)}"
    if review.escalated_at:
        return f"! escalated {age(review.escalated_at)} ago"
    if review.expires_at:
        left = review.expires_at - now
        return f"expires in {roughly(left)}" if left > timedelta(0) else "! expired"
    if review.due_at:
        left = review.due_at - now
        return f"due in {roughly(left)}" if left > timedelta(0) else f"! overdue by {roughly(-left)}"
    return ""


def _live(known: Outlook, review: Review) -> None:
    """Draw the countdown; it goes on by itself, as often as its words change: each second when there are few left."""
    at = _at(known, review)
    pace = _pace(at - datetime.now(UTC) if at else timedelta(0))
    if not parts.inside():
        st.fragment(_countdown, run_every=pace)(known, review)
        return
    _countdown(known, review)
    if pace:
        parts.tick(pace.total_seconds())


def _pace(left: timedelta) -> timedelta | None:
    """Return how often a countdown is drawn; None when it has ended."""
    return next((pace for until, pace in _PACES if left < until), timedelta(minutes=10))


def _countdown(known: Outlook, review: Review) -> None:
    said, color = _standing(known, review)
    at = _at(known, review)
    st.badge(said, icon=":material/hourglass_top:", color=color, help=f"At {moment(at)}." if at else None)


def _standing(known: Outlook, review: Review) -> tuple[str, Color]:
    """Return in words what will happen or has happened, and how loud to say it."""
    timer, plan, at = known.timer, known.plan, _at(known, review)
    if timer and timer.escalated_at:
        return f"overdue: escalated {age(timer.escalated_at)} ago", "red"
    if plan is None or at is None:
        return "no deadline", "gray"
    left = at - datetime.now(UTC)
    if left > timedelta(0):
        near: Color = "red" if left < timedelta(hours=1) else "orange"
        return f"{_DONE[plan.then]} in {duration(left)} unless somebody decides", near
    if timer and timer.problem:
        return f"expired; could not be {_DONE[plan.then]} yet", "red"
    return f"expired: about to be {_DONE[plan.then]}", "red"


def _at(known: Outlook, review: Review) -> datetime | None:
    if known.timer:
        return known.timer.expires_at
    return known.plan.due(review.paused_at) if known.plan else None


def _remarks(known: Outlook) -> list[str]:
    """Return what a reviewer should know besides: the answer that would be given, what went wrong."""
    plan, timer = known.plan, known.timer
    remarks = [plan.note] if plan and plan.note else []
    if plan and plan.then is not Then.ESCALATE and not (timer and timer.answered_at):
        does = "to reject it" if plan.then is Then.REJECT else "to answer"
        remarks.append(f"If nobody decides in time, {plan.by} says {does}: {_answer(plan)}")
    if timer and timer.problem:
        again = f" It is tried again {moment(timer.fires_at)}." if timer.fires_at else ""
        remarks.append(f"Its time is up, but: {timer.problem}{again}")
    return remarks


def _answer(plan: Plan) -> str:
    text = json.dumps(masked(plan.answer), ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:299]}…"


def _snooze(review: Review) -> None:
    key = f"snooze-{review.id}"
    with st.popover("Snooze", icon=":material/snooze:", type="tertiary", on_change="rerun", key=key) as opened:
        if opened.open:
            _until_when(review)


def _until_when(review: Review) -> None:
    now = datetime.now(zone())
    choices = {
        "In 1 hour": now + timedelta(hours=1),
        "Tomorrow morning": _morning(now.date() + timedelta(days=1)),
        "Next week": _morning(now.date() + timedelta(days=7 - now.weekday())),
    }
    st.caption("Leaves the queue until then, and comes back by itself. Its deadlines stay.")
    for label, until in choices.items():
        if st.button(label, key=f"snooze-{review.id}-{label}", help=f"Until {moment(until)}", width="stretch"):
            _put_off(review, until)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.date_input("Day", now.date() + timedelta(days=1), min_value=now.date(), key=f"day-{review.id}")
        hour = st.time_input("Time", _MORNING, key=f"time-{review.id}")
    if st.button("Until then", key=f"snooze-{review.id}-then", type="primary", width="stretch"):
        _put_off(review, datetime.combine(day, hour, zone()))


def _put_off(review: Review, until: datetime) -> None:
    try:
        timing.snooze(desk(), review.id, until, reviewer=reviewer())
    except SignoffError as refused:
        st.error(plain(str(refused)))
        return
    st.toast(f"Snoozed until {moment(until)}.", icon=":material/snooze:")
    st.rerun()


def _morning(day: date) -> datetime:
    return datetime.combine(day, _MORNING, zone())
