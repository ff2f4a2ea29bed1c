"""One counter that moves whenever the desk changed, so that open tabs know when to look again."""

from __future__ import annotations

import sqlalchemy as sa

from signoff.database.tables import pulse

CHANNEL = "signoff_pulse"
"""Where PostgreSQL tells of every change; the channels of its databases are apart."""
BEATEN = "beaten"
"""Key of the info of a connection in whose transaction a change was counted."""
_NAME = "desk"
_HERE = pulse.c.name == _NAME
_BEAT = sa.update(pulse).where(_HERE).values(version=pulse.c.version + 1)
_VERSION = sa.select(pulse.c.version).where(_HERE)


def beat(connection: sa.Connection) -> None:
    """Count a change, in the transaction that makes it."""
    if connection.execute(_BEAT).rowcount == 0:
        connection.execute(sa.insert(pulse).values(name=_NAME, version=1))
    connection.info[BEATEN] = True
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")  # sent when the transaction commits, once however often


def read(connection: sa.Connection) -> int:
    """Return how many changes were counted so far."""
    return connection.execute(_VERSION).scalar() or 0
