"""Copies all tables of one desk into another, empty one, as they are; and the mark of a desk that was moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from signoff.database.tables import metadata

_ROWS = 500


def filled(connection: sa.Connection) -> list[str]:
    """Return the names of the tables that hold anything."""
    return [
        table.name
        for table in metadata.sorted_tables
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
    ]


def copy(source: sa.Connection, target: sa.Connection) -> dict[str, int]:
    """Copy every row with its number, and let the target count on from there; return how many rows each table has."""
    counts = {}
    for table in metadata.sorted_tables:
        counts[table.name] = 0
        for rows in _batches(source, table):
            target.execute(sa.insert(table), rows)
            counts[table.name] += len(rows)
        _count_on(target, table)
    return counts


def _batches(source: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, object]]]:
    with source.execute(sa.select(table).execution_options(yield_per=_ROWS)) as result:
        for rows in result.mappings().partitions():
            yield [dict(row) for row in rows]


def _count_on(target: sa.Connection, table: sa.Table) -> None:
    numbered = table.autoincrement_column
    if numbered is None or target.dialect.name != "postgresql":
        return
    last = sa.select(sa.func.max(numbered)).scalar_subquery()
    sequence = sa.func.pg_get_serial_sequence(table.name, numbered.name)
    target.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))))


def mark_of(file: Path) -> Path:
    """Return the path of the note that says where the desk in this file has gone."""
    return file.with_name(f"{file.name}.moved")
