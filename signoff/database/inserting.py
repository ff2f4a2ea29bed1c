"""Writes many narrow rows: SQLAlchemy's own insert prepares each of them, which takes longer than to write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def insert_plain(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows with a value for each column, texts and numbers only: they are handed to the driver as they are."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    insert = sa.insert(table).compile(dialect=connection.dialect, column_keys=names)
    given: Any = list(rows) if insert.positional else [dict(zip(names, row, strict=True)) for row in rows]
    connection.exec_driver_sql(str(insert), given)
