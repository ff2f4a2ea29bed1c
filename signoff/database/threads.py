"""The index of threads: one row each, pages and totals by index. A projection like the queue, rebuilt with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from signoff.database import pulse
from signoff.database.among import among
from signoff.database.inserting import insert_rows
from signoff.database.tables import threads
from signoff.threads import Thread, ThreadPage, ThreadQuery, ThreadState

Transaction = Callable[[], AbstractContextManager[sa.Connection]]

_LISTED = [column for column in threads.c if column.name != "search"]
_NEWEST_FIRST = (threads.c.updated_at.desc(), threads.c.thread_id.desc())
_SORTED = (sa.func.coalesce(threads.c.updated_at, None).desc(), threads.c.thread_id.desc())  # no index knows this
_THESE = among(threads.c.thread_id, "thread_ids")
_TIPS = sa.select(threads.c.thread_id, threads.c.checkpoint_id)
_KNOWN = sa.select(threads).where(_THESE)
_DROP = sa.delete(threads).where(_THESE)
_MOVE = sa.update(threads).where(threads.c.thread_id == sa.bindparam("moved"))
_FEW = 2_000  # matches that are sorted sooner than found along the index by time
_SEEN = ("state", "graph")  # whose change open pages are told of; not every step of a run


class ThreadStore:
    """The table of threads."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def page(self, query: ThreadQuery) -> ThreadPage:
        """Return one page, the latest written first, and how many match in all."""
        matching = _matching(query)
        listing = sa.select(*_LISTED).where(*matching).limit(query.limit).offset(query.offset)
        with self._reading() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(threads).where(*matching)).scalar_one()
            rare = total < _FEW and (query.search or query.key)
            rows = connection.execute(listing.order_by(*(_SORTED if rare else _NEWEST_FIRST))).all() if total else ()
        return ThreadPage(threads=tuple(_thread(row) for row in rows), total=total)

    def graph_of(self, thread_id: str) -> str | None:
        """Return the graph that a thread is known to belong to, None where none is."""
        with self._reading() as connection:
            return connection.execute(sa.select(threads.c.graph).where(threads.c.thread_id == thread_id)).scalar()

    def graphs(self) -> list[str]:
        """Return the graphs that threads belong to, sorted; one index probe each."""
        found: list[str] = []
        behind = sa.select(sa.func.min(threads.c.graph)).where(threads.c.graph > sa.bindparam("last"))
        with self._reading() as connection:
            while graph := connection.execute(behind, {"last": found[-1] if found else ""}).scalar():
                found.append(graph)
        return found

    def ids(self, *, after: str, limit: int, source: str = "") -> list[str]:
        """Return the ids of a source's threads, sorted, from the one behind ``after``."""
        behind = sa.select(threads.c.thread_id).where(threads.c.source == source, threads.c.thread_id > after)
        with self._reading() as connection:
            return list(connection.execute(behind.order_by(threads.c.thread_id).limit(limit)).scalars().all())

    def tips(self, source: str = "") -> dict[str, str]:
        """Return the newest root checkpoint of each of a source's threads, by thread id, as last seen."""
        with self._reading() as connection:
            rows = connection.execute(_TIPS.where(threads.c.source == source))
            return {row.thread_id: row.checkpoint_id for row in rows}


def known_of(connection: sa.Connection, thread_ids: Sequence[str]) -> dict[str, Any]:
    """Return what the index says of these threads, by thread id, for `keep`."""
    return {row.thread_id: row for row in connection.execute(_KNOWN, {"thread_ids": thread_ids})}


def keep(connection: sa.Connection, known: Mapping[str, Any], now: Iterable[Thread]) -> None:
    """Make the index say of the ``known`` threads what the scanner saw; those that it did not see are taken out.

    A business key that came with a question stays when the question is answered, the graph when the thread has ended.
    """
    rows = [_row(thread, known.get(thread.thread_id)) for thread in now]
    new = [row for row in rows if row["thread_id"] not in known]
    moved = [row for row in rows if row["thread_id"] in known and row != known[row["thread_id"]]._asdict()]
    gone = list(known.keys() - {row["thread_id"] for row in rows})
    if new:
        insert_rows(connection, threads, new)
    if moved:
        connection.execute(_MOVE, [{**row, "moved": row["thread_id"]} for row in moved])
    if gone:
        connection.execute(_DROP, {"thread_ids": gone})
    if new or gone or any(row[name] != getattr(known[row["thread_id"]], name) for row in moved for name in _SEEN):
        pulse.beat(connection)


def forget(connection: sa.Connection) -> None:
    """Throw the index away, to be rebuilt by the next scan."""
    connection.execute(sa.delete(threads))


def _matching(query: ThreadQuery) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if query.state:
        wanted.append(threads.c.state == query.state.value)
    if query.graph is not None:
        wanted.append(threads.c.graph == query.graph)
    if query.source is not None:
        wanted.append(threads.c.source == query.source)
    if query.since:
        wanted.append(threads.c.updated_at >= query.since)
    if query.key and query.key[0] == "business_key":
        wanted.append(threads.c.business_key == query.key[1])
    elif query.key:
        pair = "=".join(" ".join(part.splitlines()) for part in query.key).casefold()
        wanted.append(_holds(threads.c.search, f"\n{pair}\n") > 0)
    return wanted + [_holds(threads.c.search, word) > 0 for word in query.search.casefold().split()]


class _holds(sa.sql.functions.GenericFunction[int]):  # noqa: N801 - the name of an SQL function
    """Where a text holds another, letter by letter, 0 for nowhere: many times as fast as LIKE."""

    type = sa.Integer()
    inherit_cache = True


@compiles(_holds, "sqlite")
def _instr(element: _holds, compiler: Any, **given: Any) -> str:
    return f"instr({compiler.process(element.clauses, **given)})"


@compiles(_holds)
def _strpos(element: _holds, compiler: Any, **given: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **given)})"


def _row(thread: Thread, known: Any) -> dict[str, Any]:
    row = {**vars(thread), "state": thread.state.value, "next": "\n".join(thread.next)}
    if known and known.business_key and not thread.business_key:
        row |= {
            "business_key": known.business_key,
            "search": f"{thread.search}business_key={known.business_key}\n",
        }
    if known and known.graph and not thread.graph and thread.state is ThreadState.FINISHED:  # its steps tell no more
        row |= {
            "graph": known.graph,
            "search": row["search"].replace("\n\n", f"\n{known.graph}\n", 1),
        }
    row["search"] = row["search"].casefold()
    return row


def _thread(row: Any) -> Thread:
    return Thread(**{**row._mapping, "state": ThreadState(row.state), "next": tuple(row.next.splitlines())})
