"""A thread as one file for an auditor: HTML that opens offline and runs nothing, or JSON; sealed with its SHA-256.

Both are written while the thread is read, a page of steps at a time: memory stays small however long it is.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import IO

from signoff.report import page
from signoff.report.facts import FORMAT, Facts
from signoff.report.markup import fill
from signoff.report.sealing import Checked, Sealed, check

__all__ = ["Checked", "Facts", "check", "write_html", "write_json"]


def write_html(facts: Facts, out: IO[bytes]) -> None:
    """Write the report as HTML, steps oldest first. Raises `ThreadNotFound` before anything is written."""
    told = facts.head()
    sealed = Sealed(out)
    sealed.write(page.head(told))
    nobody = fill("<p>{}</p>\n", "Nobody has decided anything on this thread.")
    for part in _or_else(map(page.decision, facts.decisions()), nobody):
        sealed.write(part)
    sealed.write(page.timeline())
    newest_first = pairwise(chain(facts.steps(), (None,)))
    for chunk in _backwards(page.step(told, above) for told, above in newest_first):
        sealed.add(chunk)
    sealed.write(page.end())
    sealed.close("html")


def write_json(facts: Facts, out: IO[bytes]) -> None:
    """Write the report as JSON, steps oldest first. Raises `ThreadNotFound` before anything is written."""
    told = facts.head()
    sealed = Sealed(out)
    sealed.write(f'{{"format": "{FORMAT}",\n"head": {json.dumps(told)},\n"decisions": [')
    for at, decision in enumerate(facts.decisions()):
        sealed.write(f"{',' * bool(at)}\n{json.dumps(decision)}")
    sealed.write('],\n"steps": [')
    for at, chunk in enumerate(_backwards(map(json.dumps, facts.steps()))):
        sealed.add(b",\n" * bool(at) + chunk)
    sealed.write("]")
    sealed.close("json")


def _or_else(parts: Iterable[str], nothing: str) -> Iterator[str]:
    found = False
    for part in parts:
        found = True
        yield part
    if not found:
        yield nothing


def _backwards(parts: Iterable[str]) -> Iterator[bytes]:
    """Yield the parts in reverse, kept in a file meanwhile."""
    with tempfile.TemporaryFile() as kept:
        places: list[tuple[int, int]] = []
        for part in parts:
            data = part.encode("utf-8", "backslashreplace")
            places.append((kept.tell(), len(data)))
            kept.write(data)
        for start, size in reversed(places):
            kept.seek(start)
            yield kept.read(size)
