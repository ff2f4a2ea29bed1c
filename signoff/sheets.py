"""Rows as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

from signoff.reviews import Json

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for the beginning of a formula


def to_csv(rows: Sequence[Mapping[str, Json]]) -> str:
    """Return the rows under the keys of the first, "" for none; a text that would be a formula is marked as text."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=[_cell(name) for name in rows[0]], lineterminator="\n")
        writer.writeheader()
        writer.writerows({_cell(name): _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: Json) -> Json:
    if isinstance(value, (Mapping, list, bool)) or value is None:
        return "" if value is None else json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
