"""The sources that a desk has, or had: which of them are plain, and which do not answer, since when and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from signoff.database import pulse
from signoff.database.tables import decisions, reviews, sources, threads, watch
from signoff.errors import SettingsInvalid
from signoff.reviews import OPEN
from signoff.sources import Sources

_FORGOTTEN = "forgotten"  # stands as the problem of a source whose name alone is kept: ids on record were made with it

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is on record of a source."""

    name: str
    plain: bool
    failing_since: datetime | None
    problem: str | None

    @property
    def forgotten(self) -> bool:
        """Whether nothing is left of it but its name."""
        return self.problem == _FORGOTTEN


class SourceStore:
    """The table of sources; a desk over one database keeps nothing in it."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def all(self) -> dict[str, Known]:
        """Return what is known of each source, by name."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(sources).order_by(sources.c.name)).all()
        return {row.name: Known(**row._mapping) for row in rows}

    def configured(self, names: Sequence[str], *, plain: str | None) -> Sources:
        """Remember these sources; return them with those that the desk had once.

        What was of no source, or of one that was plain, is from now on of the plain one. A desk over one database that
        never had several remembers nothing. Raises `SettingsInvalid` where the ids of threads on record would change:
        of a source's own, or of the plain one's that begin with the name of a new one.
        """
        known = self.all()
        if not known and list(names) == [""]:
            return Sources()
        _require_same_ids(known, names, plain)
        former = [name for name, one in known.items() if one.plain and name not in names and plain is not None]
        new = [name for name in names if name not in known]
        back = [name for name in names if name in known and known[name].forgotten]
        if new or former or back:
            with self._writing() as connection:
                _require_free(connection, [name for name in new if name != plain])
                if new:
                    connection.execute(sa.insert(sources), [{"name": name, "plain": name == plain} for name in new])
                connection.execute(sa.update(sources).where(sources.c.name.in_(back)).values(problem=None))
                connection.execute(sa.delete(sources).where(sources.c.name.in_(former)))
                for table in (reviews, threads, watch) if plain is not None else ():
                    own = table.c.source.in_(["", *former])
                    connection.execute(sa.update(table).where(own).values(source=plain))
                pulse.beat(connection)
        gone = sorted(known.keys() - set(names) - set(former))
        forgotten = tuple(name for name in gone if known[name].forgotten)
        gone = [name for name in gone if name not in forgotten]
        return Sources(names=tuple(names), plain=plain, gone=tuple(gone), forgotten=forgotten)

    def fails(self, name: str, problem: str) -> None:
        """Note that a source does not answer; since when stays as it was."""
        known = self.all().get(name)
        if known is None or known.problem == problem:
            return
        with self._writing() as connection:
            since = known.failing_since or datetime.now(UTC)
            noted = sa.update(sources).where(sources.c.name == name)
            connection.execute(noted.values(failing_since=since, problem=problem))
            if known.failing_since is None:
                pulse.beat(connection)

    def answers(self, name: str) -> None:
        """Note that a source answers."""
        stood = sa.select(sources.c.failing_since).where(sources.c.name == name)
        with self._reading() as connection:
            if connection.execute(stood).scalar() is None:
                return
        with self._writing() as connection:
            connection.execute(
                sa.update(sources).where(sources.c.name == name).values(failing_since=None, problem=None)
            )
            pulse.beat(connection)

    def open(self) -> dict[str, int]:
        """Return how many reviews are open, by source."""
        counted = sa.select(reviews.c.source, sa.func.count()).where(reviews.c.state.in_(OPEN))
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(counted.group_by(reviews.c.source))}

    def forget(self, name: str) -> None:
        """Take a source off the record, all but its name; its reviews are to be closed before."""
        with self._writing() as connection:
            left = {"failing_since": None, "problem": _FORGOTTEN}
            connection.execute(sa.update(sources).where(sources.c.name == name).values(left))
            for table in (threads, watch):
                connection.execute(sa.delete(table).where(table.c.source == name))
            pulse.beat(connection)


def _require_same_ids(known: Mapping[str, Known], names: Sequence[str], plain: str | None) -> None:
    for name in names:
        if name in known and known[name].plain != (name == plain):
            was = "had" if known[name].plain else "did not have"
            raise SettingsInvalid(
                f"The source {name} {was} default = true before: its threads are on record under those ids. "
                "Put it back as it was, or give the source another name."
            )


def _require_free(connection: sa.Connection, names: Sequence[str]) -> None:
    """Raise `SettingsInvalid` where threads are on record under ids that a new source's would be taken for."""
    for name in names:
        for table in (decisions, reviews):
            taken = sa.select(table.c.thread_id).where(table.c.thread_id.startswith(f"{name}/")).limit(1)
            if thread := connection.execute(taken).scalar():
                raise SettingsInvalid(
                    f"The source {name} cannot have this name: the thread {thread} is on record, and would be taken "
                    "for one of this source. Give the source another name."
                )
