"""The queue as a projection, by which reviews and threads are found, and the scanner's memory."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    literal_column,
    text,
)

from signoff.database.tables.base import BigInteger, Text, UtcDateTime, metadata

_KEYED = "business_key IS NOT NULL"

reviews = Table(
    "reviews",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("id", String(16), nullable=False, unique=True),
    Column("thread_id", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("checkpoint_id", Text, nullable=False),
    Column("interrupt_id", Text),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("graph", Text),
    Column("node", Text),
    Column("title", Text, nullable=False),
    Column("dialect", String(32), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("paused_at", UtcDateTime, nullable=False),
    Column("assignee", Text),
    Column("business_key", Text),
    Column("assignees", JSON, nullable=False, server_default="[]"),
    Column("groups", JSON, nullable=False, server_default="[]"),
    Column("tags", JSON, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("reason", Text, nullable=False, server_default=""),
    Column("expires_at", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    Column("follow_up_at", UtcDateTime),
    Column("search", Text, nullable=False),
    Index("reviews_by_pause", "paused_at", "kind"),
    Index("reviews_by_state", "state", "paused_at"),
    Index("reviews_by_thread", "thread_id"),
    Index("reviews_by_follow_up", "follow_up_at"),
)
_open = reviews.c.state != literal_column("'closed'")
_place = (reviews.c.source, reviews.c.thread_id, reviews.c.state)  # the state, so that SQLite reads no row for it
Index("open_reviews_by_thread", *_place, sqlite_where=_open, postgresql_where=_open)

FILTERED = (
    "state", "graph", "node", "dialect", "priority", "assignee", "due_at", "paused_at", "business_key", "reason",
    "follow_up_at", "source", "assignees", "groups", "tags",
)  # fmt: skip
"""The columns of a review by which the queue is filtered."""

for _order in (("paused_at", "id"), ("due_at", "paused_at", "id"), ("priority", "paused_at", "id"), ("title", "id")):
    _leading = [reviews.c.priority.desc() if name == "priority" else reviews.c[name] for name in _order]
    _others = [reviews.c[name] for name in FILTERED if name not in _order]
    Index(f"open_reviews_by_{_order[0]}", *_leading, *_others, sqlite_where=_open).ddl_if(dialect="sqlite")
    Index(f"queue_by_{_order[0]}", *_leading, postgresql_where=_open).ddl_if(dialect="postgresql")
_GROUPED = ("graph", "node", "dialect", "source", "assignee")
_columns = [reviews.c[name] for name in (*_GROUPED, *(name for name in FILTERED if name not in _GROUPED))]
_groups = Index("open_reviews_by_graph", *_columns, sqlite_where=_open)
_groups.ddl_if(dialect="sqlite")
# On SQLite, groups and what there is to choose from in filters are counted as they lie in an index, without sorting.
_texts = Index(
    "open_reviews_by_text", reviews.c.seq, reviews.c.search, sqlite_where=reviews.c.state != literal_column("'closed'")
)
_texts.ddl_if(dialect="sqlite")
# On SQLite a page is read from its index alone, and a word of two letters is looked for in nothing but texts.
# PostgreSQL keeps no text of more than 2704 bytes in an index.

labels = Table(
    "labels",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("value", Text, primary_key=True),
    Column("review", BigInteger, primary_key=True),
    Index("labels_by_review", "review"),
    sqlite_with_rowid=False,
)

views = Table(
    "views",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("query", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

correlations = Table(
    "correlations",
    metadata,
    Column("mark", BigInteger, primary_key=True),
    Column("review", BigInteger, primary_key=True),
    Index("correlations_by_review", "review"),
    sqlite_with_rowid=False,
)

threads = Table(
    "threads",
    metadata,
    Column("thread_id", Text, primary_key=True),
    Column("source", Text, nullable=False, server_default=""),
    Column("graph", Text),
    Column("state", String(16), nullable=False),
    Column("checkpoint_id", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("business_key", Text),
    Column("next", Text, nullable=False),
    Column("search", Text, nullable=False),
    Index("threads_by_time", "updated_at", "thread_id"),
    Index("threads_by_state", "state", "updated_at", "thread_id"),
    Index("threads_by_graph", "graph", "updated_at", "state"),
    Index("threads_by_source", "source", "thread_id"),
    Index("threads_by_business_key", "business_key", sqlite_where=text(_KEYED), postgresql_where=text(_KEYED)),
)

chosen_graphs = Table(
    "chosen_graphs",
    metadata,
    Column("thread_id", Text, primary_key=True),
    Column("graph", Text, nullable=False),
    Column("chosen_by", Text, nullable=False),
    Column("chosen_at", UtcDateTime, nullable=False),
)

scans = Table(
    "scans",
    metadata,
    Column("source", Text, primary_key=True),
    Column("cursor", JSON(none_as_null=False)),
    Column("fingerprint", Text, nullable=False),
    Column("scanned_at", UtcDateTime, nullable=False),
)

watch = Table(
    "watch",
    metadata,
    Column("thread_id", Text, primary_key=True),
    Column("source", Text, nullable=False, server_default=""),
    Column("again_at", UtcDateTime, nullable=False),
    Index("watch_by_time", "source", "again_at"),
)

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("plain", Boolean, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("problem", Text),
)

unreadable = Table(
    "unreadable",
    metadata,
    Column("thread_id", Text, primary_key=True),
    Column("problem", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

code_seen = Table(
    "code_seen",
    metadata,
    Column("review_id", String(16), primary_key=True),
    Column("fingerprint", String(80), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

pulse = Table(
    "pulse", metadata, Column("name", String(16), primary_key=True), Column("version", BigInteger, nullable=False)
)

executors = Table(
    "executors",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("graphs", JSON, nullable=False),
    Column("concurrency", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("lock", BigInteger, nullable=False),
)
