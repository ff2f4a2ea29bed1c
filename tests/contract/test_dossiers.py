"""A dossier says of a review what each of the desk's own tables says, in one reading."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from contract import graphs

from signoff import claims, comments, overrides, timing
from signoff.database import Database
from signoff.database.shown import ShownStore
from signoff.decisions import Reviewer
from signoff.errors import BackendUnavailable, ReviewNotFound
from signoff.reviews import Priority

ADA = Reviewer(name="Ada")


@pytest.fixture
def review(office):
    [review] = office.pause(graphs.asking({"title": "Pay?"}))
    return review


def by_table(database, review):
    return {
        "open": database.reviews.open_on(review.thread_id),
        "decisions": database.decisions.of_thread(review.thread_id),
        "claim": database.claims.of(review.id),
        "claims": database.claims.history(review.id),
        "comments": database.comments.of_review(review.id),
        "overrides": database.overrides.of(review.id),
        "timer": database.timers.of(review.id),
        "snooze": database.snoozes.of(review.id),
        "graph": database.scans.chosen_graphs([review.thread_id]).get(review.thread_id),
        "code_seen": database.code_seen.find(review.id),
    }


def told(office, review):
    dossier = office.desk.dossier(review.id)
    return {name: getattr(dossier, name) for name in by_table(office.desk.database, review)}


def test_of_a_review_to_which_nothing_has_happened(office, review):
    assert told(office, review) == by_table(office.desk.database, review)
    assert office.desk.dossier(review.id).review == office.desk.review(review.id)


def test_of_one_to_which_everything_has_happened(office, review):
    desk = office.desk
    claims.claim(desk, review.id, reviewer=ADA, minutes=5)
    comments.comment(desk, review.id, "Called.", reviewer=ADA)
    overrides.set_priority(desk, review.id, Priority.HIGH, reviewer=ADA)
    timing.snooze(desk, review.id, datetime.now(UTC) + timedelta(days=1), reviewer=ADA)
    office.decide(review, "yes")

    found = told(office, review)

    assert found == by_table(desk.database, review)
    assert all(found[name] for name in ("open", "decisions", "claims", "comments", "overrides", "snooze"))
    assert [one.review_id for one in desk.dossier(review.id).own] == [review.id]


def test_of_none_that_there_is(office):
    with pytest.raises(ReviewNotFound):
        office.desk.dossier("0" * 16)


def test_what_is_read_at_once_is_of_one_moment_and_one_transaction(office, review):
    database, begun = office.desk.database, []
    sa.event.listen(database.engine, "begin", begun.append)

    with database.at_once():
        before = database.comments.of_review(review.id)
        with database.at_once():
            assert database.reviews.get(review.id)
        database.decisions.of_thread(review.thread_id)
    assert (len(begun), before) == (1, ())

    comments.comment(office.desk, review.id, "Called.", reviewer=ADA)
    assert len(database.comments.of_review(review.id)) == 1


def test_a_thread_knows_whether_it_has_changed_what_pages_show(office, review):
    database = office.desk.database
    database.has_written()

    database.shown.keep(review.id, "a" * 64, {"payload": 1, "schema": None})
    assert not database.has_written()
    comments.comment(office.desk, review.id, "Called.", reviewer=ADA)

    assert [database.has_written(still=True), database.has_written(), database.has_written()] == [True, True, False]


def test_what_somebody_was_shown_is_known_at_once_and_written_when_the_desk_is_closed(office, review):
    database, what = office.desk.database, {"payload": 1, "schema": None}

    database.shown.keep(review.id, "a" * 64, what)
    assert database.shown.find(review.id, "a" * 64) == what

    database.shown.close()
    assert ShownStore(database.reading, database.writing).find(review.id, "a" * 64) == what


def test_what_was_shown_keeps_nobody_waiting_while_another_process_writes(office, review):
    database, what = office.desk.database, {"payload": 1, "schema": None}
    elsewhere = Database(database.engine.url.render_as_string(hide_password=False))

    with elsewhere.writing():
        database.shown.keep(review.id, "a" * 64, what)
        database.shown.keep(review.id, "b" * 64, what)
        assert database.shown.find(review.id, "b" * 64) == what
    database.shown.close()

    assert elsewhere.shown.find(review.id, "b" * 64) == what
    elsewhere.close()


def test_what_could_not_be_written_is_tried_again_when_it_is_shown_again(office, review, monkeypatch, caplog):
    database, what = office.desk.database, {"payload": 1, "schema": None}
    gone = ShownStore(database.reading, away)

    gone.keep(review.id, "a" * 64, what)
    gone.close()
    assert gone.find(review.id, "a" * 64) is None
    assert "The database is away" in caplog.text

    again = ShownStore(database.reading, database.writing)
    again._known, again._waiting = gone._known, gone._waiting
    again.keep(review.id, "a" * 64, what)
    again.close()
    assert again.find(review.id, "a" * 64) == what


def away():
    raise BackendUnavailable("The database is away.")
