"""What `signoff index` adds to a checkpoint database on request, and takes away again.

LangGraph's tables keep their columns. The **index** holds the interrupts of root namespaces. **Live** is the schema
``signoff_live``: a table of threads that moved, filled by triggers on LangGraph's tables, and a notification when one
pauses or fails. The triggers run with the rights of whoever installed them, on a fixed search path, and swallow what
goes wrong in them, so that no graph fails because of us; the server's log says so. What they miss is found by the next
full look.

Only pauses and errors notify: transactions that notify wait for each other when they commit (PostgreSQL 18).
"""

from __future__ import annotations

from typing import Any

import psycopg

from signoff.checkpoints import Standing
from signoff.checkpoints.postgres_connection import Address, Connection

INDEX, SCHEMA, CHANNEL = "signoff_open_interrupts", "signoff_live", "signoff_moved"
KEPT = "1 day"
"""How long the side table keeps what moved, for desks that are not running."""

_MAKE_INDEX = f"""
    CREATE INDEX CONCURRENTLY {INDEX} ON checkpoint_writes (checkpoint_id DESC, thread_id)
    WHERE channel = '__interrupt__' AND checkpoint_ns = ''"""
_TRIGGERS = (
    ("checkpoints", "signoff_moved", "AFTER INSERT OR UPDATE", "FOR EACH ROW WHEN (NEW.checkpoint_ns = '')", "moved"),
    ("checkpoints", "signoff_deleted", "AFTER DELETE", "FOR EACH ROW WHEN (OLD.checkpoint_ns = '')", "moved"),
    ("checkpoints", "signoff_emptied", "AFTER TRUNCATE", "FOR EACH STATEMENT", "moved"),
    (
        "checkpoint_writes",
        "signoff_moved",
        "AFTER INSERT OR UPDATE",
        "FOR EACH ROW WHEN (NEW.checkpoint_ns = '')",
        "moved",
    ),
    (
        "checkpoint_writes",
        "signoff_paused",
        "AFTER INSERT OR UPDATE",
        "FOR EACH ROW WHEN (NEW.checkpoint_ns = '' AND NEW.channel IN ('__interrupt__', '__error__'))",
        "paused",
    ),
)
_FUNCTION = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
_MAKE_LIVE = f"""
    CREATE SCHEMA IF NOT EXISTS {SCHEMA};
    CREATE TABLE IF NOT EXISTS {SCHEMA}.moved (
        thread_id text, xid xid8 NOT NULL DEFAULT pg_current_xact_id(), at timestamptz NOT NULL DEFAULT now());
    CREATE INDEX IF NOT EXISTS moved_xid ON {SCHEMA}.moved (xid);
    CREATE TABLE IF NOT EXISTS {SCHEMA}.complete (since xid8 NOT NULL);
    INSERT INTO {SCHEMA}.complete SELECT pg_current_xact_id() WHERE NOT EXISTS (SELECT 1 FROM {SCHEMA}.complete);
    CREATE OR REPLACE FUNCTION {SCHEMA}.moved() RETURNS trigger {_FUNCTION} AS $$
    DECLARE
        thread text := CASE TG_OP WHEN 'DELETE' THEN OLD.thread_id WHEN 'TRUNCATE' THEN NULL ELSE NEW.thread_id END;
    BEGIN
        IF current_setting('signoff.moved', true) = 'is ' || thread THEN
            RETURN NULL;  -- noted in this transaction already
        END IF;
        BEGIN
            INSERT INTO {SCHEMA}.moved (thread_id) VALUES (thread);
            PERFORM set_config('signoff.moved', 'is ' || coalesce(thread, ''), true);
        EXCEPTION WHEN OTHERS THEN
            RAISE LOG 'signoff: a change of thread % was not noted: %', thread, SQLERRM;
        END;
        RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION {SCHEMA}.paused() RETURNS trigger {_FUNCTION} AS $$
    BEGIN
        PERFORM pg_notify('{CHANNEL}', '');
        RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
        RAISE LOG 'signoff: nobody was told of a pause: %', SQLERRM;
        RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION {SCHEMA}.trim() RETURNS void {_FUNCTION} AS $$
    BEGIN
        UPDATE {SCHEMA}.complete SET since = greatest(since, coalesce(
            (SELECT max(xid) FROM {SCHEMA}.moved WHERE at < now() - interval '{KEPT}'), since));
        DELETE FROM {SCHEMA}.moved WHERE at < now() - interval '{KEPT}';
    END $$;
    REVOKE ALL ON FUNCTION {SCHEMA}.trim() FROM PUBLIC;
    DO $$
    DECLARE reader text;
    BEGIN
        FOR reader IN SELECT DISTINCT CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END
            FROM pg_class AS c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS acl
            WHERE c.oid = 'checkpoints'::regclass AND acl.privilege_type = 'SELECT'
        LOOP
            EXECUTE format('GRANT USAGE ON SCHEMA {SCHEMA} TO %s', reader);
            EXECUTE format('GRANT SELECT ON {SCHEMA}.moved, {SCHEMA}.complete TO %s', reader);
            EXECUTE format('GRANT EXECUTE ON FUNCTION {SCHEMA}.trim() TO %s', reader);
        END LOOP;
    END $$"""

_STANDING = f"""
    SELECT
        EXISTS (SELECT 1 FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
                WHERE c.relname = '{INDEX}' AND i.indrelid = 'checkpoint_writes'::regclass AND i.indisvalid),
        (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'signoff\\_%' AND tgenabled IN ('O', 'A')
            AND tgrelid IN ('checkpoints'::regclass, 'checkpoint_writes'::regclass)),
        (SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = '{SCHEMA}' AND c.relname IN ('moved', 'complete')
              AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')),
        EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = '{SCHEMA}')"""


def standing(connection: Connection, *, pooled: bool = False) -> Standing:
    """Return what is installed, as this role sees it."""
    [(index, triggers, readable, schema)] = connection.execute(_STANDING).fetchall()
    live = triggers == len(_TRIGGERS) and readable == 2
    return Standing(index=index, live=live, broken=not live and bool(triggers or schema), pooled=pooled)


def make_index(url: str) -> None:
    """Build the index without locking anybody out; one that was left half built is built anew."""
    _run(url, f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}", _MAKE_INDEX)


def drop_index(url: str) -> None:
    """Take the index away."""
    _run(url, f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")


def make_live(url: str) -> None:
    """Install schema and triggers, all or nothing; run again, it also lets roles read that came later.

    A trigger needs a lock that waits for transactions under way while others wait behind it: it gives up after 5 s.
    """
    triggers = [
        f"CREATE OR REPLACE TRIGGER {name} {when} ON {table} {condition} EXECUTE FUNCTION {SCHEMA}.{function}()"
        for table, name, when, condition, function in _TRIGGERS
    ]
    _run(url, "BEGIN", "SET LOCAL lock_timeout = '5s'", _MAKE_LIVE, *triggers, "COMMIT")


def drop_live(url: str) -> None:
    """Take schema and triggers away, all or nothing."""
    triggers = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for table, name, *_ in _TRIGGERS]
    schema = f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"
    _run(url, "BEGIN", "SET LOCAL lock_timeout = '5s'", *triggers, schema, "COMMIT")


def _run(url: str, *statements: Any) -> None:
    address = Address(url)
    with address.connect() as connection:
        try:
            for statement in statements:
                connection.execute(statement)
        except psycopg.Error as error:
            raise address.explain(error) from error
