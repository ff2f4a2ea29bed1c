"""Going through the queue: what there is to choose from, groups, and which review comes next."""

from __future__ import annotations

from dataclasses import replace

from signoff.desk import Desk
from signoff.reviews import Bundle, Choices, Page, Query, State


def choices(desk: Desk) -> Choices:
    """Return what the open reviews can be filtered by, with counts."""
    return desk.database.reviews.choices()


def page(desk: Desk, query: Query) -> tuple[Page, Query]:
    """Return a page and its query: the last page where the query names one behind it."""
    found = desk.queue(query)
    if found.total and not found.reviews:
        query = replace(query, offset=(found.total - 1) // query.limit * query.limit)
        found = desk.queue(query)
    return found, query


def bundles(desk: Desk, query: Query) -> tuple[Bundle, ...]:
    """Return the groups of what matches, by ``query.by``, the largest first."""
    return desk.database.reviews.bundles(query)


def following(desk: Desk, query: Query, review_id: str | None) -> str | None:
    """Return the id of the review that comes next in the order shown and waits for somebody; None when none does."""
    waiting = tuple(state for state in query.states if state in (State.WAITING, State.CLAIMED))
    others = tuple(state for state in query.states if state not in (State.APPLYING, State.CLOSED))
    if not others:
        return None
    found = desk.database.reviews.following(replace(query, states=waiting or others), review_id)
    return found.id if found else None


def hides(desk: Desk, query: Query, review_id: str) -> bool:
    """Tell whether a review is open but on no page of a query."""
    reviews = desk.database.reviews
    return reviews.lists(Query(), review_id) and not reviews.lists(query, review_id)
