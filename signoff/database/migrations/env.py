"""Runs the migrations on the engine that `Database` hands over."""

from alembic import context

from signoff.database.tables import metadata

engine = context.config.attributes["engine"]
with engine.connect().execution_options(writing=True) as connection, connection.begin():
    context.configure(connection=connection, target_metadata=metadata, version_table="signoff_version")
    context.run_migrations()
