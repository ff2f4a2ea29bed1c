"""Whether a column is one of many texts, given as one parameter of a statement that is made once.

SQLAlchemy's own ``IN`` writes a place for each of them into the statement, every time.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles


class _Texts(sa.TypeDecorator[Collection[str]]):
    """Texts as one value: JSON on SQLite, an array on PostgreSQL."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """Return what the database takes them as."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else ARRAY(sa.Text))

    def process_bind_param(self, value: Collection[str] | None, dialect: sa.Dialect) -> Any:
        """Return the value that the driver is given."""
        texts = list(value or ())
        return json.dumps(texts) if dialect.name == "sqlite" else texts


class _each(sa.sql.functions.GenericFunction[str]):  # noqa: N801 - the name of an SQL function
    type = sa.Text()
    inherit_cache = True


@compiles(_each, "sqlite")
def _json_each(element: _each, compiler: Any, **given: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **given)}))"  # noqa: S608 - a parameter


@compiles(_each)
def _unnest(element: _each, compiler: Any, **given: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **given)}))"


def among(column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column has one of the texts that the parameter of this name is, however many.

    False where it is an empty collection.
    """
    return column.bool_op("IN")(_each(sa.bindparam(parameter, type_=_Texts())))
