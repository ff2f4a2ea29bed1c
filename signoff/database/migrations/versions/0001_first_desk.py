"""The first desk: reviews, decisions, their audit trail and progress, and the scanner's memory."""

import sqlalchemy as sa
from alembic import op

from signoff.database.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915 - one statement a table and index
    """Create the tables."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
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
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("graph", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    op.create_table(
        "claim_events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("claim_events_by_review", "claim_events", ["review_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
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
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_source", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("comments_by_review", "comments", ["review_id"], unique=False)
    op.create_index("comments_by_thread", "comments", ["thread_id"], unique=False)
    op.create_table(
        "correlations",
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("mark", "review_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("correlations_by_review", "correlations", ["review_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Text(), nullable=False),
        sa.Column("interrupt_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("graph", sa.Text(), nullable=True),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("dialect", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("reviewer_source", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("resume", sa.JSON(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("checkpoint_before", sa.Text(), nullable=True),
        sa.Column("checkpoint_after", sa.Text(), nullable=True),
        sa.Column("proposed", sa.JSON(), nullable=True),
        sa.Column("wrote", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("thread_id", "question", "attempt", name="first_answer_wins"),
    )
    op.create_index("decisions_by_outcome", "decisions", ["outcome"], unique=False)
    op.create_index("decisions_by_review", "decisions", ["review_id"], unique=False)
    op.create_index("decisions_by_time", "decisions", ["recorded_at"], unique=False)
    op.create_table(
        "delegations",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("deputy", sa.Text(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("delegations_by_end", "delegations", ["ends_at"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client", "key"),
    )
    op.create_table(
        "labels",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("review", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "review"),
        sqlite_with_rowid=False,
    )
    op.create_index("labels_by_review", "labels", ["review"], unique=False)
    op.create_table(
        "overrides",
        sa.Column("review_id", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "field"),
    )
    op.create_table(
        "progress",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("progress_by_decision", "progress", ["decision_id"], unique=False)
    op.create_table(
        "pulse",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "reviews",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("checkpoint_id", sa.Text(), nullable=False),
        sa.Column("interrupt_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("graph", sa.Text(), nullable=True),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("dialect", sa.String(length=32), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("paused_at", UtcDateTime(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("assignees", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("groups", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("escalated_at", UtcDateTime(), nullable=True),
        sa.Column("follow_up_at", UtcDateTime(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
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
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
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
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "threads",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("graph", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("checkpoint_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
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
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("fires_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("escalated_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_index("timers_by_time", "timers", ["fires_at"], unique=False)
    op.create_table(
        "unreadable",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    op.create_table(
        "verdicts",
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("graph", sa.Text(), nullable=True),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("waited", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("recorded_at", "decision_id", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "views",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "watch",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("again_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    op.create_index("watch_by_time", "watch", ["source", "again_at"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        indexed = "search, content='reviews', content_rowid='seq'"
        op.execute(f"CREATE VIRTUAL TABLE words USING fts5({indexed}, tokenize='trigram case_sensitive 1')")


def _create_open_indexes() -> None:
    """Create one index for each order of the queue; each holds all columns by which the queue is filtered."""
    filtered = ["state", "graph", "node", "dialect", "priority", "assignee", "due_at", "paused_at", "business_key"]
    filtered += ["reason", "follow_up_at", "source"]
    is_open = sa.text("state != 'closed'")
    orders = {
        "paused_at": ("paused_at", "id"),
        "due_at": ("due_at", "paused_at", "id"),
        "priority": (sa.text("priority DESC"), "paused_at", "id"),
        "title": ("title", "id"),
    }
    for name, order in orders.items():
        others = [column for column in filtered if column not in (*order, name)]
        op.create_index(
            f"open_reviews_by_{name}",
            "reviews",
            [*order, *others],
            unique=False,
            sqlite_where=is_open,
            postgresql_where=is_open,
        )
