"""Clocks that jump, disks that fill up, databases that others hold, an engine that loses its tables."""

import resource
import time
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from chaos.conftest import locked

from signoff.database.tables import metadata
from signoff.decisions import Outcome
from signoff.errors import AlreadyDecided

pytestmark = pytest.mark.chaos
ONCE = {"review": 1, "post": 1}
IMPATIENT = (
    "signoff.checkpoints.sqlite.BUSY_SECONDS=0.5 signoff.database.sqlite.BUSY_SECONDS=0.5 "
    "signoff.engine._SWEEP_SECONDS=0.5"
)


def test_clocks_that_jump_change_nothing(workspace):
    """An engine works an hour in the future; then, on a clock that was set right, another one goes on."""
    workspace.pause("a", "b")
    workspace.pause("two", graph="two")
    workspace.decide("a")
    workspace.decide("two", "100")
    future = workspace.work(STOPPING_CLOCK="3600")
    workspace.settled("a", "two")
    workspace.kill(future)
    workspace.decide("two", "Ada's")
    workspace.decide("b")
    workspace.work()
    workspace.settled("b", "two")

    assert workspace.values("a") == workspace.values("b") == {"answer": "yes", "posted": "yes"}
    assert workspace.values("two") == {"answer": "100", "second": "Ada's"}
    assert (workspace.ran("a"), workspace.ran("b"), workspace.ran("two")) == (ONCE, ONCE, {"both": 1})


def test_whose_answer_counts_is_told_by_the_order_of_the_answers_and_not_by_their_times(workspace, monkeypatch):
    workspace.pause("refused")
    workspace.work()
    monkeypatch.setattr("signoff.desk.datetime", InAnHour)
    first = workspace.decide("refused", {"n": 1}, name="Ada")
    workspace.until(lambda: workspace.desk.decision(first.id).outcome is Outcome.REFUSED)
    monkeypatch.undo()
    second = workspace.decide("refused", {"n": 2}, name="Grace")
    workspace.until(lambda: workspace.desk.decision(second.id).outcome is Outcome.APPLIED)

    with pytest.raises(AlreadyDecided, match="Grace"):
        workspace.decide_on(first.review_id, {"n": 4})
    assert [d.reviewer.name for d in workspace.desk.decisions_on(first.review_id)] == ["Grace", "Ada"]


class InAnHour(datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + timedelta(hours=1)


def at_work(workspace, *places, **variables):
    """Return a worker that stands at the end of the resumed node on one thread, and of the node after it on another."""
    places = ("first.review.after", "later.post.after", *places)
    workspace.pause("first", "later")
    workspace.hold(*places)
    workspace.decide("first")
    workspace.decide("later")
    worker = workspace.work(**variables)
    workspace.until(lambda: workspace.at(*places))
    return worker


def all_is_well(workspace):
    done = {"answer": "yes", "posted": "yes"}
    return workspace.outcomes("first", "later") == {Outcome.APPLIED} and all(
        workspace.values(thread) == done for thread in ("first", "later")
    )


def test_databases_that_another_program_holds_for_a_while_are_waited_for(workspace):
    at_work(workspace)

    with locked(workspace.folder / "pay.sqlite"), locked(workspace.folder / "pay.signoff.db"):
        workspace.let_go()
        time.sleep(10)
    workspace.settled("first", "later")

    assert all_is_well(workspace)
    assert (workspace.ran("first"), workspace.ran("later")) == (ONCE, ONCE)


@pytest.mark.parametrize("database", ["pay.sqlite", "pay.signoff.db"])
def test_a_database_that_is_held_for_longer_than_anybody_waits_loses_no_answer(workspace, database):
    at_work(workspace, STOPPING_SET=IMPATIENT)

    with locked(workspace.folder / database):
        workspace.let_go()
        time.sleep(2)
    workspace.until(lambda: all_is_well(workspace))


def test_an_answer_that_cannot_be_written_down_is_refused(workspace):
    workspace.pause("a")
    review = workspace.review("a").id

    with locked(workspace.folder / "pay.signoff.db"):
        workspace.run("decide", review, "--answer", '"yes"', code=8, STOPPING_SET=IMPATIENT)

    assert workspace.desk.decisions_on(review) == ()


def test_a_full_disk_loses_no_answer(workspace):
    """The process may write no file longer than it is now, which SQLite takes for a failing disk."""
    workspace.pause("two", graph="two")
    workspace.decide("two", "100")
    worker = at_work(workspace, "two.look", STOPPING_SET=IMPATIENT)
    files = [*workspace.folder.glob("pay.sqlite*"), *workspace.folder.glob("pay.signoff.db*")]
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (min(file.stat().st_size for file in files), -1))

    workspace.let_go()
    time.sleep(2)
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (-1, -1))
    workspace.until(lambda: all_is_well(workspace))
    workspace.decide("two", "Ada's")
    workspace.until(lambda: workspace.values("two") == {"answer": "100", "second": "Ada's"})


def engine_tables(database):
    """Return the tables of a desk that are not Signoff's own."""
    own = {*metadata.tables, "signoff_version"}
    names = sa.inspect(database.engine).get_table_names()
    return [name for name in names if name not in own and not name.startswith("words")]  # the full-text index


def lose(workspace):
    with workspace.desk.database.writing() as connection:
        for table in engine_tables(workspace.desk.database):
            connection.exec_driver_sql(f'DROP TABLE "{table}"')


def test_an_engine_that_lost_its_tables_takes_up_every_undecided_decision(workspace):
    worker = at_work(workspace)
    workspace.kill(worker)
    workspace.let_go()
    assert engine_tables(workspace.desk.database)

    lose(workspace)
    workspace.work()
    workspace.until(lambda: all_is_well(workspace))


def test_an_engine_whose_tables_are_emptied_while_it_runs_goes_on(workspace):
    workspace.pause("a")
    workspace.work(STOPPING_SET=IMPATIENT)
    workspace.hold("a.delivered")
    workspace.decide("a")
    workspace.until(lambda: workspace.at("a.delivered"))

    with workspace.desk.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM workflow_status")
    workspace.let_go()
    workspace.settled("a")
    workspace.pause("b")
    workspace.decide("b")
    with workspace.desk.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM workflow_status")
    workspace.settled("b")

    assert (workspace.ran("a"), workspace.ran("b")) == (ONCE, ONCE)
