"""The record: decisions, what became of them, and their trail. Rows are never deleted."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from signoff.database.tables.base import BigInteger, Text, UtcDateTime, metadata

decisions = Table(
    "decisions",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("review_id", String(16), nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("checkpoint_id", Text, nullable=False),
    Column("interrupt_id", Text),
    Column("kind", String(16), nullable=False),
    Column("graph", Text),
    Column("node", Text),
    Column("dialect", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("reviewer_source", String(32), nullable=False),
    Column("answer", JSON(none_as_null=False)),
    Column("resume", JSON(none_as_null=False)),
    Column("shown", JSON(none_as_null=False)),
    Column("digest", String(64), nullable=False),
    Column("comment", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("error", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("checkpoint_before", Text),
    Column("checkpoint_after", Text),
    Column("proposed", JSON(none_as_null=False)),
    Column("wrote", JSON(none_as_null=False)),
    UniqueConstraint("thread_id", "question", "attempt", name="first_answer_wins"),
    Index("decisions_by_time", "recorded_at"),
    Index("decisions_by_outcome", "outcome"),
    Index("decisions_by_review", "review_id"),
    Index("decisions_by_end", "settled_at", "outcome"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decision_id", String(32), nullable=False),
    Column("event", String(16), nullable=False),
    Column("body", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_by_decision", "decision_id"),
)

bulks = Table(
    "bulks",
    metadata,
    Column("decision_id", String(32), primary_key=True),
    Column("bulk_id", String(32), nullable=False),
    Index("bulks_by_id", "bulk_id"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("client", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", String(64), nullable=False),
    Column("decision_id", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

progress = Table(
    "progress",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("decision_id", String(32), nullable=False),
    Column("node", Text, nullable=False),
    Column("event", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("progress_by_decision", "decision_id"),
)

shown = Table(
    "shown",
    metadata,
    Column("review_id", String(16), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("what", JSON(none_as_null=False), nullable=False),
    Column("shown_at", UtcDateTime, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("recorded_at", UtcDateTime, primary_key=True),
    Column("decision_id", String(32), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("calls", Integer, nullable=False),
    Column("tool", Text),
    Column("verdict", String(16), nullable=False),
    Column("graph", Text),
    Column("node", Text),
    Column("reviewer", Text, nullable=False),
    Column("due_at", UtcDateTime),
    Column("waited", Float),
    sqlite_with_rowid=False,
)
