"""The trail tells when anything in the record was changed, removed, added or put in another order."""

from datetime import UTC, datetime
from pathlib import Path

import databases
import pytest
import sqlalchemy as sa

from signoff.database.tables import audit
from signoff.decisions import Decision, Outcome, Reviewer
from signoff.reviews import Kind, digest


@pytest.fixture(params=databases.BOTH)
def desk(request, tmp_path: Path):
    with databases.desk(request, tmp_path) as database:
        for number in range(3):
            decided(database, number)
        yield database


def decided(database, number):
    payload = {"question": f"Pay {number}?"}
    decision = Decision(
        id=f"{number:032x}", review_id=f"{number:016x}", thread_id=f"t{number}", checkpoint_id="c", kind=Kind.INTERRUPT,
        interrupt_id="i", attempt=1, title="Pay?", reviewer=Reviewer(name="Ada"), answer={"approved": True},
        resume={"approved": True}, shown={"payload": payload, "schema": None},
        digest=digest(interrupt_id="i", payload=payload, schema=None), outcome=Outcome.RECORDED,
        recorded_at=datetime.now(UTC), proposed={"approved": None},
    )  # fmt: skip
    database.decisions.record(decision, enqueue=lambda _: None)
    database.decisions.begin(decision.id, checkpoint_before="c")
    database.decisions.settle(decision.id, Outcome.APPLIED, checkpoint_after="d", wrote={"writes": [{"value": number}]})


def test_an_untouched_record_verifies(desk):
    assert desk.audit.verify() == []
    assert [entry.event for entry in desk.audit.entries(f"{1:032x}")] == ["recorded", "applying", "settled"]


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("""UPDATE decisions SET answer = '{"approved": false}' WHERE thread_id = 't1'""", "was changed: answer"),
        ("UPDATE decisions SET reviewer = 'Mallory' WHERE thread_id = 't1'", "was changed: reviewer"),
        (
            "UPDATE decisions SET outcome = 'failed' WHERE thread_id = 't1'",
            "has outcome failed, the trail says applied",
        ),
        ("""UPDATE decisions SET shown = '{"payload": 1, "schema": null}' WHERE thread_id = 't1'""", "was shown"),
        ("""UPDATE decisions SET proposed = '{"value": 0}' WHERE thread_id = 't1'""", "was changed: proposed"),
        ("UPDATE decisions SET proposed = 'null' WHERE thread_id = 't1'", "was changed: proposed"),
        ("""UPDATE decisions SET wrote = '{"writes": []}' WHERE thread_id = 't1'""", "what its nodes wrote"),
        ("UPDATE decisions SET wrote = NULL WHERE thread_id = 't1'", "what its nodes wrote"),
        ("DELETE FROM decisions WHERE thread_id = 't1'", "was removed"),
        ("UPDATE audit SET body = '{}' WHERE seq = 5", "entry 5 was changed"),
        ("DELETE FROM audit WHERE seq = 5", "between entries 4 and 6 something was removed"),
        ("UPDATE audit SET seq = 100 - seq WHERE seq > 3", "something was removed"),
        ("DELETE FROM audit WHERE decision_id = (SELECT max(id) FROM decisions)", "is not in the trail"),
    ],
)
def test_whatever_is_tampered_with_is_found(desk, tampering, found):
    with desk.writing() as connection:
        connection.execute(sa.text(tampering))

    assert any(found in problem for problem in desk.audit.verify()), desk.audit.verify()


def test_a_resealed_entry_no_longer_fits_the_next_one(desk):
    entry = next(e for e in desk.audit.entries() if e.seq == 4)
    forged = type(entry)(**{**vars(entry), "body": {"reviewer": "Mallory"}})
    with desk.writing() as connection:
        fourth = sa.update(audit).where(audit.c.seq == 4)
        connection.execute(fourth.values(body={"reviewer": "Mallory"}, hash=forged.expected_hash))

    assert "entry 5 does not follow entry 4" in desk.audit.verify()


def test_decisions_are_found_whatever_the_case_of_their_letters(desk):
    desk.decisions.record(databases.a_decision(7, title="Überweisung an Firma MÜLLER"), enqueue=lambda _: None)

    for word in ("überweisung", "Überweisung", "ÜBERWEISUNG", "firma müller", "Müller"):
        assert desk.decisions.page(limit=5, search=word)[1] == 1
    assert desk.decisions.page(limit=5, search="uberweisung")[1] == 0
