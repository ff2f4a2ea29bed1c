"""What every tab shows alike, read once per change of the desk, however many tabs are open."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

import streamlit as st

from signoff import browsing, views
from signoff.database.dossiers import Dossier
from signoff.decisions import Decision, Progress
from signoff.desk import Desk
from signoff.reviews import Choices, Counts, Page, Query, Review
from signoff.ui import session

Found = TypeVar("Found")

_MARK, _LOOKED = "_shown_mark", "_looked_at"
_KEPT = 10.0  # seconds for which a reading is shared
_LONGEST = 5.0  # seconds between two looks that share no reading: time passes, too, and what was put off is back


def look() -> str:
    """Take the desk's mark; until the next look, this drawing shows the desk as it is from then on, or later."""
    service = session.running()
    own = service.desk.database.has_written()  # who did something sees it
    st.session_state[_MARK] = service.own_mark() if own else service.glance.read()
    st.session_state[_LOOKED] = time.time()
    return mark()


def look_at_own() -> None:
    """Look again if this run has written something, and only then."""
    if session.desk().database.has_written(still=True):
        look()


def mark() -> str:
    """Return the mark of this drawing; the page is out of date when the desk has another one."""
    return str(st.session_state.get(_MARK, ""))


def queue(query: Query) -> tuple[Page, Query]:
    """Return one page of the queue and its query (see `signoff.browsing.page`)."""
    return _read(browsing.page, query)


def first(query: Query) -> str | None:
    """Return the id of the first review of a query that waits for somebody, None when none does."""
    return _read(browsing.following, query, None)


def choices() -> Choices:
    """Return what the open reviews can be filtered by."""
    return _read(browsing.choices)


def counts(today: datetime) -> Counts:
    """Return the figures above the queue."""
    return _read(_counts, today)


def view_counts(listed: Sequence[views.View], today: datetime) -> dict[str, int]:
    """Return how many open reviews each view shows this reviewer, by view id."""
    return _read(_counts_of_views, tuple(listed), session.reviewer().name, today)


def visible_views() -> tuple[views.View, ...]:
    """Return the views that this reviewer sees."""
    return _read(views.visible, session.reviewer().name)


def decision(decision_id: str | None) -> Decision | None:
    """Return a decision, None where there is none of that id, or no id."""
    return _read(Desk.decision, decision_id) if decision_id else None


def course(decision: Decision) -> tuple[tuple[Progress, ...], tuple[Review, ...]]:
    """Return how far a decision has come, and what its thread has open."""
    return _read(_course, decision.id, decision.thread_id)


def rows(read: Callable[[Desk, tuple[Review, ...], str], Found], reviews: tuple[Review, ...]) -> Found:
    """Return what the queue's table says of these reviews to this reviewer, as ``read`` has it."""
    return _read(read, reviews, session.reviewer().name)


def dossier(review_id: str) -> Dossier:
    """Return all that is on record about a review. Raises `ReviewNotFound`."""
    return _read(Desk.dossier, review_id)


def unserved() -> Mapping[str, int]:
    """Return how many decisions wait for graphs that no living engine has."""
    return _read(Desk.unserved)


def mine() -> int:
    """Return how many open reviews are for this reviewer to answer: claimed by them, or by nobody."""
    return _read(_count_of, session.reviewer().name)


def _read(read: Callable[..., Found], *about: Hashable) -> Found:
    at = mark() or look()
    window = int(st.session_state.get(_LOOKED, 0.0) / _LONGEST)
    return _readings.once((session.running(), at, window), read, *about)


class _Readings:
    """What was read while the desk had one mark, for some seconds: hardly a tab looks at it longer."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock, self._clock = Lock(), clock
        self._at: OrderedDict[Hashable, tuple[float, dict[Hashable, Any]]] = OrderedDict()

    def once(self, at: Hashable, read: Callable[..., Found], *about: Hashable) -> Found:
        """Return what ``read`` found about this at that time, now or the first time."""
        now = self._clock()
        with self._lock:
            while self._at and now - next(iter(self._at.values()))[0] > _KEPT:
                self._at.popitem(last=False)
            _, known = self._at.setdefault(at, (now, {}))
        if (read, about) not in known:
            known[read, about] = read(session.desk(), *about)
        found: Found = known[read, about]
        return found


_readings = _Readings()


def _counts(desk: Desk, today: datetime) -> Counts:
    return desk.counts(today=today)


def _counts_of_views(desk: Desk, listed: tuple[views.View, ...], viewer: str, today: datetime) -> dict[str, int]:
    return views.counts(desk, list(listed), viewer, today=today)


def _count_of(desk: Desk, name: str) -> int:
    return desk.database.mine.count(name)


def _course(desk: Desk, decision_id: str, thread_id: str) -> tuple[tuple[Progress, ...], tuple[Review, ...]]:
    with desk.database.at_once():
        return desk.progress(decision_id), desk.open_on(thread_id)
