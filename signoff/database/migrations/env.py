"""Runs the migrations on the engine that is handed over, in one write transaction.

That transaction holds the desk's write lock, so of several processes that start at once one migrates and the others
find it done; and nobody writes meanwhile. Processes of the version before may be alive and stay so. Hence the rule for
every migration after the first: **expand, then contract**. It adds tables, indexes, and columns that may be null or
have a server default; what the version before still reads or writes is renamed or dropped one release later. On
PostgreSQL an index on a table that can be large is built CONCURRENTLY, outside of this transaction.
"""

from alembic import context
from sqlalchemy import text

from signoff.database.migrating import VERSION_TABLE
from signoff.database.postgres import SCHEMA
from signoff.database.tables import metadata

engine = context.config.attributes["engine"]
with engine.connect().execution_options(writing=True) as connection, connection.begin():
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        if connection.execute(text("SELECT to_regnamespace(:name)"), {"name": SCHEMA}).scalar() is None:
            connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))  # IF NOT EXISTS would ask for the right to create
    context.configure(connection=connection, target_metadata=metadata, version_table=VERSION_TABLE)
    context.run_migrations()
