"""A desk moves to PostgreSQL as a whole or not at all, and nobody goes on with the old one by mistake."""

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from databases import a_decision

from signoff.database import Database
from signoff.database.tables import metadata
from signoff.decisions import Outcome, Reviewer
from signoff.errors import BackendUnavailable, MoveRefused
from signoff.jobs import JobQueue
from signoff.membership import alone_on
from signoff.moving import move_desk


@pytest.fixture
def source(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    odd = {"z": 1, "a": 10**30, "nul": "a\x00b", "half": "\ud800", "float": 0.1}
    for number, answer in enumerate(({"approved": True}, odd, None)):
        decision = a_decision(number, answer=answer, resume=answer, comment="NUL \x00 too")
        database.decisions.record(decision, enqueue=lambda _: None)
    database.decisions.settle(f"{0:032x}", Outcome.APPLIED, wrote={"writes": [{"value": 1}]})
    for number in range(3):
        database.comments.add("r", "t", Reviewer(name="Ada"), f"remark {number}")
    database.scans.choose_graph("t", "g", chosen_by="Ada")
    yield database
    database.close()


def rows(database):
    with database.reading() as connection:
        return {table.name: connection.execute(sa.select(table)).all() for table in metadata.sorted_tables}


def test_everything_is_there_and_goes_on(source, postgres_url):
    held = rows(source)

    moved = move_desk(source.url, postgres_url)

    with closing(Database(postgres_url)) as target, closing(JobQueue(target)) as jobs:
        there = rows(target)
        assert json.loads(json.dumps(there["decisions"][1].answer)) == held["decisions"][1].answer
        assert list(there["decisions"][1].answer) == ["z", "a", "nul", "half", "float"]
        for name in held.keys() - {"decisions"}:
            assert there[name] == held[name], name
        assert target.audit.verify() == []
        assert (moved.entries, moved.newest) == target.audit.newest()
        undecided = target.decisions.undecided()
        assert len(undecided) == moved.undecided == 2
        assert list(jobs.lost(undecided)) == []
        later = target.comments.add("r", "t", Reviewer(name="Ada"), "the next one")
        assert later.seq == 4
        assert rows(target)["decisions"][-1].seq == 3
        target.decisions.settle(f"{1:032x}", Outcome.APPLIED)
        assert target.audit.verify() == []


def test_the_old_desk_is_as_it_was_and_refuses_to_go_on_until_its_mark_is_gone(source, postgres_url):
    before = source.file.read_bytes()

    moved = move_desk(source.url, postgres_url)

    assert source.file.read_bytes() == before
    with pytest.raises(BackendUnavailable, match="This desk was moved to postgresql://"):
        source.scans.choose_graph("t", "other", chosen_by="Bo")  # a process that has it open still
    with pytest.raises(BackendUnavailable, match="To go on with the old one instead, delete"):
        Database(source.url)
    moved.mark.unlink()
    source.scans.choose_graph("t", "other", chosen_by="Bo")


def test_a_desk_with_an_engine_alive_stays(source, postgres_url):
    with alone_on(source), pytest.raises(MoveRefused, match="An engine is alive"):
        move_desk(source.url, postgres_url)


def test_a_target_that_holds_anything_is_left_alone(source, postgres_url):
    with closing(Database(postgres_url)) as target:
        target.scans.choose_graph("mine", "g", chosen_by="Bo")

        with pytest.raises(MoveRefused, match="holds a desk already: chosen_graphs"):
            move_desk(source.url, postgres_url)

        assert target.scans.chosen_graphs(["mine", "t"]) == {"mine": "g"}
    source.scans.choose_graph("t", "still", chosen_by="Bo")


def test_a_forged_record_does_not_move(source, postgres_url):
    with source.writing() as connection:
        connection.execute(sa.text("UPDATE decisions SET reviewer = 'Mallory' WHERE seq = 2"))

    with pytest.raises(MoveRefused, match=r"does not verify: decision 0+1 was changed: reviewer"):
        move_desk(source.url, postgres_url)

    source.scans.choose_graph("t", "still", chosen_by="Bo")


def test_a_move_that_fails_half_way_leaves_both_as_they_were(source, postgres_url, monkeypatch):
    def fails(*_):
        raise BackendUnavailable("the server died")

    monkeypatch.setattr(JobQueue, "enqueue", fails)
    with pytest.raises(BackendUnavailable, match="the server died"):
        move_desk(source.url, postgres_url)
    monkeypatch.undo()

    assert move_desk(source.url, postgres_url).undecided == 2
    assert datetime.now(UTC) > source.decisions.get(f"{0:032x}").recorded_at


def test_what_comes_first_and_fails_leaves_both_as_they_were(source, postgres_url):
    def fails():
        raise MoveRefused("a thread was not copied")

    with pytest.raises(MoveRefused, match="a thread was not copied"):
        move_desk(source.url, postgres_url, first=fails)

    source.scans.choose_graph("t", "still", chosen_by="Ada")
    assert move_desk(source.url, postgres_url).undecided == 2
