"""Words of open reviews on SQLite: their characters, and pairs of digits, are in the index, too.

The index is filled again by today's code: what is in it is what that looks for. Its column has another name, so that a
process of the version before cannot write to it: it would leave pieces out, and leave those of closed reviews behind.
"""

import sqlalchemy as sa
from alembic import op

from signoff.database import wordsets

revision = "0002"
down_revision = "0001"

_AT_ONCE = 1_000
_INDEX = "CREATE VIRTUAL TABLE wordsets USING fts5(pieces, content='', detail=none, columnsize=0, tokenize='ascii')"
_TEXTS = sa.text("SELECT seq, search FROM reviews WHERE state != 'closed' AND seq > :behind ORDER BY seq LIMIT :most")


def upgrade() -> None:
    """Make the index anew and fill it from the texts."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for statement in ("DROP TABLE wordsets", _INDEX, "DELETE FROM words_known"):
        op.execute(statement)
    behind = -1
    while rows := connection.execute(_TEXTS, {"behind": behind, "most": _AT_ONCE}).all():
        wordsets.learn(connection, [(row.seq, row.search) for row in rows])
        behind = rows[-1].seq
