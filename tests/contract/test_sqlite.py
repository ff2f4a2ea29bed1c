"""What is particular to SQLite files: cursors by rowid, read-only opening, damaged rows, files that are no database."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from contract import graphs
from contract.conftest import sqlite_store
from langgraph.types import Command

from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.errors import BackendUnavailable


def pause(store, *threads, make=graphs.one):
    graph = make(store.saver)
    for thread in threads:
        graph.invoke({"x": 0, "log": []}, {"configurable": {"thread_id": thread}})
    return graph


def test_only_threads_with_new_rows_are_named(sqlite):
    graph = pause(sqlite, "a", "b")
    cursor = sqlite.checkpoints.changes(None).cursor
    [asked] = graph.get_state({"configurable": {"thread_id": "b"}}).interrupts

    graph.invoke(Command(resume={asked.id: "yes"}), {"configurable": {"thread_id": "b"}})

    assert sqlite.checkpoints.changes(cursor).thread_ids == ("b",)


def test_nothing_new_needs_no_look_at_the_rows(sqlite):
    pause(sqlite, "a")
    cursor = sqlite.checkpoints.changes(None).cursor

    changes = sqlite.checkpoints.changes(cursor)

    assert (changes.thread_ids, changes.deletions_possible) == ((), False)


def test_a_cursor_survives_a_restart(sqlite):
    pause(sqlite, "a")
    cursor = json.loads(json.dumps(sqlite.checkpoints.changes(None).cursor))

    reopened = SqliteCheckpoints(sqlite.checkpoints.path)

    assert reopened.changes(cursor).thread_ids == ()
    reopened.close()


@pytest.mark.parametrize("written_again", [0, 1, 5])
def test_rowids_that_were_freed_and_used_again_are_noticed(sqlite, written_again):
    pause(sqlite, "a", "newest")
    cursor = sqlite.checkpoints.changes(None).cursor
    again = [f"again-{i}" for i in range(written_again)]

    sqlite.saver.delete_thread("newest")
    pause(sqlite, *again)

    assert set(sqlite.checkpoints.changes(cursor).thread_ids) == {"newest", *again}


def test_a_replaced_last_row_costs_only_its_own_thread(sqlite):
    graph = pause(sqlite, "b", "a", make=graphs.two_in_a_node)
    cursor = sqlite.checkpoints.changes(None).cursor
    [asked] = graph.get_state({"configurable": {"thread_id": "a"}}).interrupts

    graph.invoke(Command(resume={asked.id: "yes"}), {"configurable": {"thread_id": "a"}})

    assert sqlite.checkpoints.changes(cursor).thread_ids == ("a",)


def test_when_none_of_the_rows_that_were_newest_is_left_everything_is_read_again(sqlite):
    pause(sqlite, "old", *(f"gone-{i}" for i in range(40)))
    cursor = sqlite.checkpoints.changes(None).cursor

    for i in range(40):
        sqlite.saver.delete_thread(f"gone-{i}")
    pause(sqlite, *(f"new-{i}" for i in range(41)))

    assert sqlite.checkpoints.changes(cursor).thread_ids is None


def test_a_vacuum_that_numbers_the_rows_anew_loses_no_change(sqlite):
    pause(sqlite, "gone", "a", "b")
    cursor = sqlite.checkpoints.changes(None).cursor
    sqlite.saver.delete_thread("gone")
    sqlite.saver.conn.execute("VACUUM")
    pause(sqlite, "new")

    changed = sqlite.checkpoints.changes(cursor).thread_ids

    assert changed is None or "new" in changed


def test_reading_leaves_the_file_as_it_is(tmp_path):
    path = tmp_path / "c.sqlite"
    with sqlite_store(path) as store:
        pause(store, "a")
    before = hashlib.sha256(path.read_bytes()).hexdigest()

    reader = SqliteCheckpoints(path)
    list(reader.heads())
    reader.steps("a", limit=10)
    reader.close()

    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_the_reader_cannot_write(sqlite):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        sqlite.checkpoints._connection.execute("DELETE FROM checkpoints")


def test_reading_never_imports_a_class_that_a_checkpoint_names(tmp_path):
    (tmp_path / "foreign.py").write_text(
        "import dataclasses, pathlib\n"
        "pathlib.Path(__file__).with_name('imported').touch()\n"
        "@dataclasses.dataclass\nclass Order:\n    amount: int\n"
    )
    make = (
        "import sqlite3\nfrom typing import TypedDict\nfrom foreign import Order\n"
        "from langgraph.checkpoint.sqlite import SqliteSaver\nfrom langgraph.graph import START, StateGraph\n"
        "from langgraph.types import interrupt\n"
        "class S(TypedDict):\n    order: Order\n"
        "g = StateGraph(S).add_node('ask', lambda s: interrupt(s['order'])).add_edge(START, 'ask')\n"
        "c = sqlite3.connect('c.sqlite', check_same_thread=False)\n"
        "g.compile(checkpointer=SqliteSaver(c)).invoke({'order': Order(7)}, {'configurable': {'thread_id': 't'}})\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", make], cwd=tmp_path, env=environment, check=True, capture_output=True)
    (tmp_path / "imported").unlink()
    read = (
        "import sys\nfrom signoff.checkpoints.sqlite import SqliteCheckpoints\n"
        "c = SqliteCheckpoints('c.sqlite')\n[h] = c.heads()\n"
        "print(h.open[0].payload, c.steps('t', limit=1)[0].values)\n"
        "assert 'foreign' not in sys.modules\n"
    )

    out = subprocess.run([sys.executable, "-c", read], cwd=tmp_path, env=environment, check=True, capture_output=True)

    assert out.stdout.decode().strip() == "{'amount': 7} {'order': {'amount': 7}}"
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("writes", "value", "channel = '__interrupt__'"),
        ("checkpoints", "checkpoint", "1"),
        ("checkpoints", "metadata", "1"),
        ("checkpoints", "type", "1"),
    ],
)
def test_a_damaged_row_costs_only_its_own_thread(sqlite, table, column, where):
    pause(sqlite, "bad", "good")
    damage = sqlite3.connect(sqlite.checkpoints.path)
    damage.execute(f"UPDATE {table} SET {column} = ? WHERE thread_id = 'bad' AND {where}", (b"\xc1\xff not msgpack",))
    damage.commit()
    damage.close()

    heads = {head.thread_id: head for head in sqlite.checkpoints.heads()}

    assert len(heads["good"].open) == 1
    assert heads["good"].problem is None
    assert column == "metadata" or "cannot be decoded" in heads["bad"].problem
    assert sqlite.checkpoints.steps("bad", limit=5)


def test_a_payload_of_five_megabytes_is_read(sqlite):
    from langgraph.graph import START, StateGraph
    from langgraph.types import interrupt

    big = StateGraph(graphs.State).add_node("ask", lambda s: {"log": [interrupt({"text": "x" * 5_000_000})]})
    big.add_edge(START, "ask").compile(checkpointer=sqlite.saver).invoke({"x": 1}, {"configurable": {"thread_id": "t"}})

    assert len(sqlite.head().open[0].payload["text"]) == 5_000_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        (b"hello, I am a text file, not a database at all" * 10, "is not a SQLite database"),
        (b"", "holds no LangGraph checkpoints"),
    ],
)
def test_a_file_that_is_no_checkpoint_database_is_named_with_what_to_do(tmp_path, content, said):
    path = tmp_path / "other.sqlite"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BackendUnavailable, match=said) as raised:
        SqliteCheckpoints(path)

    assert str(path) in str(raised.value)
    assert "Give the" in str(raised.value)


def test_a_read_only_file_in_a_read_only_folder_can_be_read(tmp_path):
    path = tmp_path / "sealed" / "c.sqlite"
    path.parent.mkdir()
    with sqlite_store(path) as store:
        pause(store, "t")
    sealed = Path(f"{path}")
    sealed.chmod(0o444)
    sealed.parent.chmod(0o555)

    script = (
        "import os\n"
        "from signoff.checkpoints.sqlite import SqliteCheckpoints\n"
        "os.getuid() or os.setuid(65534)\n"  # root could write all the same
        f"print([h.thread_id for h in SqliteCheckpoints({str(path)!r}).heads()])\n"
    )
    for folder in (path.parent, *path.parent.parents):
        if folder != Path("/") and os.getuid() == 0 and str(folder).startswith(str(tmp_path.parents[2])):
            folder.chmod(folder.stat().st_mode | 0o055)
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    sealed.parent.chmod(0o755)

    assert out.stdout.strip() == "['t']", out.stderr


def test_a_file_that_vanishes_is_missed_and_one_that_comes_back_is_read(tmp_path):
    path = tmp_path / "c.sqlite"
    with sqlite_store(path) as store:
        pause(store, "old")
        path.rename(tmp_path / "away.sqlite")
        with pytest.raises(BackendUnavailable, match="There is no file"):
            list(store.checkpoints.heads())
        with sqlite_store(path) as another:
            pause(another, "new")

        assert [head.thread_id for head in store.checkpoints.heads()] == ["new"]


def test_the_very_file_that_was_moved_away_is_read_again_when_it_comes_back(tmp_path):
    path, away = tmp_path / "c.sqlite", tmp_path / "away.sqlite"
    with sqlite_store(path) as store:
        pause(store, "t")
        path.rename(away)
        for _ in range(2):
            with pytest.raises(BackendUnavailable, match="There is no file"):
                list(store.checkpoints.heads())
        away.rename(path)

        assert [head.thread_id for head in store.checkpoints.heads()] == ["t"]


def test_running_a_graph_never_makes_an_empty_database(sqlite):
    import asyncio

    sqlite.checkpoints.path.rename(sqlite.checkpoints.path.with_name("away.sqlite"))

    async def open_saver():
        async with sqlite.checkpoints.saver():
            pass

    with pytest.raises(BackendUnavailable, match="There is no file"):
        asyncio.run(open_saver())
    assert not sqlite.checkpoints.path.exists()
