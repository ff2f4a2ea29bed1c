"""A desk's own database: reviews, decisions, progress, and how far the scanner has read.

The only package that writes SQL for these tables. The same code serves SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from filelock import FileLock

from signoff.database.audit import AuditStore
from signoff.database.bulks import BulkStore
from signoff.database.claims import ClaimStore
from signoff.database.code_seen import CodeSeenStore
from signoff.database.comments import CommentStore
from signoff.database.correlations import CorrelationStore
from signoff.database.decisions import DecisionStore
from signoff.database.delegations import DelegationStore
from signoff.database.idempotency import IdempotencyStore
from signoff.database.insights import InsightStore
from signoff.database.mine import MineStore
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
from signoff.errors import BackendUnavailable

_BUSY_SECONDS = 60


class Database:
    """An open, migrated desk database. Raises `BackendUnavailable` when it cannot be opened or written."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        try:
            self._migrate()
        except (sa.exc.DatabaseError, OSError) as error:
            raise BackendUnavailable(
                f"Signoff's own database {url} cannot be used: {_reason(error)}. "
                "It needs a folder that it may write to; name another place with --desk."
            ) from error
        self.reviews = ReviewStore(self.reading, self.writing)
        self.decisions = DecisionStore(self.reading, self.writing)
        self.bulks = BulkStore(self.reading)
        self.code_seen = CodeSeenStore(self.reading, self.writing)
        self.claims = ClaimStore(self.reading, self.writing)
        self.comments = CommentStore(self.reading, self.writing)
        self.delegations = DelegationStore(self.reading, self.writing)
        self.overrides = OverrideStore(self.reading, self.writing)
        self.mine = MineStore(self.reading)
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

    @property
    def file(self) -> Path | None:
        """Return the path of a SQLite desk, None for a server."""
        return Path(self.engine.url.database or "") if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Hold one snapshot. Raises `BackendUnavailable`."""
        with _ours(self.url), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Hold one write transaction, begun with the write lock so that what was read stays true. Commits at the end.

        Raises `BackendUnavailable`.
        """
        with _ours(self.url), self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Release connections."""
        self.engine.dispose()

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["engine"] = self.engine
        if self.file is None:
            command.upgrade(config, "head")
            return
        with FileLock(f"{self.file}.migrate.lock", timeout=_BUSY_SECONDS):
            command.upgrade(config, "head")


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _take_over_transactions(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # pysqlite would begin late; the recipe of SQLAlchemy's SQLite page
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-65536")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def _ours(url: str) -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as error:
        raise BackendUnavailable(
            f"Signoff's own database {url} did not answer: {_reason(error)}. Nothing was changed; try again."
        ) from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)
