"""A damaged row of a SQLite checkpoint file costs its own thread, and no other one."""

import json

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from unit.test_put_back import File, desk_on

from signoff.reviews import Query

SERDE = JsonPlusSerializer()


def written(ts):
    """Have all checkpoints of the thread say that they were written then, and nothing wait."""

    def damage(db):
        for key, kind, blob in db.execute(
            "SELECT checkpoint_id, type, checkpoint FROM checkpoints WHERE thread_id = 'bad'"
        ).fetchall():
            checkpoint = SERDE.loads_typed((kind, blob)) | {"ts": ts}
            db.execute(
                "UPDATE checkpoints SET type = ?, checkpoint = ? WHERE checkpoint_id = ?",
                (*SERDE.dumps_typed(checkpoint), key),
            )
        db.execute("DELETE FROM writes WHERE thread_id = 'bad' AND channel = '__interrupt__'")

    return damage


def at_step(number):
    def damage(db):
        for key, said in db.execute(
            "SELECT checkpoint_id, metadata FROM checkpoints WHERE thread_id = 'bad'"
        ).fetchall():
            metadata = json.dumps(json.loads(said) | {"step": number}).encode()
            db.execute("UPDATE checkpoints SET metadata = ? WHERE checkpoint_id = ?", (metadata, key))

    return damage


def named(sql):
    return lambda db: [
        db.execute(f"UPDATE {table} SET thread_id = {sql} WHERE thread_id = 'bad'")
        for table in ("checkpoints", "writes")
    ]


@pytest.mark.parametrize(
    "damage",
    [
        *map(written, ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00", "9999-12-31T23:59:59+00:00", "?", 7]),
        *map(at_step, [10**20, -(2**40), "two", None]),
        *map(named, ["x'ff41'", "CAST(x'ff41' AS TEXT)", "7"]),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_other_threads_are_read(tmp_path, damage, known):
    file = File(tmp_path)
    file.pause("bad")
    file.pause("good")
    with desk_on(tmp_path, "desk.db") as desk:
        if known:
            desk.scan()
        damage(file.db)
        file.db.commit()
        desk.scan()
        file.pause("later")
        desk.scan()
        desk.scanner.rebuild()
        assert {"good", "later"} <= {one.thread_id for one in desk.queue(Query()).reviews}
