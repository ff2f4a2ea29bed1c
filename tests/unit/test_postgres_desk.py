"""What only a desk in PostgreSQL has to keep: its schema, its locks, its migrations, and its temper when a server dies."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from signoff.database import Database
from signoff.decisions import Decision, Outcome, Reviewer
from signoff.engine import JobQueue
from signoff.errors import BackendUnavailable
from signoff.reviews import Kind, digest


@pytest.fixture
def desk(postgres_url):
    database = Database(postgres_url)
    yield database
    database.close()


def a_decision(number=0, **more):
    payload = {"question": f"Pay {number}?"}
    decision = Decision(
        id=f"{number:032x}", review_id=f"{number:016x}", thread_id=f"t{number}", checkpoint_id="c", kind=Kind.INTERRUPT,
        interrupt_id="i", attempt=1, title="Pay?", reviewer=Reviewer(name="Ada"), answer={"approved": True},
        resume={"approved": True}, shown={"payload": payload, "schema": None},
        digest=digest(interrupt_id="i", payload=payload, schema=None), outcome=Outcome.RECORDED,
        recorded_at=datetime.now(UTC), proposed={"approved": None},
    )  # fmt: skip
    return replace(decision, **more)


def test_everything_lives_in_one_schema(desk):
    jobs = JobQueue(desk)
    elsewhere = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('signoff', 'pg_catalog', 'information_schema')"
    with desk.reading() as connection:
        strangers = connection.execute(sa.text(elsewhere)).all()
        ours = set(
            connection.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'signoff'")).scalars()
        )
    jobs.close()

    assert strangers == []
    assert {"reviews", "audit", "signoff_version", "workflow_status"} <= ours


def test_a_decision_and_its_job_are_written_together_or_not_at_all(desk):
    jobs = JobQueue(desk)
    recorded, lost = a_decision(1), a_decision(2)

    desk.decisions.record(recorded, enqueue=lambda connection: jobs.enqueue(connection, recorded))

    def fails(connection):
        jobs.enqueue(connection, lost)
        raise BackendUnavailable("the process dies")

    with pytest.raises(BackendUnavailable, match="the process dies"):
        desk.decisions.record(lost, enqueue=fails)
    assert jobs.lost(recorded) is None  # a job is there
    assert jobs.lost(lost) == 0
    assert [d.id for d in desk.decisions.undecided()] == [recorded.id]
    jobs.close()
