"""A SQLite checkpoint file that is put back from its copy: one scan later the queue says what the file says."""

import shutil
import sqlite3
from contextlib import closing
from random import Random
from types import SimpleNamespace

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from pages.asking import builder
from unit.office import NoJobs

from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.comparing import Comparison
from signoff.database import Database
from signoff.desk import Desk
from signoff.reviews import Query

GRAPHS = SimpleNamespace(
    names=("asking",),
    broken={},
    candidates=lambda nodes, channels: ("asking",),
    breakpoints=lambda name: None,
    fingerprint=lambda name, node: None,
    shape=lambda name: None,
)


class File:
    """A checkpoint file and its copy."""

    def __init__(self, folder):
        self.path, self.copied = folder / "c.sqlite", folder / "copy.sqlite"
        self.open()
        self.saver.setup()

    def open(self):
        self.db = sqlite3.connect(self.path, check_same_thread=False)
        self.saver = SqliteSaver(self.db)
        self.graph = builder.compile(self.saver)

    def whole(self):
        self.db.commit()
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def pause(self, thread, words="ok?", **state):
        self.graph.invoke({"ask": {"question": words}, **state}, config(thread))

    def copy(self):
        self.whole()
        shutil.copy(self.path, self.copied)

    def put_back(self, way):
        self.whole()
        self.db.close()
        if way == "into the file":
            with closing(sqlite3.connect(self.copied)) as copy, closing(sqlite3.connect(self.path)) as into:
                copy.backup(into)
        else:
            for beside in self.path.parent.glob("c.sqlite-*"):
                beside.unlink()
            shutil.copy(self.copied, self.path.with_name("new"))
            self.path.with_name("new").rename(self.path)
        self.open()


def config(thread):
    return {"configurable": {"thread_id": thread}}


def desk_on(folder, name):
    checkpoints = SqliteCheckpoints(folder / "c.sqlite")
    return closing(Desk(checkpoints, Database(f"sqlite:///{folder / name}"), GRAPHS, NoJobs()))


def waiting(desk):
    desk.scan()
    return {(one.thread_id, one.id, one.kind) for one in desk.queue(Query(limit=500)).reviews}


WAYS = ("into the file", "over the file")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("many", [3, 60])
def test_a_thread_that_was_deleted_and_put_back_waits_again(tmp_path, way, many):
    file = File(tmp_path)
    for number in range(many):
        file.pause(f"t{number}")
    file.copy()
    with desk_on(tmp_path, "desk.db") as desk:
        before = waiting(desk)
        file.saver.delete_thread("t1")
        assert len(waiting(desk)) == many - 1
        file.put_back(way)
        assert waiting(desk) == before


class Life:
    """What happens to a file, by chance."""

    def __init__(self, file, random):
        self.file, self.random = file, random

    def happen(self):
        acts = [self.pause, self.pause, self.answer, self.answer, self.delete, self.delete_newest, self.vacuum]
        self.random.choice([*acts, self.copy, self.put_back])(f"t{self.random.randrange(12)}")

    def pause(self, thread):
        if not self.file.db.execute("SELECT 1 FROM checkpoints WHERE thread_id = ?", (thread,)).fetchone():
            then = {"then": {"question": "and?"}} if self.random.random() < 0.5 else {}
            self.file.pause(thread, "q" * self.random.choice([1, 3000]), **then)

    def answer(self, thread):
        if self.file.graph.get_state(config(thread)).next:
            self.file.graph.invoke(Command(resume="y"), config(thread))

    def delete(self, thread):
        self.file.saver.delete_thread(thread)

    def delete_newest(self, _):
        if row := self.file.db.execute("SELECT thread_id FROM checkpoints ORDER BY rowid DESC LIMIT 1").fetchone():
            self.delete(row[0])

    def vacuum(self, _):
        self.file.db.commit()
        self.file.db.execute("VACUUM")

    def copy(self, _):
        self.file.copy()

    def put_back(self, _):
        if self.file.copied.exists():
            self.file.put_back(self.random.choice(WAYS))


@pytest.mark.parametrize("seed", range(8))
def test_after_any_life_of_the_file_the_queue_is_what_a_new_one_would_be(tmp_path, seed):
    random = Random(seed)
    life = Life(File(tmp_path), random)
    with desk_on(tmp_path, "desk.db") as desk:
        for _ in range(40):
            life.happen()
            if random.random() < 0.2:
                desk.scan()
        found = waiting(desk)
    with desk_on(tmp_path, "new.db") as new:
        assert found == waiting(new)


def test_a_comparison_is_made_once_for_each_time_it_is_asked_for_and_not_too_often():
    made, clock = [], Clock()
    comparison = Comparison(lambda: made.append(1) or clock.take(2) or {"a": "1", "b": "1", "gone": "1"}, clock=clock)

    assert comparison.differing(None) == []
    assert comparison.differing(lambda: {"a": "1", "b": "2", "new": "1"}) == ["b", "gone", "new"]
    assert comparison.differing(None) == []
    assert comparison.differing(lambda: {}) == []  # it has taken two seconds, and rests for a hundred
    clock.take(99)
    assert comparison.differing(None) == []
    clock.take(2)
    assert comparison.differing(None) == ["a", "b", "gone"]
    assert len(made) == 2


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now

    def take(self, seconds):
        self.now += seconds
