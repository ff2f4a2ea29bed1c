"""The migrations build exactly the tables that the code uses."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from signoff.database import Database
from signoff.database.tables import metadata


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    yield database
    database.close()


def test_the_migrations_and_the_tables_say_the_same(database):
    with database.engine.connect() as connection:
        different = compare_metadata(MigrationContext.configure(connection), metadata)

    ours = [difference for difference in different if difference[0] != "remove_table"]  # the engine's tables are DBOS's
    assert ours == []


def test_a_desk_that_is_opened_again_keeps_what_it_holds(database):
    database.scans.choose_graph("t", "g", chosen_by="Ada")

    again = Database(database.url)

    assert again.scans.chosen_graphs(["t"]) == {"t": "g"}
    again.close()
