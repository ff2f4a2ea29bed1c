"""An Agent Server as a source of reviews: what reads it, what knows its graphs, what takes decisions to it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from signoff.agent_server import AgentServer
from signoff.apply import Journal
from signoff.apply_server import ServerApplier
from signoff.checkpoints.locks import FileLocks
from signoff.checkpoints.server import Locks, ServerCheckpoints
from signoff.graphs.server import ServerGraphs
from signoff.server_access import ServerAccess


@dataclass(frozen=True, kw_only=True)
class ServerSource:
    """One server, opened."""

    checkpoints: ServerCheckpoints
    graphs: ServerGraphs

    def applier(self, journal: Journal) -> ServerApplier:
        """Return what takes decisions on its threads to their outcome."""
        return ServerApplier(checkpoints=self.checkpoints, graphs=self.graphs, journal=journal)


def open_server(url: str, access: ServerAccess, *, desk_file: Path | None, locks: Locks | None = None) -> ServerSource:
    """Open the server at a URL. Raises `SettingsInvalid` without langgraph-sdk, `BackendUnavailable` without a server.

    One that does not answer soon is not waited for; see `AgentServer.knock`.

    ``locks`` keep two workers from one thread; by default files beside ``desk_file``, or in the system's folder for
    temporary files, which is enough for one machine.
    """
    server = AgentServer(
        url,
        api_key=access.api_key.get_secret_value() if access.api_key else None,
        headers={name: value.get_secret_value() for name, value in access.headers.items()},
        timeout=access.timeout,
    )
    folder = (
        desk_file.with_name(f"{desk_file.name}.locks") if desk_file else Path(tempfile.gettempdir(), "signoff.locks")
    )
    try:
        server.knock()
        graphs = ServerGraphs(server)
        checkpoints = ServerCheckpoints(server, locks or FileLocks(folder), every=access.every)
    except BaseException:
        server.close()
        raise
    return ServerSource(checkpoints=checkpoints, graphs=graphs)
