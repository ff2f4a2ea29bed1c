"""Many rows at once: they come back as they were given, on both databases, and are found by however many names."""

import re
from datetime import UTC, datetime, timedelta, timezone

import databases
import pytest
import sqlalchemy as sa

from signoff.database import search
from signoff.database.among import among
from signoff.database.inserting import insert_pairs, insert_rows
from signoff.database.tables import correlations, reviews, watch

TEXTS = ("", "it's", 'say "yes"', "a\\b\n\tc", "naïve ☕ 漢字 \U0001f600", "[1, {}]", "null", "%s :x ?", "x" * 100_000)
MOST = 65_535  # parameters of a statement on PostgreSQL; SQLite as it is shipped takes 32,766
AT = datetime(2026, 11, 29, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture(params=databases.BOTH)
def desk(request, tmp_path):
    with databases.desk(request, tmp_path) as opened:
        yield opened


def row(number, text):
    empty = {column.name: None for column in reviews.columns if column.name != "seq"}
    given = {"id": f"{number:016x}", "thread_id": text, "source": "", "checkpoint_id": "c", "kind": "interrupt"}
    given |= {"state": "waiting", "title": text, "dialect": "plain", "priority": 2**31 - 1, "due_at": AT}
    given |= {"paused_at": AT, "assignees": [text], "groups": [], "tags": ["ü", text], "reason": text, "search": text}
    return empty | given


def test_rows_come_back_as_they_were_given(desk):
    rows = [row(number, text) for number, text in enumerate(TEXTS)]

    with desk.writing() as connection:
        insert_rows(connection, reviews, rows)
        insert_rows(connection, reviews, ())
        stored = [dict(each) for each in connection.execute(sa.select(reviews).order_by(reviews.c.seq)).mappings()]

    assert [each.pop("seq") for each in stored] == list(range(1, len(rows) + 1))
    assert stored == rows
    assert {each["due_at"].tzinfo for each in stored} == {UTC}


def test_rows_are_stored_as_sqlalchemy_itself_stores_them(desk):
    sides = []
    for insert in (insert_rows, lambda connection, table, rows: connection.execute(sa.insert(table), rows)):
        with desk.writing() as connection:
            insert(connection, reviews, [row(number, text) for number, text in enumerate(TEXTS)])
            sides.append([each[1:] for each in connection.exec_driver_sql("SELECT * FROM reviews ORDER BY id")])
            connection.execute(sa.delete(reviews))

    assert sides[0] == sides[1]


def test_pairs_are_whole_numbers_of_64_bits(desk):
    pairs = {1: [2**63 - 1, -(2**63), 0], 2**40: {-1}, 7: ()}

    with desk.writing() as connection:
        insert_pairs(connection, correlations, pairs)
        insert_pairs(connection, correlations, {})
        stored = {tuple(each) for each in connection.execute(sa.select(correlations))}

    assert stored == {(mark, review) for review, some in pairs.items() for mark in some}


def test_a_column_has_one_of_many_texts(desk):
    many = [f"t{number}" for number in range(100_000)]
    rows = [{"thread_id": text, "source": "", "again_at": AT} for text in ("t5", "t99999", "else", *TEXTS[:-1])]

    with desk.writing() as connection:
        insert_rows(connection, watch, rows)
        asked = sa.select(watch.c.thread_id).where(among(watch.c.thread_id, "texts"))
        found = [
            sorted(connection.execute(asked, {"texts": texts}).scalars()) for texts in (many, TEXTS, (), {"else": 1})
        ]

    assert found == [["t5", "t99999"], sorted(TEXTS[:-1]), [], ["else"]]


def test_more_reviews_than_a_statement_has_places_are_closed_at_once(desk):
    with desk.writing() as connection:
        rows = [row(number, f"t{number % 9}") for number in range(MOST + 1)]
        insert_rows(connection, reviews, rows)
        search.learn(connection, [each["id"] for each in rows])

    assert desk.reviews.project([f"t{number}" for number in range(9)], ())
    assert desk.reviews.counts(today=AT).open == 0
    assert not desk.reviews.project([f"t{number}" for number in range(9)], ())


def test_many_texts_are_looked_for_in_an_index(desk):
    wanted = sa.select(reviews.c.seq).where(among(reviews.c.thread_id, "texts"))

    with desk.reading() as connection:
        sql = str(wanted.compile(dialect=connection.dialect))
        if desk.file:
            plan = [each.detail for each in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("[]",))]
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # it reads a small table as a whole
            plan = connection.exec_driver_sql(f"EXPLAIN {sql}", {"texts": ["t1"]}).scalars().all()

    assert re.search("SEARCH reviews USING|Index.* Scan .*on reviews", " ".join(plan))
