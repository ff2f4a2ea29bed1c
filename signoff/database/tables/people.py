"""What people and clocks do with open reviews; it outlives the projection."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Index,
    Integer,
    String,
    Table,
)

from signoff.database.tables.base import BigInteger, Text, UtcDateTime, metadata

claims = Table(
    "claims",
    metadata,
    Column("review_id", String(16), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("given_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("claims_by_expiry", "expires_at"),
)

claim_events = Table(
    "claim_events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("review_id", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("event", String(16), nullable=False),
    Column("actor", Text, nullable=False),
    Column("holder", Text),
    Column("reason", Text, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Index("claim_events_by_review", "review_id"),
)

comments = Table(
    "comments",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("review_id", String(16), nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_source", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Index("comments_by_review", "review_id"),
    Index("comments_by_thread", "thread_id"),
)

delegations = Table(
    "delegations",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("person", Text, nullable=False),
    Column("deputy", Text, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("delegations_by_end", "ends_at"),
)

overrides = Table(
    "overrides",
    metadata,
    Column("review_id", String(16), primary_key=True),
    Column("field", String(16), primary_key=True),
    Column("value", JSON(none_as_null=False)),
    Column("set_by", Text, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)

snoozes = Table(
    "snoozes",
    metadata,
    Column("review_id", String(16), primary_key=True),
    Column("until", UtcDateTime),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

timers = Table(
    "timers",
    metadata,
    Column("review_id", String(16), primary_key=True),
    Column("thread_id", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("fires_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Index("timers_by_time", "fires_at"),
)
