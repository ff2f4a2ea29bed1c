"""The back ends by their addresses: what reads the threads of a source, and what knows its graphs."""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from threading import Lock

from sqlalchemy import make_url

from signoff.checkpoints import Checkpoints
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.errors import BackendUnavailable, SettingsInvalid
from signoff.graphs import Graphs, load_graphs, read_sources
from signoff.graphs.known import KnownGraphs
from signoff.server_source import ServerSource, open_server
from signoff.settings import Settings

_SHARE, _LONGEST_SECONDS = 10, 30.0  # a server that did not answer for a second is left alone for ten, and so on


class Backend:
    """One source: a checkpoint database and the graphs that are named for it, or an Agent Server, which has its own.

    A server is opened when it is first needed, and again after each failure, once ten times as much time has gone by
    as that took, or half a minute. Raises `SettingsInvalid` for graphs that are named in a way that cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opening = Lock()
        self._server: ServerSource | None = None
        self._silent_until, self._problem = float("-inf"), ""
        self._graphs: Graphs | None = None
        if not settings.server_url:
            self._graphs = load_graphs(read_sources(settings.graphs, settings.graph))

    def checkpoints(self) -> Checkpoints:
        """Open what is read. Raises `SettingsInvalid` or `BackendUnavailable`."""
        return self._served().checkpoints if self.settings.server_url else open_checkpoints(self.settings)

    def graphs(self) -> KnownGraphs:
        """Return what is known of the graphs. Raises as `checkpoints`, for a server."""
        return self._served().graphs if self._graphs is None else self._graphs

    def _served(self) -> ServerSource:
        with self._opening:
            began = time.monotonic()
            if self._server is None and began < self._silent_until:
                raise BackendUnavailable(self._problem)
            try:
                self._server = self._server or self._open()
            except BackendUnavailable as error:
                self._problem = str(error)
                now = time.monotonic()
                self._silent_until = now + min(_SHARE * (now - began), _LONGEST_SECONDS)
                raise
            return self._server

    def _open(self) -> ServerSource:
        url = make_url(self.settings.desk_url)
        desk = Path(url.database) if url.drivername == "sqlite" and url.database else None
        return open_server(self.settings.server_url or "", self.settings.server, desk_file=desk)


def open_checkpoints(settings: Settings) -> Checkpoints:
    """Open the checkpoint database that ``db`` names. Raises `SettingsInvalid` or `BackendUnavailable`."""
    if settings.postgres_url is None:
        return SqliteCheckpoints(settings.checkpoint_path)
    try:
        module = importlib.import_module("signoff.checkpoints.postgres")
    except ImportError as error:
        raise SettingsInvalid(
            f"PostgreSQL needs more packages ({error}). Install them with: pip install 'signoff[postgres]'"
        ) from error
    opened: Checkpoints = module.PostgresCheckpoints(settings.postgres_url)
    return opened


def postgres_url(settings: Settings) -> str:
    """Return the address of the PostgreSQL checkpoint database. Raises `SettingsInvalid` when it is none."""
    if settings.postgres_url is None:
        raise SettingsInvalid("Only a PostgreSQL checkpoint database takes an index: give --db postgresql://….")
    return settings.postgres_url
