"""Words of open reviews on SQLite: their characters, and pairs of digits, are in the index, too."""

import sqlalchemy as sa
from alembic import op

from signoff.database import wordsets

revision = "0002"
down_revision = "0001"

_AT_ONCE = 1_000
_TEXTS = sa.text("SELECT seq, search FROM reviews WHERE state != 'closed' AND seq > :behind ORDER BY seq LIMIT :most")


def upgrade() -> None:
    """Fill the index again from the texts."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    wordsets.clear(connection)
    behind = -1
    while rows := connection.execute(_TEXTS, {"behind": behind, "most": _AT_ONCE}).all():
        wordsets.learn(connection, [(row.seq, row.search) for row in rows])
        behind = rows[-1].seq
