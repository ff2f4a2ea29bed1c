"""What is particular to PostgreSQL: cursors by transaction, rights, restarts, the index and the triggers, locks."""

import asyncio
import json
import threading
import time
from contextlib import closing

import psycopg
import pytest
from contract import graphs
from contract.conftest import postgres_store
from langgraph.types import Command
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from signoff.backends import open_checkpoints
from signoff.checkpoints import Changes, Standing, postgres_index
from signoff.checkpoints.postgres import PostgresCheckpoints
from signoff.checkpoints.postgres_connection import Address
from signoff.checkpoints.postgres_lock import Turn, lock_key
from signoff.errors import BackendUnavailable, SettingsInvalid
from signoff.settings import Settings


def pause(store, *threads, make=graphs.one):
    graph = make(store.saver)
    for thread in threads:
        graph.invoke({"x": 0, "log": []}, {"configurable": {"thread_id": thread}})
    return graph


def answer(graph, thread):
    config = {"configurable": {"thread_id": thread}}
    [asked] = graph.get_state(config).interrupts
    graph.invoke(Command(resume={asked.id: "yes"}), config)


@pytest.fixture
def admin(checkpoints_url):
    with psycopg.connect(checkpoints_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def live(on_postgres, checkpoints_url):
    postgres_index.make_live(checkpoints_url)
    return on_postgres


def test_only_threads_with_new_rows_are_named(on_postgres):
    graph = pause(on_postgres, "a", "b")
    cursor = on_postgres.checkpoints.changes(None).cursor

    answer(graph, "b")

    changes = on_postgres.checkpoints.changes(cursor)
    assert changes.thread_ids == ("b",)
    assert on_postgres.checkpoints.changes(changes.cursor).thread_ids == ()


def test_a_cursor_survives_another_process(on_postgres, checkpoints_url):
    pause(on_postgres, "a")
    cursor = json.loads(json.dumps(on_postgres.checkpoints.changes(None).cursor))

    with closing(PostgresCheckpoints(checkpoints_url)) as other:
        assert other.changes(cursor).thread_ids == ()
        pause(on_postgres, "b")
        assert other.changes(cursor).thread_ids == ("b",)


@pytest.mark.parametrize("savepoint", [False, True])
@pytest.mark.parametrize("by_triggers", [False, True])
def test_a_transaction_that_began_before_the_look_and_is_committed_after_it_is_found(
    on_postgres, checkpoints_url, admin, savepoint, by_triggers
):
    if by_triggers:
        postgres_index.make_live(checkpoints_url)
    pause(on_postgres, "late", "early")
    cursor = on_postgres.checkpoints.changes(None).cursor
    touch = "UPDATE checkpoint_writes SET idx = idx WHERE thread_id = 'late'"
    with psycopg.connect(checkpoints_url) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        if savepoint:
            slow.execute("SAVEPOINT one")
        slow.execute(touch)
        pause(on_postgres, "new")  # begins later, commits earlier
        seen = on_postgres.checkpoints.changes(cursor)
        slow.commit()

    assert "new" in seen.thread_ids
    assert "late" not in seen.thread_ids
    assert "late" in on_postgres.checkpoints.changes(seen.cursor).thread_ids


def test_a_row_written_again_names_its_thread(on_postgres, admin):
    pause(on_postgres, "a", "b")
    cursor = on_postgres.checkpoints.changes(None).cursor

    admin.execute("UPDATE checkpoints SET metadata = metadata || '{\"k\": 1}' WHERE thread_id = 'a'")

    assert on_postgres.checkpoints.changes(cursor).thread_ids == ("a",)


def test_vacuum_and_freezing_name_no_thread(on_postgres, admin):
    pause(on_postgres, "a", "b")
    cursor = on_postgres.checkpoints.changes(None).cursor

    admin.execute("VACUUM (FREEZE) checkpoints")
    admin.execute("VACUUM (FREEZE) checkpoint_writes")
    pause(on_postgres, "c")

    assert on_postgres.checkpoints.changes(cursor).thread_ids == ("c",)


@pytest.mark.parametrize("statement", ["VACUUM FULL checkpoints", "TRUNCATE checkpoints"])
def test_rebuilt_tables_are_read_anew(on_postgres, admin, statement):
    pause(on_postgres, "a")
    cursor = on_postgres.checkpoints.changes(None).cursor

    admin.execute(statement)

    assert on_postgres.checkpoints.changes(cursor).thread_ids is None


def test_a_deleted_thread_is_looked_for(on_postgres):
    pause(on_postgres, "a")
    cursor = on_postgres.checkpoints.changes(None).cursor

    on_postgres.saver.delete_thread("a")

    assert on_postgres.checkpoints.changes(cursor).deletions_possible
    assert on_postgres.checkpoints.missing(["a"]) == {"a"}


def test_a_cursor_of_another_database_or_of_the_future_reads_everything(on_postgres, postgres, checkpoint_template):
    cursor = on_postgres.checkpoints.changes(None).cursor
    ahead = {**cursor, "seen": "999999999:999999999:"}
    behind = {**cursor, "full": "-4000000000:-4000000000:"}

    with postgres.database(template=checkpoint_template) as url, postgres_store(url) as other:
        assert other.checkpoints.changes(cursor).thread_ids is None
    assert on_postgres.checkpoints.changes(ahead).thread_ids is None
    assert on_postgres.checkpoints.changes(behind).thread_ids is None
    assert on_postgres.checkpoints.changes({"rowid": 7}).thread_ids is None


def test_the_reader_cannot_write(on_postgres):
    with pytest.raises(BackendUnavailable, match="read-only transaction"):
        on_postgres.checkpoints._query("DELETE FROM checkpoints RETURNING 1")


def test_a_role_that_may_only_read_reads_everything(on_postgres, checkpoints_url, admin, postgres):
    graph = pause(on_postgres, "a")
    name = f"reader_{time.monotonic_ns()}"
    role = sql.Identifier(name)
    tables = sql.SQL("checkpoints, checkpoint_blobs, checkpoint_writes")
    admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 's3cret'").format(role))
    try:
        admin.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(tables, role))
        given = conninfo_to_dict(checkpoints_url)
        url = f"postgresql://{name}:s3cret@/{given['dbname']}?host={given['host']}&port={given.get('port', 5432)}"
        for make_live in (False, True):
            if make_live:
                postgres_index.make_live(checkpoints_url)
            with closing(PostgresCheckpoints(url)) as reader:
                cursor = reader.changes(None).cursor
                pause(on_postgres, f"b{make_live}")
                assert reader.changes(cursor).thread_ids == (f"b{make_live}",)
                assert reader.standing().live == make_live
                assert reader.steps("a", limit=9) == on_postgres.checkpoints.steps("a", limit=9)
                assert not reader.busy("a")
                with reader.lock("a"):
                    assert reader.busy("a")
        admin.execute(sql.SQL("REVOKE SELECT ON checkpoint_blobs FROM {}").format(role))
        with closing(PostgresCheckpoints(url)) as reader, pytest.raises(BackendUnavailable, match="needs SELECT"):
            list(reader.heads())
        answer(graph, "a")
    finally:
        admin.execute(sql.SQL("DROP OWNED BY {}").format(role))
        admin.execute(sql.SQL("DROP ROLE {}").format(role))


def test_a_restarted_server_is_found_again_and_everything_looked_at(checkpoints_url, postgres):
    with closing(PostgresCheckpoints(checkpoints_url)) as checkpoints:
        with postgres_store(checkpoints_url) as writing:
            pause(writing, "a")
        cursor = checkpoints.changes(None).cursor
        assert [head.thread_id for head in checkpoints.heads()] == ["a"]

        postgres.restart()

        assert checkpoints.changes(cursor).thread_ids is None
        assert [head.thread_id for head in checkpoints.heads()] == ["a"]


def test_a_server_that_is_gone_is_said_without_the_password():
    with pytest.raises(BackendUnavailable, match="Check the address and that the server runs") as raised:
        PostgresCheckpoints("postgresql://ada:s3cret%2F@127.0.0.1:9/things")

    assert "s3cret" not in str(raised.value)
    assert "ada@127.0.0.1:9/things" in str(raised.value)


@pytest.mark.parametrize("rest", ["ada:s3cret@host:port/things?nonsense=1", "ada:p@s3cret@host/things"])
def test_an_address_that_cannot_be_read_is_said_without_the_password(rest):
    with pytest.raises(SettingsInvalid, match="cannot be read") as raised:
        Address(f"postgresql://{rest}")

    assert "s3cret" not in str(raised.value)
    assert "s3cret" not in Settings(db=f"postgresql://{rest}").address


def test_a_database_without_checkpoints_says_what_is_missing(postgres_url):
    with pytest.raises(BackendUnavailable, match="holds no LangGraph checkpoints"):
        PostgresCheckpoints(postgres_url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_flag_db_takes_a_url(checkpoints_url, scheme):
    settings = Settings(db=checkpoints_url.replace("postgresql", scheme, 1))

    with closing(open_checkpoints(settings)) as checkpoints:
        assert list(checkpoints.heads()) == []


def test_a_thread_id_that_postgresql_cannot_hold_is_an_unknown_thread(on_postgres):
    assert list(on_postgres.checkpoints.heads(["a\0b", "a\ud800"])) == []
    assert on_postgres.checkpoints.newest("a\0b") == ""
    assert on_postgres.checkpoints.steps("a\0b", limit=1) == ()


@pytest.mark.parametrize("blob", [b"\xc1 spoilt", b""])
def test_a_damaged_value_costs_only_its_own_channel(on_postgres, admin, blob):
    pause(on_postgres, "a", "b")
    admin.execute("UPDATE checkpoint_blobs SET blob = %s WHERE thread_id = 'a' AND channel = 'log'", (blob,))

    damaged, whole = on_postgres.checkpoints.heads()

    assert "channel log" in damaged.problem
    assert len(damaged.open) == 1
    assert whole.problem is None


def test_tables_without_task_paths_are_read(on_postgres, checkpoints_url, admin):
    pause(on_postgres, "a")
    admin.execute("ALTER TABLE checkpoint_writes DROP COLUMN task_path")

    with closing(PostgresCheckpoints(checkpoints_url)) as reader:
        [head] = reader.heads()

    assert len(head.open) == 1


def test_with_the_index_new_pauses_are_seen_at_once_and_all_else_by_the_next_full_look(
    on_postgres, checkpoints_url, monkeypatch
):
    postgres_index.make_index(checkpoints_url)
    graph = pause(on_postgres, "a")
    reader = on_postgres.checkpoints
    assert reader.standing() == Standing(index=True, live=False, broken=False)
    cursor = reader.changes(reader.changes(None).cursor).cursor
    pause(on_postgres, "x")
    cursor = reader.changes(cursor).cursor  # the full look that a process begins with

    answer(graph, "a")
    pause(on_postgres, "b")
    quick = reader.changes(cursor)
    monkeypatch.setattr(reader._changes, "_full_due", 0.0)
    full = reader.changes(quick.cursor)

    assert (quick.thread_ids, quick.deletions_possible) == (("b",), False)
    assert full.thread_ids == ("a", "b")


def test_the_index_is_built_anew_and_dropped(on_postgres, checkpoints_url):
    postgres_index.make_index(checkpoints_url)
    postgres_index.make_index(checkpoints_url)
    assert on_postgres.checkpoints.standing().index

    postgres_index.drop_index(checkpoints_url)
    postgres_index.drop_index(checkpoints_url)

    assert not on_postgres.checkpoints.standing().index


def test_live_names_what_moved_and_what_was_deleted(live):
    graph = pause(live, "a", "b", "c")
    reader = live.checkpoints
    assert reader.standing().live
    first = reader.changes(reader.changes(None).cursor)
    pause(live, "d")
    begun = reader.changes(first.cursor)  # the full look that a process begins with

    answer(graph, "a")
    moved = reader.changes(begun.cursor)
    live.saver.delete_thread("b")
    deleted = reader.changes(moved.cursor)

    assert (moved.thread_ids, moved.deletions_possible) == (("a",), False)
    assert (deleted.thread_ids, deleted.deletions_possible) == (("b",), True)
    assert reader.changes(deleted.cursor) == Changes(cursor=deleted.cursor, thread_ids=(), deletions_possible=False)


def test_a_thread_is_noted_once_in_a_transaction(live, admin):
    with admin.transaction():
        for number in range(5):
            admin.execute(
                "INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES ('a', %s, '{}')", (str(number),)
            )

    assert admin.execute("SELECT thread_id FROM signoff_live.moved").fetchall() == [("a",)]


def test_a_graph_runs_on_when_the_side_table_is_dropped_under_it_and_the_scan_falls_back(live, admin):
    cursor = live.checkpoints.changes(None).cursor
    admin.execute("DROP TABLE signoff_live.moved")

    graph = pause(live, "a")
    answer(graph, "a")

    assert live.checkpoints.standing().broken
    assert live.checkpoints.changes(cursor).thread_ids == ("a",)


def test_a_role_that_writes_checkpoints_needs_no_right_on_our_schema(live, checkpoints_url, admin):
    name = f"writer_{time.monotonic_ns()}"
    role = sql.Identifier(name)
    admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    try:
        admin.execute(sql.SQL("GRANT ALL ON checkpoints, checkpoint_writes TO {}").format(role))
        admin.execute(sql.SQL("SET ROLE {}").format(role))
        admin.execute("INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES ('a', '1', '{}')")
        admin.execute("RESET ROLE")
        assert admin.execute("SELECT thread_id FROM signoff_live.moved").fetchall() == [("a",)]
    finally:
        admin.execute(sql.SQL("DROP OWNED BY {}").format(role))
        admin.execute(sql.SQL("DROP ROLE {}").format(role))


def test_what_was_trimmed_is_found_by_a_full_look(live, admin):
    reader = live.checkpoints
    cursor = reader.changes(reader.changes(None).cursor).cursor
    pause(live, "a")
    admin.execute("UPDATE signoff_live.moved SET at = now() - interval '2 days'")
    admin.execute("SELECT signoff_live.trim()")
    assert admin.execute("SELECT count(*) FROM signoff_live.moved").fetchall() == [(0,)]

    assert reader.changes(cursor).thread_ids == ("a",)


def test_live_is_taken_away_without_a_trace(live, checkpoints_url, admin):
    postgres_index.make_live(checkpoints_url)
    postgres_index.drop_live(checkpoints_url)
    postgres_index.drop_live(checkpoints_url)

    assert live.checkpoints.standing() == Standing(index=False, live=False, broken=False)
    left = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'signoff%'"
    assert admin.execute(left).fetchall() == [(0,)]


def test_a_pause_wakes_whoever_listens_also_after_the_connection_broke(live, admin):
    woken = threading.Event()
    live.checkpoints.listen(woken.set)
    for thread in ("a", "b"):
        assert woken.wait(60)  # it wakes whenever it has connected
        woken.clear()
        pause(live, thread)
        assert woken.wait(60)
        woken.clear()
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")


def test_a_thread_is_locked_across_connections_and_others_are_not(on_postgres, checkpoints_url):
    with closing(PostgresCheckpoints(checkpoints_url)) as other:
        with on_postgres.checkpoints.lock("a"):
            assert other.busy("a")
            assert not other.busy("b")
            with other.lock("b"):
                pass
        assert not other.busy("a")


def test_whoever_takes_over_waits_until_the_old_run_has_put_its_pen_down(on_postgres, checkpoints_url, admin):
    [key] = [lock_key("pen", "a")]
    admin.execute("SELECT pg_advisory_lock(%s)", (key,))
    entered = threading.Event()

    def take_over():
        with on_postgres.checkpoints.lock("a"):
            entered.set()

    taking = threading.Thread(target=take_over)
    taking.start()
    while not on_postgres.checkpoints.busy("a"):
        time.sleep(0.01)
    assert not entered.wait(0.3)
    admin.execute("SELECT pg_advisory_unlock(%s)", (key,))
    taking.join()
    assert entered.is_set()


LOCKS = """
    SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND datname = current_database()"""


@pytest.fixture
def lose(admin):
    """End every connection that holds a lock, as a restart of the server does."""

    def lose():
        admin.execute(f"SELECT pg_terminate_backend(pid) FROM ({LOCKS}) AS holders")
        while admin.execute(LOCKS).fetchall():
            time.sleep(0.01)

    return lose


async def write_with(checkpoints, meanwhile):
    async with checkpoints.saver() as saver:
        graph = graphs.one(saver)
        meanwhile()
        await graph.ainvoke({"x": 0, "log": []}, {"configurable": {"thread_id": "a"}}, durability="sync")


def test_a_run_whose_lock_was_lost_before_it_wrote_writes_nothing(on_postgres, lose):
    with on_postgres.checkpoints.lock("a"), pytest.raises(BackendUnavailable, match="Nothing was written"):
        asyncio.run(write_with(on_postgres.checkpoints, lose))

    assert list(on_postgres.checkpoints.heads()) == []


def test_a_run_holds_the_pen_on_the_connection_by_which_it_writes(on_postgres, admin):
    async def run():
        async with on_postgres.checkpoints.saver() as saver:
            await graphs.one(saver).ainvoke({"x": 0, "log": []}, {"configurable": {"thread_id": "a"}})
            [(holder,)] = admin.execute(LOCKS).fetchall()
            assert holder == saver.conn.info.backend_pid

    asyncio.run(run())


def paused_and_cut_off(checkpoints, meanwhile):
    """Run a thread to its question, let something happen, and change its state."""

    async def run():
        async with checkpoints.saver() as saver:
            graph, config = graphs.one(saver), {"configurable": {"thread_id": "a"}}
            await graph.ainvoke({"x": 0, "log": []}, config)
            meanwhile()
            await graph.aupdate_state(config, {"x": 7})

    with checkpoints.lock("a"):
        asyncio.run(run())


def test_a_run_whose_connections_break_takes_its_locks_again_and_goes_on(on_postgres, admin, lose):
    paused_and_cut_off(on_postgres.checkpoints, lose)

    [step] = on_postgres.checkpoints.steps("a", limit=1)
    assert (step.source, step.values["x"]) == ("update", 7)
    assert admin.execute(LOCKS).fetchall() == []


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO checkpoints SELECT thread_id, checkpoint_ns, 'f' || checkpoint_id, checkpoint_id, type, "
        "checkpoint, metadata FROM checkpoints WHERE thread_id = 'a'",
        "INSERT INTO checkpoint_writes SELECT thread_id, checkpoint_ns, checkpoint_id, task_id, 0, 'x', type, blob, "
        "task_path FROM checkpoint_writes WHERE thread_id = 'a' AND channel = '__interrupt__'",
    ],
    ids=["a checkpoint", "a write"],
)
def test_a_run_whose_connections_broke_writes_no_more_where_another_one_wrote(on_postgres, admin, lose, change):
    def lose_and_change():
        lose()
        admin.execute(change)

    with pytest.raises(BackendUnavailable, match="another run took over"):
        paused_and_cut_off(on_postgres.checkpoints, lose_and_change)

    assert all(step.source != "update" for step in on_postgres.checkpoints.steps("a", limit=9))


def test_a_run_that_lost_its_turn_to_another_one_waits_for_it_and_gives_up(
    on_postgres, checkpoints_url, lose, monkeypatch
):
    monkeypatch.setattr("signoff.checkpoints.postgres_saver._PATIENCE_SECONDS", 0.3)
    other = Turn(Address(checkpoints_url), "a")

    def lose_to_another():
        lose()
        other.take()

    with pytest.raises(BackendUnavailable, match="Another run has taken over thread 'a'"):
        paused_and_cut_off(on_postgres.checkpoints, lose_to_another)
    other.release()


def test_a_pooler_is_read_through_and_never_runs_a_graph(on_postgres, monkeypatch):
    from signoff.checkpoints import postgres_lock

    monkeypatch.setattr(postgres_lock, "is_pooled", lambda connection: True)

    with pytest.raises(BackendUnavailable, match="is a connection pooler"), on_postgres.checkpoints.lock("a"):
        pass
