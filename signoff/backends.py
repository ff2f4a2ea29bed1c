"""The back ends by their addresses: what reads the threads of a source, and what knows its graphs."""

from __future__ import annotations

import importlib
from pathlib import Path
from threading import Lock

from sqlalchemy import make_url

from signoff.checkpoints import Checkpoints
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.errors import SettingsInvalid
from signoff.graphs import Graphs, load_graphs, read_sources
from signoff.graphs.known import KnownGraphs
from signoff.server_source import ServerSource, open_server
from signoff.settings import Settings


class Backend:
    """One source: a checkpoint database and the graphs that are named for it, or an Agent Server, which has its own.

    A server is opened when it is first needed, and again after each failure. Raises `SettingsInvalid` for graphs that
    are named in a way that cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opening = Lock()
        self._server: ServerSource | None = None
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
            if self._server is None:
                url = make_url(self.settings.desk_url)
                desk = Path(url.database) if url.drivername == "sqlite" and url.database else None
                self._server = open_server(self.settings.server_url or "", self.settings.server, desk_file=desk)
            return self._server


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
