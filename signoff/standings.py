"""How the sources of a desk stand: which do not answer, since when and why, and which are not configured any more."""

from __future__ import annotations

from signoff.checkpoints.many import Many
from signoff.desk import Desk
from signoff.errors import SettingsInvalid
from signoff.sources import Standing

_BATCH = 500


def standings(desk: Desk) -> tuple[Standing, ...]:
    """Return how each source stands, in the order of the settings; then those that are not configured any more.

    Empty where the desk has but one checkpoint database.
    """
    if not isinstance(desk.checkpoints, Many):
        return ()
    known, number = desk.database.sources.all(), desk.database.sources.open()
    here = [
        Standing(
            name=name,
            address=part.address,
            open=number.get(name, 0),
            since=known[name].failing_since,
            problem=known[name].problem,
        )
        for name, part in desk.checkpoints.parts.items()
    ]
    left = {name for name, one in known.items() if not one.forgotten} | number.keys()
    others = sorted(left - desk.checkpoints.parts.keys())
    return (*here, *(Standing(name=name, address="", open=number.get(name, 0), gone=True) for name in others))


def silent(desk: Desk) -> tuple[Standing, ...]:
    """Return the sources of which nothing new is seen, and that have open reviews or are configured."""
    return tuple(one for one in standings(desk) if one.problem or (one.gone and one.open))


def forget(desk: Desk, name: str) -> int:
    """Close the open reviews of a source that is not configured any more, and forget it; return how many there were.

    Decisions and the trail stay. Raises `SettingsInvalid` for a source that is configured, or that was never known.
    """
    found = next((one for one in standings(desk) if one.name == name), None)
    if found is None or not found.gone:
        known = ", ".join(one.name for one in standings(desk) if one.gone) or "there is none"
        raise SettingsInvalid(f"Only a source that is not configured any more can be forgotten: {known}.")
    threads = desk.database.reviews.open_threads(name)
    for at in range(0, len(threads), _BATCH):
        desk.database.reviews.project(threads[at : at + _BATCH], ())
    desk.database.sources.forget(name)
    return found.open


def words(one: Standing) -> str:
    """Return how a source stands, for people."""
    if one.gone:
        return "is not configured any more"
    return f"has not answered since {one.since:%Y-%m-%d %H:%M:%S} UTC: {one.problem}" if one.since else "answers"
