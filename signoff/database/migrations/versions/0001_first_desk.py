"""The first desk: reviews, decisions, their audit trail and progress, and the scanner's memory."""

import sqlalchemy as sa
from alembic import op

from signoff.database.tables.base import BigInteger, Text, UtcDateTime

revision = "0001"
down_revision = None

_TRIGRAMS = """
    CREATE FUNCTION signoff_trigrams(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100000
    AS $$
        SELECT coalesce(array_agg(DISTINCT three), '{}') FROM (
            SELECT c || lead(c) OVER placed || lead(c, 2) OVER placed AS three
            FROM unnest(string_to_array(said, NULL)) WITH ORDINALITY AS letters (c, place)
            WINDOW placed AS (ORDER BY place)
        ) AS threes WHERE three IS NOT NULL
    $$
"""
_FULL_TEXT = (
    """CREATE VIRTUAL TABLE words USING fts5(
        search, content='reviews', content_rowid='seq', tokenize='trigram case_sensitive 1')""",
    "CREATE VIRTUAL TABLE wordsets USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')",
    "CREATE TABLE words_known (seq INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)",
    """CREATE VIRTUAL TABLE words_parts USING fts5(
        word, content='words_known', content_rowid='seq', tokenize='trigram case_sensitive 1')""",
    """CREATE TRIGGER word_comes AFTER INSERT ON words_known BEGIN
        INSERT INTO words_parts (rowid, word) VALUES (new.seq, new.word); END""",
    """CREATE TRIGGER word_goes AFTER DELETE ON words_known BEGIN
        INSERT INTO words_parts (words_parts, rowid, word) VALUES ('delete', old.seq, old.word); END""",
)


def upgrade() -> None:  # noqa: PLR0915 - one statement a table and index
    """Create the tables."""
    op.create_table(
        "audit",
        sa.Column("seq", BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("audit_by_decision", "audit", ["decision_id"], unique=False)
    op.create_table(
        "bulks",
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("bulk_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("bulks_by_id", "bulks", ["bulk_id"], unique=False)
    op.create_table(
        "chosen_graphs",
        sa.Column("thread_id", Text, nullable=False),
        sa.Column("graph", Text, nullable=False),
        sa.Column("chosen_by", Text, nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    op.create_table(
        "claim_events",
        sa.Column("seq", BigInteger, autoincrement=True, nullable=False),
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("actor", Text, nullable=False),
        sa.Column("holder", Text, nullable=True),
        sa.Column("reason", Text, nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("claim_events_by_review", "claim_events", ["review_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("holder", Text, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("given_by", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_index("claims_by_expiry", "claims", ["expires_at"], unique=False)
    op.create_table(
        "code_seen",
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=80), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_table(
        "comments",
        sa.Column("seq", BigInteger, autoincrement=True, nullable=False),
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("thread_id", Text, nullable=False),
        sa.Column("author", Text, nullable=False),
        sa.Column("author_source", sa.String(length=32), nullable=False),
        sa.Column("text", Text, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("comments_by_review", "comments", ["review_id"], unique=False)
    op.create_index("comments_by_thread", "comments", ["thread_id"], unique=False)
    op.create_table(
        "correlations",
        sa.Column("mark", BigInteger, nullable=False),
        sa.Column("review", BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("mark", "review"),
        sqlite_with_rowid=False,
    )
    op.create_index("correlations_by_review", "correlations", ["review"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("seq", BigInteger, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("thread_id", Text, nullable=False),
        sa.Column("question", Text, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", Text, nullable=False),
        sa.Column("interrupt_id", Text, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("graph", Text, nullable=True),
        sa.Column("node", Text, nullable=True),
        sa.Column("dialect", sa.String(length=32), nullable=False),
        sa.Column("title", Text, nullable=False),
        sa.Column("reviewer", Text, nullable=False),
        sa.Column("reviewer_source", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("resume", sa.JSON(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("comment", Text, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("error", Text, nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("checkpoint_before", Text, nullable=True),
        sa.Column("checkpoint_after", Text, nullable=True),
        sa.Column("proposed", sa.JSON(), nullable=True),
        sa.Column("wrote", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("thread_id", "question", "attempt", name="first_answer_wins"),
    )
    op.create_index("decisions_by_end", "decisions", ["settled_at", "outcome"], unique=False)
    op.create_index("decisions_by_outcome", "decisions", ["outcome"], unique=False)
    op.create_index("decisions_by_review", "decisions", ["review_id"], unique=False)
    op.create_index("decisions_by_time", "decisions", ["recorded_at"], unique=False)
    op.create_table(
        "delegations",
        sa.Column("seq", BigInteger, autoincrement=True, nullable=False),
        sa.Column("person", Text, nullable=False),
        sa.Column("deputy", Text, nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", Text, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("delegations_by_end", "delegations", ["ends_at"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("client", Text, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client", "key"),
    )
    op.create_table(
        "labels",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", Text, nullable=False),
        sa.Column("review", BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "review"),
        sqlite_with_rowid=False,
    )
    op.create_index("labels_by_review", "labels", ["review"], unique=False)
    op.create_table(
        "overrides",
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("set_by", Text, nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "field"),
    )
    op.create_table(
        "progress",
        sa.Column("seq", BigInteger, autoincrement=True, nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("node", Text, nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("progress_by_decision", "progress", ["decision_id"], unique=False)
    op.create_table(
        "executors",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("host", Text, nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("graphs", sa.JSON(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("lock", BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "pulse",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("version", BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "reviews",
        sa.Column("seq", BigInteger, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("thread_id", Text, nullable=False),
        sa.Column("source", Text, server_default="", nullable=False),
        sa.Column("checkpoint_id", Text, nullable=False),
        sa.Column("interrupt_id", Text, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("graph", Text, nullable=True),
        sa.Column("node", Text, nullable=True),
        sa.Column("title", Text, nullable=False),
        sa.Column("dialect", sa.String(length=32), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("paused_at", UtcDateTime(), nullable=False),
        sa.Column("assignee", Text, nullable=True),
        sa.Column("business_key", Text, nullable=True),
        sa.Column("assignees", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("groups", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("reason", Text, server_default="", nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("escalated_at", UtcDateTime(), nullable=True),
        sa.Column("follow_up_at", UtcDateTime(), nullable=True),
        sa.Column("search", Text, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    _create_open_indexes()
    op.create_index("reviews_by_follow_up", "reviews", ["follow_up_at"], unique=False)
    op.create_index("reviews_by_pause", "reviews", ["paused_at", "kind"], unique=False)
    op.create_index("reviews_by_state", "reviews", ["state", "paused_at"], unique=False)
    op.create_index("reviews_by_thread", "reviews", ["thread_id"], unique=False)
    op.create_table(
        "scans",
        sa.Column("source", Text, nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=True),
        sa.Column("fingerprint", Text, nullable=False),
        sa.Column("scanned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "shown",
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.Column("shown_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "digest"),
    )
    op.create_table(
        "snoozes",
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("by", Text, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_table(
        "sources",
        sa.Column("name", Text, nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("problem", Text, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "threads",
        sa.Column("thread_id", Text, nullable=False),
        sa.Column("source", Text, server_default="", nullable=False),
        sa.Column("graph", Text, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("checkpoint_id", Text, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("business_key", Text, nullable=True),
        sa.Column("next", Text, nullable=False),
        sa.Column("search", Text, nullable=False),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    keyed = sa.text("business_key IS NOT NULL")
    op.create_index("threads_by_business_key", "threads", ["business_key"], sqlite_where=keyed, postgresql_where=keyed)
    op.create_index("threads_by_graph", "threads", ["graph", "updated_at", "state"], unique=False)
    op.create_index("threads_by_source", "threads", ["source", "thread_id"], unique=False)
    op.create_index("threads_by_state", "threads", ["state", "updated_at", "thread_id"], unique=False)
    op.create_index("threads_by_time", "threads", ["updated_at", "thread_id"], unique=False)
    op.create_table(
        "timers",
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("thread_id", Text, nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("fires_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("escalated_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", Text, nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_index("timers_by_time", "timers", ["fires_at"], unique=False)
    op.create_table(
        "unreadable",
        sa.Column("thread_id", Text, nullable=False),
        sa.Column("problem", Text, nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    op.create_table(
        "verdicts",
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tool", Text, nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("graph", Text, nullable=True),
        sa.Column("node", Text, nullable=True),
        sa.Column("reviewer", Text, nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("waited", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("recorded_at", "decision_id", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "views",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("owner", Text, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("query", Text, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "watch",
        sa.Column("thread_id", Text, nullable=False),
        sa.Column("source", Text, server_default="", nullable=False),
        sa.Column("again_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    op.create_index("watch_by_time", "watch", ["source", "again_at"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for statement in _FULL_TEXT:
            op.execute(statement)
    else:
        op.execute(_TRIGRAMS)
        op.execute("CREATE INDEX words ON reviews USING gin (signoff_trigrams(search)) WHERE state != 'closed'")


def _create_open_indexes() -> None:
    """Create one index for each order of the queue; on SQLite each holds all columns by which the queue is filtered."""
    filtered = ["state", "graph", "node", "dialect", "priority", "assignee", "due_at", "paused_at", "business_key"]
    filtered += ["reason", "follow_up_at", "source", "assignees", "groups", "tags"]
    is_open = sa.text("state != 'closed'")
    place = ["source", "thread_id", "state"]
    op.create_index("open_reviews_by_thread", "reviews", place, sqlite_where=is_open, postgresql_where=is_open)
    orders = {
        "paused_at": ("paused_at", "id"),
        "due_at": ("due_at", "paused_at", "id"),
        "priority": (sa.text("priority DESC"), "paused_at", "id"),
        "title": ("title", "id"),
    }
    for name, order in orders.items():
        others = [column for column in filtered if column not in (*order, name)]
        if op.get_bind().dialect.name == "sqlite":
            op.create_index(f"open_reviews_by_{name}", "reviews", [*order, *others], sqlite_where=is_open)
        else:
            op.create_index(f"queue_by_{name}", "reviews", list(order), postgresql_where=is_open)
    if op.get_bind().dialect.name == "sqlite":
        grouped = ["graph", "node", "dialect", "source", "assignee"]
        grouped += [column for column in filtered if column not in grouped]
        op.create_index("open_reviews_by_graph", "reviews", grouped, sqlite_where=is_open)
        op.create_index("open_reviews_by_text", "reviews", ["seq", "search"], sqlite_where=is_open)
