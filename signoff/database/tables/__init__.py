"""The tables of a desk. Times are kept as UTC, JSON as text in the JSON column type of the database."""

from __future__ import annotations

from signoff.database.tables.base import UtcDateTime, metadata
from signoff.database.tables.people import (
    claim_events,
    claims,
    comments,
    delegations,
    overrides,
    snoozes,
    timers,
)
from signoff.database.tables.queue import (
    chosen_graphs,
    code_seen,
    correlations,
    executors,
    labels,
    pulse,
    reviews,
    scans,
    sources,
    threads,
    unreadable,
    views,
    watch,
)
from signoff.database.tables.record import (
    audit,
    bulks,
    decisions,
    idempotency,
    progress,
    shown,
    verdicts,
)

__all__ = [
    "UtcDateTime",
    "audit",
    "bulks",
    "chosen_graphs",
    "claim_events",
    "claims",
    "code_seen",
    "comments",
    "correlations",
    "decisions",
    "delegations",
    "executors",
    "idempotency",
    "labels",
    "metadata",
    "overrides",
    "progress",
    "pulse",
    "reviews",
    "scans",
    "shown",
    "snoozes",
    "sources",
    "threads",
    "timers",
    "unreadable",
    "verdicts",
    "views",
    "watch",
]
