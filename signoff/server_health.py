"""What there is to say of an Agent Server: version, threads by status, graphs, and what it cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from signoff.checkpoints.server import ServerCheckpoints
from signoff.server_access import ServerAccess
from signoff.server_source import open_server


def server_health(url: str, access: ServerAccess) -> Iterator[tuple[str, str, str]]:
    """Yield what is found, as (``fine`` or ``note``, what, what to do). Raises `SettingsInvalid`, `BackendUnavailable`.

    Reads what a scan would read, so that everything the server lacks is found out.
    """
    source = open_server(url, access, desk_file=None)
    try:
        info = source.checkpoints.server.info()
        yield "fine", f"{url} answers, langgraph-api {info.get('version', 'of unknown version')}", ""
        yield "fine", f"graphs: {', '.join(source.graphs.names) or 'none'}", ""
        yield from _read(source.checkpoints)
    finally:
        source.checkpoints.close()


def server_graphs(url: str, access: ServerAccess) -> tuple[str, ...]:
    """Return the names of a server's graphs. Raises as `server_health`."""
    source = open_server(url, access, desk_file=None)
    source.checkpoints.close()
    return source.graphs.names


def _read(checkpoints: ServerCheckpoints) -> Iterator[tuple[str, str, str]]:
    threads, asking = 0, 0
    checkpoints.changes(None)
    for head in checkpoints.heads():
        threads, asking = threads + 1, asking + bool(head.open)
    yield "fine", f"threads: {threads}; asking something: {asking}", ""
    for limit in checkpoints.limits:
        yield "note", limit, "Nothing is lost by it; a newer server does better."
