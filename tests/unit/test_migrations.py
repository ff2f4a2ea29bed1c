"""The migrations build exactly the tables that the code uses."""

import databases
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from signoff.database import Database
from signoff.database.tables import metadata


@pytest.fixture(params=databases.BOTH)
def database(request, tmp_path):
    with databases.desk(request, tmp_path) as database:
        yield database


def test_the_migrations_and_the_tables_say_the_same(database):
    def here(_, name, kind, *__):
        return kind != "index" or not (name == "words" or name.startswith(foreign))

    foreign = "queue_by_" if database.file else "open_reviews_by_"
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": here})
        different = compare_metadata(context, metadata)

    ours = [difference for difference in different if difference[0] != "remove_table"]  # the engine's tables are DBOS's
    assert ours == []


def test_a_desk_that_is_opened_again_keeps_what_it_holds(database):
    database.scans.choose_graph("t", "g", chosen_by="Ada")

    again = Database(database.url)

    assert again.scans.chosen_graphs(["t"]) == {"t": "g"}
    again.close()
