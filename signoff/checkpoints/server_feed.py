"""What moved on an Agent Server since the last look: the newest rows of ``threads.search``, until one is known."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from signoff.agent_server import PAGE, AgentServer
from signoff.checkpoints import Changes
from signoff.checkpoints.server_rows import moment
from signoff.reviews import Json

_COLUMNS = ("thread_id", "created_at", "updated_at")
_OVERLAP = timedelta(seconds=10)  # clocks of several machines behind one server, and rows that are committed late
_FIRST = 20  # rows of the first page: mostly nothing has moved
_SURELY_SECONDS = 60.0  # after which deleted threads are looked for, whatever is counted


class Feed:
    """The moving threads of one server. A cursor is ``{"at": time, "known": {thread id: time}}``.

    ``known`` holds the threads of the last ten seconds before ``at``, so that none is reported twice, and a row that
    comes late is not missed. A thread that goes on keeps its row, with another status; one that is deleted leaves
    nothing, and is noticed by counting.
    """

    def __init__(self, server: AgentServer) -> None:
        self._server = server
        self._total: int | None = None
        self._surely = float("-inf")

    def since(self, cursor: Any) -> Changes:
        """Return the threads that moved since a cursor; all of them (None) without one."""
        if not cursor:
            newest = list(self._newest_first(_FIRST))
            self._total, self._surely = self._server.count(), time.monotonic()
            return Changes(cursor=_cursor(newest, {}), thread_ids=None)
        border, known = moment(cursor["at"]) - _OVERLAP, cursor["known"]
        rows = []
        for row in self._newest_first():
            if moment(row["updated_at"]) < border:
                break
            rows.append(row)
        moved = [row for row in rows if known.get(row["thread_id"]) != row["updated_at"]]
        new = [row for row in moved if row["thread_id"] not in known and moment(row["created_at"]) >= border]
        return Changes(
            cursor=_cursor(rows, cursor) if moved else cursor,
            thread_ids=tuple(str(row["thread_id"]) for row in moved),
            deletions_possible=self._deleted(len(new)),
        )

    def _deleted(self, made: int) -> bool:
        """Tell whether threads may have been deleted: fewer are there than should be, or it is time to look."""
        total = self._server.count()
        fewer = total is not None and self._total is not None and total < self._total + made
        late = time.monotonic() - self._surely > _SURELY_SECONDS
        self._total = total
        if fewer or late:
            self._surely = time.monotonic()
        return fewer or late

    def _newest_first(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        limit, offset = _FIRST, 0
        while True:
            rows = self._server.search(
                limit=limit, offset=offset, sort_by="updated_at", sort_order="desc", select=_COLUMNS
            )
            yield from rows
            offset += len(rows)
            if len(rows) < limit or (most is not None and offset >= most):
                return
            limit = PAGE


def _cursor(rows: list[dict[str, Any]], before: Mapping[str, Any]) -> Json:
    """Return the cursor after these rows, newest first, the one ``before`` where there are none."""
    if not rows:
        return dict(before) or {"at": "1970-01-01T00:00:00+00:00", "known": {}}
    at = rows[0]["updated_at"]
    border = moment(at) - _OVERLAP
    return {"at": at, "known": {r["thread_id"]: r["updated_at"] for r in rows if moment(r["updated_at"]) >= border}}
