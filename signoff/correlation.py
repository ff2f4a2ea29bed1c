"""Finding the one waiting review that a message from outside is about, by the keys that the message carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from signoff.desk import Desk
from signoff.errors import ManyReviewsCarry, NoReviewCarries, SignoffError, ThreadNotFound
from signoff.projection import Waiting
from signoff.reviews import Json
from signoff.scalars import as_text, marks

_NAMED = 10  # ids that a refusal names


class KeyUnreadable(SignoffError):
    """A key is not written as ``name=value``, or one name has two values."""


def find_review(desk: Desk, keys: Mapping[str, Json]) -> Waiting:
    """Return the one review that waits for an answer and carries all ``keys`` with their values, read this moment.

    A key is the path of a plain value in payload, thread state or thread metadata (``order_id``, ``order.id``), or
    ``business_key`` or ``thread_id``; where several of them have the path, the payload counts before the state and the
    state before the metadata. Values are compared as text. The desk's index narrows the search to reviews that carried
    the keys at the last scan; their threads are read again. Raises `NoReviewCarries` or `ManyReviewsCarry`.
    """
    if not keys:
        raise KeyUnreadable("No key was given. Nothing was sent; name a key and its value, such as order_id=4711.")
    wanted = {key: as_text(value) for key, value in keys.items()}
    told = " and ".join(f"{key}={value}" for key, value in wanted.items())
    desk.scan()
    found = list(islice(_carrying(desk, wanted), _NAMED + 1))
    if not found:
        raise NoReviewCarries(told)
    if len(found) > 1:
        ids = [each.review.id for each in found[:_NAMED]]
        raise ManyReviewsCarry(told, ids, more=len(found) > _NAMED)
    return found[0]


def parse_keys(given: Sequence[str]) -> dict[str, str]:
    """Return keys from ``name=value`` words. Raises `KeyUnreadable`."""
    found: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not name or not equals or found.get(name, value) != value:
            raise KeyUnreadable(
                f"The key {word!r} cannot be used. Write --key name=value, each name once, such as --key order_id=4711."
            )
        found[name] = value
    return found


def _carrying(desk: Desk, wanted: Mapping[str, str]) -> Iterator[Waiting]:
    """Yield the reviews that carry what is wanted, oldest first; twice as many candidates are read as are named."""
    for review_id in desk.database.correlations.carrying(marks(wanted), limit=2 * (_NAMED + 1)):
        try:
            _, waiting = desk.scanner.waiting(desk.review(review_id).thread_id)
        except ThreadNotFound:
            continue
        for one in waiting:
            if one.review.id == review_id and wanted.items() <= dict(one.keys).items():
                yield one
