"""A damaged row of a SQLite checkpoint file costs its own thread, and no other one."""

import json

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from unit.test_put_back import File, desk_on

from signoff.reviews import Query

SERDE = JsonPlusSerializer()
ZONES = ("+14:00", "-10:00", "+00:00")


def saying(**said):
    """Have all checkpoints of the thread say this, and nothing wait."""

    def damage(db):
        for key, kind, blob in db.execute(
            "SELECT checkpoint_id, type, checkpoint FROM checkpoints WHERE thread_id = 'bad'"
        ).fetchall():
            checkpoint = SERDE.loads_typed((kind, blob)) | said
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
        *(
            saying(ts=ts)
            for ts in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00", "9999-12-31T23:59:59+00:00")
        ),
        *(saying(ts=ts) for ts in ("?", 7)),
        saying(channel_values={7: "a name that is none"}),
        saying(versions_seen={"node": 7}),
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


def test_an_error_of_ours_costs_the_thread_alone_on_which_it_is_made(tmp_path, monkeypatch, caplog):
    def fails_on_bad(waiting, *_):
        if waiting.review.thread_id == "bad":
            raise TypeError("no such thing")

    file = File(tmp_path)
    file.pause("bad")
    with desk_on(tmp_path, "desk.db") as desk:
        desk.scan()
        [before] = desk.queue(Query()).reviews
        monkeypatch.setattr("signoff.scanner.plan_of", fails_on_bad)
        file.pause("good")
        desk.scanner.rebuild()
        desk.scanner.look(["bad"])
        desk.scan()

        assert [one.thread_id for one in desk.queue(Query()).reviews] == ["good"]
        assert "no such thing" in desk.database.scans.unreadable()["bad"]

        monkeypatch.undo()
        desk.scanner.look(["bad"])
        assert before.id in {one.id for one in desk.queue(Query()).reviews}
        assert desk.database.scans.unreadable() == {}
