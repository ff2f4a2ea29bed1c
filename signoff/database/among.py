"""Whether a column is one of many values, given as one parameter of a statement that is made once.

SQLAlchemy's own ``IN`` writes a place for each of them into the statement, every time, and a database takes no more
than so many of those: 32,766 as SQLite is shipped, 65,535 as PostgreSQL's protocol counts them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles


class _Many(sa.TypeDecorator[Collection[Any]]):
    """Values of one type as one value: JSON on SQLite, an array on PostgreSQL."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, each: type[sa.Text | sa.BigInteger] = sa.Text) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """Return what the database takes them as."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else ARRAY(self.each))

    def process_bind_param(self, value: Collection[Any] | None, dialect: sa.Dialect) -> Any:
        """Return the value that the driver is given."""
        values = list(value or ())
        return json.dumps(values) if dialect.name == "sqlite" else values


class _each(sa.sql.functions.GenericFunction[Any]):  # noqa: N801 - the name of an SQL function
    inherit_cache = True


@compiles(_each, "sqlite")
def _json_each(element: _each, compiler: Any, **given: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **given)}))"  # noqa: S608 - a parameter


@compiles(_each)
def _unnest(element: _each, compiler: Any, **given: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **given)}))"


def among(column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column has one of the values that the parameter of this name is, however many.

    The column is one of texts or of whole numbers. False where the parameter is an empty collection.
    """
    each = sa.BigInteger if isinstance(column.type, sa.Integer) else sa.Text
    return column.bool_op("IN")(_each(sa.bindparam(parameter, type_=_Many(each))))
