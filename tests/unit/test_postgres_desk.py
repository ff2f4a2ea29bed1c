"""What only a desk in PostgreSQL has to keep: its schema, locks and migrations, and that it outlives its server."""

import subprocess
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from random import Random

import pytest
import sqlalchemy as sa
from databases import a_decision
from forked import Python

from signoff.database import Database
from signoff.database.finding import conditions
from signoff.database.reviews import Projected
from signoff.database.tables import audit, reviews
from signoff.decisions import Outcome
from signoff.errors import BackendUnavailable, SettingsInvalid
from signoff.jobs import JobQueue
from signoff.reviews import Kind, Priority, Query, Review, Sort, State


@pytest.fixture
def desk(postgres_url):
    database = Database(postgres_url)
    yield database
    database.close()


def test_everything_lives_in_one_schema(desk):
    jobs = JobQueue(desk)
    known = "'signoff', 'pg_catalog', 'information_schema'"
    elsewhere = f"SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ({known})"
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
    assert list(jobs.lost([recorded, lost])) == [(lost, 0)]  # the other one has its job
    assert [d.id for d in desk.decisions.undecided()] == [recorded.id]
    jobs.close()


def test_what_postgresql_cannot_store_stops_nothing(desk):
    odd = {"nul": "a\x00b", "z": 10**40, "a": [-(2**70), 1e300], "half": "\ud800"}
    decision = a_decision(title="NUL \x00", comment="\x00", answer=odd, resume=odd, thread_id="t\x00")

    desk.decisions.record(decision, enqueue=lambda _: None)
    desk.decisions.settle(decision.id, Outcome.FAILED, error="it said \x00", wrote={"value": "\x00"})

    stored = desk.decisions.get(decision.id)
    assert (stored.answer, list(stored.answer)) == (odd, list(odd))
    assert (stored.title, stored.error) == ("NUL ␀", "it said ␀")
    assert desk.decisions.of_thread("t\x00") == (stored,)
    assert desk.audit.verify() == []


def test_a_time_is_the_same_text_whatever_zone_the_server_is_in(postgres_url, desk):
    desk.decisions.record(a_decision(), enqueue=lambda _: None)
    name = sa.make_url(postgres_url).database
    with desk.writing() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET TimeZone TO 'Asia/Kolkata'")

    with closing(Database(postgres_url)) as again:
        with again.reading() as connection:
            connection.exec_driver_sql("SET TIME ZONE 'Asia/Kolkata'")
            assert [str(row.at.tzinfo) for row in connection.execute(sa.select(audit))] == ["UTC"]
        assert again.audit.verify() == []


def test_texts_of_any_length_are_found_and_sorted(desk):
    random = Random(1)
    long = "".join(chr(random.randrange(0x4E00, 0x9FFF)) for _ in range(20_000))
    wild = "".join(chr(random.randrange(0x1F300, 0x1F5FF)) for _ in range(300))
    review = Review(
        id="r", thread_id="t" * 2_000, checkpoint_id="c", interrupt_id="i", kind=Kind.INTERRUPT, state=State.WAITING,
        graph=wild, node=wild, title=wild[:200], dialect="plain", priority=Priority.NORMAL, paused_at=datetime.now(UTC),
        business_key=wild, reason=wild, tags=(wild, "eu"), assignees=(wild,),
    )  # fmt: skip
    desk.reviews.project([review.thread_id], [Projected(review=review, search=long)])

    assert desk.reviews.page(Query(search=long[7_000:7_100], key=wild, sort=Sort.TITLE)).total == 1
    assert desk.reviews.page(Query(search=long[7_001:7_100] + "x")).total == 0
    assert desk.reviews.page(Query(tag=wild, assignee=wild)).total == 1


def test_a_search_reads_the_index(desk):
    with desk.reading() as connection:
        wanted = sa.select(reviews.c.id).where(*conditions(Query(search="invoice 4711"), "postgresql"))
        text = str(wanted.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {text.replace('%', '%%')}").scalars())

    assert "Bitmap Index Scan on words" in plan


def test_a_server_that_restarts_is_a_clear_error_and_then_it_goes_on(postgres, desk):
    desk.decisions.record(a_decision(1), enqueue=lambda _: None)

    def interrupted():
        with desk.writing() as connection:
            connection.execute(sa.text("UPDATE decisions SET title = 'changed'"))
            postgres.restart()
            connection.execute(sa.text("SELECT 1"))

    with pytest.raises(BackendUnavailable, match=r"did not answer: (.|\n)*Nothing was changed"):
        interrupted()

    desk.decisions.record(a_decision(2), enqueue=lambda _: None)

    assert [decision.title for decision in desk.decisions.undecided()] == ["Pay?", "Pay?"]


def test_no_message_says_the_password(postgres_url, caplog):
    url = sa.make_url(postgres_url)
    wrong = [
        url.set(password="s3cr3t", database="nowhere").render_as_string(hide_password=False),
        "postgresql://ada:s3cr3t@127.0.0.1:1/desk?connect_timeout=2",
        "postgresql://ada@127.0.0.1:1/desk?password=s3cr3t&connect_timeout=2",
        "postgresql://ada:s3cr3t@[::1/desk",
        "postgresql://ada:s3cr3t@127.0.0.1:port/desk",
    ]
    for address in wrong:
        with pytest.raises((BackendUnavailable, SettingsInvalid)) as raised:
            Database(address.replace("postgresql+psycopg", "postgresql"))
        assert "s3cr3t" not in str(raised.value)
        assert "postgresql://" in str(raised.value)
    assert "s3cr3t" not in caplog.text


def test_a_desk_of_a_newer_signoff_is_left_alone(postgres_url, desk):
    with desk.writing() as connection:
        connection.execute(sa.text("UPDATE signoff_version SET version_num = '9999'"))

    with pytest.raises(BackendUnavailable, match="brought to version 9999 by a newer Signoff"):
        Database(postgres_url)

    assert desk.decisions.undecided() == ()  # a process of the older version goes on


def test_only_one_of_many_is_alone(desk, postgres_url):
    with closing(Database(postgres_url)) as other:
        with (
            desk.alone("scan", wait=False) as first,
            other.alone("scan", wait=False) as second,
            other.alone("look", wait=False) as third,
        ):
            assert (first, second, third) == (True, False, True)
        with other.alone("scan", wait=True) as later:
            assert later


def test_of_many_processes_that_open_an_empty_database_one_makes_the_tables(postgres_url):
    with running(OPENING, [postgres_url] * 6) as said:
        assert said == ["0"] * 6


def test_claims_decisions_the_trail_and_the_pulse_stand_a_crowd(desk, postgres_url):
    everything = [f"{number:016x}" for number in range(100)]
    for number, id_ in enumerate(everything):
        review = Review(
            id=id_, thread_id=f"t{number}", checkpoint_id="c", interrupt_id="i", kind=Kind.INTERRUPT, node=None,
            state=State.WAITING, graph=None, title="Pay?", dialect="plain", paused_at=datetime.now(UTC),
        )  # fmt: skip
        desk.reviews.project([review.thread_id], [Projected(review=review, search="")])
    before = desk.scans.version()

    with running(CROWD, [f"{postgres_url} {name}" for name in ("Ada", "Bo", "Cy", "Di")]) as said:
        taken = [line.split() for line in said]

    assert sorted(id_ for ids in taken for id_ in ids if len(id_) == 16) == everything
    assert [len(ids) for ids in taken] == [26, 26, 26, 26]  # 25 claims each, and how often its answer was first
    assert sum(int(ids[-1]) for ids in taken) == 100
    assert desk.audit.verify() == []
    assert desk.audit.newest()[0] == 100
    assert desk.scans.version() == before + 100 + 100 + 100  # claimed, decided, and the claim ended by it


OPENING = """
import sys
from signoff.database import Database
from signoff.jobs import JobQueue
database = Database(sys.argv[1])
jobs = JobQueue(database)
print(len(database.decisions.undecided()))
"""

CROWD = """
import sys
sys.path.append("tests")
from datetime import UTC, datetime
from databases import a_decision
from signoff.database import Database
from signoff.database.claims import Change, Claim
from signoff.decisions import Reviewer
from signoff.errors import AlreadyDecided
from signoff.reviews import Query
database, name = Database(sys.argv[1]), sys.argv[2]
def take(sight):
    return Change(event="claimed", claim=Claim(holder=name, since=sight.now, given_by=name))
mine = []
while len(mine) < 25:
    mine.append(database.claims.change_first(database.reviews.first_free(Query()), take, actor=name).review_id)
first = 0
for number in range(100):
    try:
        by = Reviewer(name=name, source="message")
        mine_too = a_decision(number, reviewer=by, id=f"{name:x>4}{number:028x}")
        database.decisions.record(mine_too, enqueue=lambda _: None)
        first += 1
    except AlreadyDecided:
        pass
print(*mine, first)
"""


@contextmanager
def running(program, arguments):
    """Run a program once for each of the arguments, all at once, and yield what each has said."""
    started = [
        Python(["-c", program, *one.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for one in arguments
    ]
    ended = [process.communicate(timeout=120) for process in started]
    complaints = "".join(said.decode() for _, said in ended)
    assert [process.returncode for process in started] == [0] * len(started), complaints
    yield [said.decode().strip() for said, _ in ended]
