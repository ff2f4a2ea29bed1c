"""The audit trail: one entry for everything that happens to a decision, each sealed with the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from signoff.database.tables import audit, decisions
from signoff.reviews import Json, digest

Transaction = Callable[[], AbstractContextManager[sa.Connection]]

SEALED = (
    "review_id", "thread_id", "question", "attempt", "checkpoint_id", "interrupt_id", "kind", "graph", "node",
    "dialect", "title", "reviewer", "reviewer_source", "answer", "resume", "digest", "comment",
    "proposed",
)  # fmt: skip
"""The columns of a decision that never change once it is recorded."""


def sealed(wrote: Json) -> str | None:
    """Return what the trail keeps of what the nodes wrote: its hash, None for nothing."""
    text = json.dumps(wrote, sort_keys=True, separators=(",", ":"))
    return None if wrote is None else hashlib.sha256(text.encode()).hexdigest()


_BEGINNING = "0" * 64
_LAST = sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_ADD = sa.insert(audit)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the trail. ``event`` is recorded, applying, put off or settled; ``body`` says the rest.

    What happens without a decision (escalated, snoozed, woken, set by hand, reset, absence, absence ended) has an empty
    ``decision_id``.
    """

    seq: int
    at: datetime
    decision_id: str
    event: str
    body: Json
    previous: str
    hash: str

    @property
    def expected_hash(self) -> str:
        """Return the hash that the entry must have: sha256 over canonical JSON of all its other fields."""
        content = [self.seq, self.at.isoformat(), self.decision_id, self.event, self.body, self.previous]
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def append(connection: sa.Connection, event: str, decision_id: str, body: Mapping[str, Any]) -> None:
    """Add an entry in the transaction that makes the change it tells of; write transactions exclude each other."""
    last = connection.execute(_LAST).first()
    entry = Entry(
        seq=(last.seq if last else 0) + 1,
        at=datetime.now(UTC),
        decision_id=decision_id,
        event=event,
        body=json.loads(json.dumps(body)),
        previous=last.hash if last else _BEGINNING,
        hash="",
    )
    connection.execute(_ADD, {**vars(entry), "hash": entry.expected_hash})


class AuditStore:
    """The table of entries; it is only ever added to."""

    def __init__(self, reading: Transaction) -> None:
        self._reading = reading

    def entries(self, decision_id: str | None = None) -> Iterator[Entry]:
        """Yield the entries, oldest first, of one decision or of all."""
        query = sa.select(audit).order_by(audit.c.seq)
        if decision_id is not None:
            query = query.where(audit.c.decision_id == decision_id)
        with self._reading() as connection, connection.execute(query.execution_options(yield_per=500)) as rows:
            yield from (Entry(**row) for row in rows.mappings())

    def verify(self) -> list[str]:
        """Return what is wrong with the trail, empty when every entry and every decision is as it was written.

        Finds entries that were changed, removed, added or reordered, decisions that were changed, removed or added, and
        payloads that are not what the reviewer was shown. A trail cut off at its end together with the decisions in it
        cannot be told from one that ended there: keep the newest hash somewhere else to find that, too.
        """
        problems: list[str] = []
        recorded: dict[str, Json] = {}
        settled: dict[str, Json] = {}
        previous, seq = _BEGINNING, 0
        for entry in self.entries():
            problems += _links(entry, previous, seq)
            previous, seq = entry.hash, entry.seq
            if entry.event == "recorded":
                recorded[entry.decision_id] = entry.body
            elif entry.event == "settled":
                settled[entry.decision_id] = entry.body
        return problems + list(self._compare(recorded, settled))

    def newest(self) -> tuple[int, str]:
        """Return number and hash of the newest entry, to be kept somewhere else."""
        with self._reading() as connection:
            row = connection.execute(_LAST).first()
        return (row.seq, row.hash) if row else (0, _BEGINNING)

    def _compare(self, recorded: dict[str, Json], settled: dict[str, Json]) -> Iterator[str]:
        missing = dict(recorded)
        with self._reading() as connection:
            for row in connection.execute(sa.select(decisions).execution_options(yield_per=200)).mappings():
                said = missing.pop(row["id"], None)
                if said is None:
                    yield f"decision {row['id']} is not in the trail"
                else:
                    yield from _differences(dict(row), said, settled.get(row["id"], {}))
        yield from (f"decision {decision_id} was removed" for decision_id in missing)


def _links(entry: Entry, previous: str, seq: int) -> Iterator[str]:
    if entry.seq != seq + 1:
        yield f"between entries {seq} and {entry.seq} something was removed"
    elif entry.previous != previous:
        yield f"entry {entry.seq} does not follow entry {seq}"
    if entry.hash != entry.expected_hash:
        yield f"entry {entry.seq} was changed"


def _plain(value: Json) -> Json:
    """Return a value as JSON has it, with NUL as PostgreSQL's text columns keep it (`signoff.database.postgres`)."""
    return json.loads(json.dumps(value).replace("\\u0000", "\\u2400"))


def _differences(row: Mapping[str, Any], recorded: Json, settled: Json) -> Iterator[str]:
    changed = [name for name in SEALED if _plain(row[name]) != _plain(recorded.get(name))]
    if changed:
        yield f"decision {row['id']} was changed: {', '.join(changed)}"
    outcome = settled.get("outcome", row["outcome"])
    if row["outcome"] != outcome:
        yield f"decision {row['id']} has outcome {row['outcome']}, the trail says {outcome}"
    if sealed(row["wrote"]) != settled.get("wrote"):
        yield f"decision {row['id']} does not hold what its nodes wrote"
    shown = row["shown"]
    if digest(interrupt_id=row["interrupt_id"], payload=shown["payload"], schema=shown["schema"]) != row["digest"]:
        yield f"decision {row['id']} does not hold what the reviewer was shown"
