"""Moves a desk from a SQLite file to PostgreSQL: everything or nothing, and never two desks that both go on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from signoff.database import Database
from signoff.database.audit import AuditStore
from signoff.database.copying import copy, filled, mark_of
from signoff.decisions import Decision
from signoff.errors import MoveRefused
from signoff.jobs import JobQueue
from signoff.membership import alone_on


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What was moved: rows by table, the decisions that are to be applied yet, and the note left beside the source."""

    rows: dict[str, int]
    undecided: int
    entries: int
    newest: str
    mark: Path


def move_desk(source_url: str, target_url: str, *, first: Callable[[], None] = lambda: None) -> Moved:
    """Copy a desk into an empty one in PostgreSQL and mark the old one; the old file itself is not changed.

    ``first`` is done while no engine can start, before anything else is changed; what it raises ends the move.

    Raises `MoveRefused`, before anything is written, where an engine is alive on the source, its audit trail does not
    verify, or the target holds anything; `BackendUnavailable` where one of the two does not answer.
    """
    with closing(Database(source_url)) as source:
        file = source.file
        if file is None:
            raise MoveRefused("Only a desk in a SQLite file is moved. For PostgreSQL there are pg_dump and pg_restore.")
        with alone_on(source) as had, closing(Database(target_url)) as target:
            if not had:
                raise MoveRefused(
                    f"An engine is alive on {source.address}. Stop every `signoff serve` and `signoff work`."
                )
            if target.file is not None:
                raise MoveRefused("Name a PostgreSQL database: --to postgresql://user@host/name.")
            with source.reading() as connection:
                _verified(connection, "The desk")
            with target.reading() as connection:
                _require_empty(connection, target)
            first()
            with closing(JobQueue(target)) as jobs:
                return _move(source, target, jobs, mark_of(file))


def _move(source: Database, target: Database, jobs: JobQueue, mark: Path) -> Moved:
    """Copy while both desks are locked for all others. The mark comes first: after a crash no two desks go on."""
    undecided = source.decisions.undecided()
    with source.writing() as old, target.writing() as new:
        new.execute(sa.text("SET LOCAL statement_timeout = 0"))
        _require_empty(new, target)
        _mark(mark, target)
        try:
            rows = copy(old, new)
            _verified(new, "The copy")
            _enqueue(jobs, new, undecided)
        except BaseException:
            mark.unlink()
            raise
    entries, newest = target.audit.newest()
    return Moved(rows=rows, undecided=len(undecided), entries=entries, newest=newest, mark=mark)


def _require_empty(connection: sa.Connection, target: Database) -> None:
    if full := filled(connection):
        raise MoveRefused(f"{target.address} holds a desk already: {', '.join(full)}. Name an empty database.")


def _enqueue(jobs: JobQueue, connection: sa.Connection, undecided: tuple[Decision, ...]) -> None:
    enqueue: Callable[[sa.Connection, Decision], None] = jobs.enqueue
    for decision in reversed(undecided):
        enqueue(connection, decision)


def _mark(mark: Path, target: Database) -> None:
    mark.write_text(f"{target.address} on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n", encoding="utf-8")


def _verified(connection: sa.Connection, name: str) -> None:
    if problems := AuditStore(lambda: nullcontext(connection)).verify():
        raise MoveRefused(f"{name} has an audit trail that does not verify: {'; '.join(problems[:3])}.")
