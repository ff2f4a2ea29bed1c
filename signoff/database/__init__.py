"""A desk's own database: reviews, decisions, progress, and how far the scanner has read.

The only package that writes SQL for these tables. The same code serves SQLite and PostgreSQL.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local
from typing import Any

import sqlalchemy as sa
from filelock import Timeout

from signoff.database import migrating, postgres, pulse, sqlite
from signoff.database.audit import AuditStore
from signoff.database.bulks import BulkStore
from signoff.database.claims import ClaimStore
from signoff.database.code_seen import CodeSeenStore
from signoff.database.comments import CommentStore
from signoff.database.copying import mark_of
from signoff.database.correlations import CorrelationStore
from signoff.database.decisions import DecisionStore
from signoff.database.delegations import DelegationStore
from signoff.database.dossiers import DossierStore
from signoff.database.executors import ExecutorStore
from signoff.database.idempotency import IdempotencyStore
from signoff.database.insights import InsightStore
from signoff.database.mine import MineStore
from signoff.database.news import NewsStore
from signoff.database.numbers import NumberStore
from signoff.database.overrides import OverrideStore
from signoff.database.reviews import ReviewStore
from signoff.database.scans import ScanStore
from signoff.database.shown import ShownStore
from signoff.database.snoozes import SnoozeStore
from signoff.database.sources import SourceStore
from signoff.database.threads import ThreadStore
from signoff.database.timers import TimerStore
from signoff.database.views import ViewStore
from signoff.database.watch import WatchStore
from signoff.errors import BackendUnavailable, SettingsInvalid

_TURN_SECONDS = 120


class Database:
    """An open, migrated desk database. Raises `BackendUnavailable` when it cannot be opened or written."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self.address = _address(self.engine.url)
        self._turns: dict[str, Lock] = {}
        self._here = local()
        self._require_here()
        server = self.engine.dialect.name == "postgresql"
        self._snapshot: dict[str, Any] = (
            {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if server else {}
        )
        try:
            self._bring_up_to_date()
        except BaseException:
            self.engine.dispose()
            raise
        self.reviews = ReviewStore(self.reading, self.writing)
        self.decisions = DecisionStore(self.reading, self.writing)
        self.bulks = BulkStore(self.reading)
        self.code_seen = CodeSeenStore(self.reading, self.writing)
        self.claims = ClaimStore(self.reading, self.writing)
        self.comments = CommentStore(self.reading, self.writing)
        self.delegations = DelegationStore(self.reading, self.writing)
        self.executors = ExecutorStore(self.reading, self.writing, engine_lock=self.engine_lock)
        self.numbers = NumberStore(self.reading)
        self.overrides = OverrideStore(self.reading, self.writing)
        self.mine = MineStore(self.reading)
        self.news = NewsStore(self.reading)
        self.correlations = CorrelationStore(self.reading)
        self.insights = InsightStore(self.reading)
        self.idempotency = IdempotencyStore(self.reading)
        self.audit = AuditStore(self.reading)
        self.scans = ScanStore(self.reading, self.writing)
        self.shown = ShownStore(self.reading, self.writing)
        self.snoozes = SnoozeStore(self.reading, self.writing)
        self.sources = SourceStore(self.reading, self.writing)
        self.threads = ThreadStore(self.reading)
        self.timers = TimerStore(self.reading, self.writing)
        self.watch = WatchStore(self.reading, self.writing)
        self.views = ViewStore(self.reading, self.writing)
        self.dossiers = DossierStore(self)

    @property
    def file(self) -> Path | None:
        """Return the path of a SQLite desk, None for a server."""
        return Path(self.engine.url.database or "") if self.engine.dialect.name == "sqlite" else None

    @property
    def engine_lock(self) -> str | None:
        """Return the path of the lock of a SQLite desk's one engine, None for a server."""
        return f"{self.file}.engine.lock" if self.file else None

    @contextmanager
    def alone(self, name: str, *, wait: bool) -> Iterator[bool]:
        """Exclude all other processes of this desk, on any machine, from what has this name.

        Yields whether it could be had; with ``wait`` it is waited for, a minute or two. Raises `BackendUnavailable`.
        """
        held = sqlite.alone if self.file else postgres.alone
        turn = self._turns.setdefault(name, Lock())  # threads of one process take one connection between them
        if not turn.acquire(timeout=_TURN_SECONDS if wait else 0):
            if wait:
                raise _taken(name)
            yield False
            return
        try:
            with _ours(self.address), held(self.engine, name, wait=wait) as had:
                yield had
        except Timeout as error:
            raise _taken(name) from error
        finally:
            turn.release()

    def idle(self, name: str) -> float:
        """Return how many seconds ago a process of this machine was done with what has this name.

        Infinite where none was, and on a server, where machines have no clock in common.
        """
        return sqlite.idle(self.engine, name) if self.file else math.inf

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Hold one snapshot; within `at_once`, the one that is held already. Raises `BackendUnavailable`."""
        if held := getattr(self._here, "snapshot", None):
            yield held
            return
        with _ours(self.address), self.engine.connect().execution_options(**self._snapshot) as connection:
            yield connection

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Have all that this thread reads within be of one moment, in one transaction. Nothing is to be written within.

        A transaction of its own costs each reading more than its statement does.
        """
        with self.reading() as connection:
            outer, self._here.snapshot = getattr(self._here, "snapshot", None), connection
            try:
                yield
            finally:
                self._here.snapshot = outer

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Hold one write transaction, begun with the write lock so that what was read stays true. Commits at the end.

        Raises `BackendUnavailable`.
        """
        with (
            _ours(self.address),
            self.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            self._require_here()
            connection.info.pop(pulse.BEATEN, None)
            yield connection
            beaten = connection.info.pop(pulse.BEATEN, False)
        self._here.wrote = beaten or getattr(self._here, "wrote", False)

    def has_written(self, *, still: bool = False) -> bool:
        """Return whether this thread has changed what pages show since it was asked; ``still``: and will be again."""
        wrote = getattr(self._here, "wrote", False)
        self._here.wrote = wrote and still
        return wrote

    def _bring_up_to_date(self) -> None:
        try:
            migrating.bring_up_to_date(self.engine)
        except (sa.exc.DatabaseError, sa.exc.TimeoutError, OSError) as error:
            raise BackendUnavailable(
                f"Signoff's own database {self.address} cannot be used: {_reason(error)}. {self._needs}"
            ) from error

    def close(self) -> None:
        """Write what is still to be written, and release connections."""
        self.shown.close()
        self.engine.dispose()

    def _require_here(self) -> None:
        """Raise `BackendUnavailable` where the desk was moved away (`signoff move`), also while it is open."""
        if self.file and (mark := mark_of(self.file)).exists():
            raise BackendUnavailable(
                f"This desk was moved to {mark.read_text(encoding='utf-8').strip()}. Nothing was changed. "
                f"Name the new one with --desk. To go on with the old one instead, delete {mark}."
            )

    @property
    def _needs(self) -> str:
        if self.file is None:
            return "It needs a server that answers and, in the database, the right to make the schema signoff."
        return "It needs a folder that it may write to; name another place with --desk."


def _engine(url: str) -> sa.Engine:
    try:
        if not postgres.is_postgres(url):
            return sqlite.open_engine(url)
        return postgres.open_engine(url)
    except ImportError as error:
        raise SettingsInvalid(
            "A desk in PostgreSQL needs the extra: pip install 'signoff[postgres]'. " + str(error)
        ) from error
    except (sa.exc.ArgumentError, ValueError) as error:
        raise SettingsInvalid(
            "The address of Signoff's own database cannot be read. Write sqlite:///path or "
            "postgresql://user@host/name; in a password write %40 for @, %2F for / and so on."
        ) from error


def _address(url: sa.URL) -> str:
    """Return a URL that can be shown: no password, wherever it stands."""
    shown = {name: value for name, value in url.query.items() if name in ("host", "port")}
    return url.set(drivername=url.get_backend_name(), query=shown).render_as_string()


def _taken(name: str) -> BackendUnavailable:
    return BackendUnavailable(
        f"Somebody else has held the lock {name!r} of this desk for minutes. Nothing was changed; try again."
    )


@contextmanager
def _ours(address: str) -> Iterator[None]:
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        raise BackendUnavailable(
            f"Signoff's own database {address} did not answer: {_reason(error)}. Nothing was changed; try again."
        ) from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip()
