import psycopg


def test_every_test_has_a_database_of_its_own_which_a_restart_of_the_server_keeps(postgres, postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")

    postgres.restart()

    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    with postgres.database() as other, psycopg.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)
