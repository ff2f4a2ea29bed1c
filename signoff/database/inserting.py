"""Writes many rows at once: SQLAlchemy's own insert prepares each of them, which takes longer than to write it.

SQLite is given all rows of a statement as one JSON text. It then works on them without a word with Python, whose other
threads go on meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

_PAIRS = """
    INSERT INTO {table} ({names}) SELECT each.value, CAST(keyed.key AS INTEGER)
    FROM json_each(?) AS keyed, json_each(keyed.value) AS each ORDER BY 1, 2"""


@dataclass(frozen=True)
class _Insert:
    """A statement, the columns it fills, and what makes of a value of each what the driver takes, if anything."""

    sql: str
    columns: Mapping[str, Callable[[Any], Any] | None]


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with a value for each column, but for one that counts up by itself; no bytes on SQLite."""
    if not rows:
        return
    insert = _insert(table, connection.dialect)
    columns = insert.columns.items()
    if connection.dialect.name == "sqlite":
        values = [[bind(row[name]) if bind else row[name] for name, bind in columns] for row in rows]
        connection.exec_driver_sql(insert.sql, (json.dumps(values, ensure_ascii=False, check_circular=False),))
    else:
        given = [{name: bind(row[name]) if bind else row[name] for name, bind in columns} for row in rows]
        connection.exec_driver_sql(insert.sql, given)


def insert_pairs(connection: sa.Connection, table: sa.Table, pairs: Mapping[int, Collection[int]]) -> None:
    """Insert (value, key) for all values of each key into a table of two whole numbers, in their order."""
    if pairs and connection.dialect.name == "sqlite":
        sql = _PAIRS.format(table=table.name, names=", ".join(table.columns.keys()))
        connection.exec_driver_sql(sql, (json.dumps({key: list(values) for key, values in pairs.items()}),))
    else:
        names = table.columns.keys()
        listed = sorted((value, key) for key, values in pairs.items() for value in values)
        insert_rows(connection, table, [dict(zip(names, pair, strict=True)) for pair in listed])


@lru_cache
def _insert(table: sa.Table, dialect: sa.Dialect) -> _Insert:
    given = [column for column in table.columns if column is not table.autoincrement_column]
    columns = {column.name: column.type.dialect_impl(dialect).bind_processor(dialect) for column in given}
    if dialect.name == "sqlite":
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
        return _Insert(f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM json_each(?)', columns)  # noqa: S608 - our own names
    return _Insert(str(sa.insert(table).compile(dialect=dialect, column_keys=list(columns))), columns)
