"""Brings a desk's tables up to date when it is opened: one process at a time, and only where something is missing."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock

from signoff.database.sqlite import BUSY_SECONDS
from signoff.errors import BackendUnavailable

VERSION_TABLE = "signoff_version"


def bring_up_to_date(engine: sa.Engine) -> None:
    """Run the migrations that the database lacks. Raises `BackendUnavailable` where it is newer than this code."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    if _is_current(engine, ScriptDirectory.from_config(config)):
        return
    if engine.dialect.name == "sqlite":
        with FileLock(f"{engine.url.database}.migrate.lock", timeout=BUSY_SECONDS):
            command.upgrade(config, "head")
    else:
        command.upgrade(config, "head")


def _is_current(engine: sa.Engine, script: ScriptDirectory) -> bool:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        found = context.get_current_revision()
    known = {revision.revision for revision in script.walk_revisions()}
    if found is not None and found not in known:
        raise BackendUnavailable(
            f"Signoff's own database {engine.url.database} was brought to version {found} by a newer Signoff; "
            f"this one knows versions up to {script.get_current_head()}. Nothing was changed. Update this Signoff."
        )
    return found == script.get_current_head()
