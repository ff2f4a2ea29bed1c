"""Two people do not do the same work: who has a review is shown, ends by itself, and can be changed on record."""

from datetime import UTC, datetime, timedelta

import pytest
from contract import graphs

from signoff import claims
from signoff.database import claims as claims_table
from signoff.decisions import Outcome, Reviewer
from signoff.errors import AlreadyDecided, HeldByAnother, NotAllowed, ReasonMissing, ReviewClosed, UndoTooLate
from signoff.reviews import Query, Sort, State

ADA, GRACE, KIM = (Reviewer(name=name) for name in ("Ada", "Grace", "Kim"))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.time = NOON

    def pass_minutes(self, minutes):
        self.time += timedelta(minutes=minutes)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(claims_table, "now", lambda: clock.time)
    monkeypatch.setattr(claims, "now", lambda: clock.time)
    return clock


@pytest.fixture
def review(office):
    [review] = office.pause(graphs.one)
    return review


def claim(office, review, reviewer=ADA, minutes=30):
    return claims.claim(office.desk, review.id, reviewer=reviewer, minutes=minutes)


def take_over(office, review, reviewer=GRACE, reason="Ada is in a meeting"):
    return claims.take_over(office.desk, review.id, reason=reason, reviewer=reviewer, minutes=30)


def assign(office, review, to, by=ADA, **more):
    return claims.assign(office.desk, review.id, to=to, reason="knows it", reviewer=by, **more)


def listed(office, review):
    now = office.desk.review(review.id)
    return now.state, now.assignee


def told(office, review):
    return [(event.event, event.actor, event.holder) for event in reversed(claims.history(office.desk, review.id))]


def test_a_claim_shows_who_has_the_review_and_until_when(office, review, clock):
    claim(office, review)

    held = claims.held(office.desk, review.id)
    assert (held.holder, held.since, held.expires_at) == ("Ada", NOON, NOON + timedelta(minutes=30))
    assert listed(office, review) == (State.CLAIMED, "Ada")
    assert [r.id for r in office.desk.queue(Query()).reviews] == [review.id]


def test_a_review_that_somebody_has_cannot_be_claimed_by_another(office, review, clock):
    claim(office, review)

    with pytest.raises(HeldByAnother, match=r"held by Ada since 2026-11-21 12:00 UTC, until 2026-11-21 12:30 UTC"):
        claim(office, review, GRACE)

    assert listed(office, review) == (State.CLAIMED, "Ada")


def test_what_somebody_else_has_is_not_decided_and_the_refusal_says_who_has_it(office, review, clock):
    claim(office, review)

    with pytest.raises(NotAllowed) as refused:
        office.decide(review, "yes", name="Grace")

    assert (refused.value.holder, refused.value.exit_code) == ("Ada", 5)
    assert office.desk.decisions_on(review.id) == ()


def test_deciding_ends_the_claim(office, review):
    claim(office, review)

    decision = office.decide(review, "yes")

    assert claims.held(office.desk, review.id) is None
    assert listed(office, review) == (State.APPLYING, None)
    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert told(office, review) == [("claimed", "Ada", "Ada"), ("decided", "Ada", None)]


@pytest.mark.parametrize("source", ["token", "message", "timer"])
def test_the_world_is_not_kept_from_answering_by_a_claim(office, review, source):
    claim(office, review)

    decision = office.desk.decide(review.id, "yes", reviewer=Reviewer(name="bank", source=source))

    assert decision.outcome is Outcome.RECORDED
    assert claims.held(office.desk, review.id) is None


def test_a_claim_expires_without_anybody_doing_anything(office, review, clock):
    claim(office, review)

    clock.pass_minutes(29)
    assert not office.desk.scan()
    clock.pass_minutes(1)

    assert claims.held(office.desk, review.id) is None
    assert office.desk.scan()
    assert listed(office, review) == (State.WAITING, None)
    assert told(office, review)[-1] == ("expired", "", None)
    assert claims.history(office.desk, review.id)[0].at == NOON + timedelta(minutes=30)


def test_a_claim_that_has_expired_stops_nobody_though_no_scan_came_since(office, review, clock):
    claim(office, review)
    clock.pass_minutes(31)

    assert office.decide(review, "yes", name="Grace").outcome is Outcome.RECORDED
    assert told(office, review) == [("claimed", "Ada", "Ada"), ("expired", "", None)]


def test_an_open_tab_is_told_of_every_change(office, review, clock):
    for act in (
        lambda: claim(office, review),
        lambda: take_over(office, review),
        lambda: assign(office, review, "Kim", GRACE, minutes=5),
        lambda: clock.pass_minutes(6) or office.desk.scan(),
    ):
        before = office.desk.version()
        act()
        assert office.desk.version() > before


def test_keeping_a_claim_extends_it_and_deciding_on_it_needs_no_more(office, review, clock):
    claim(office, review)
    clock.pass_minutes(20)

    claims.keep(office.desk, review.id, reviewer=ADA, minutes=30)

    held = claims.held(office.desk, review.id)
    assert (held.since, held.expires_at) == (NOON, NOON + timedelta(minutes=50))
    with pytest.raises(HeldByAnother):
        claims.keep(office.desk, review.id, reviewer=GRACE, minutes=30)


def test_a_released_review_waits_again_and_only_its_holder_releases_it(office, review):
    claim(office, review)
    with pytest.raises(HeldByAnother):
        claims.release(office.desk, review.id, reviewer=GRACE)

    claims.release(office.desk, review.id, reviewer=ADA)

    assert listed(office, review) == (State.WAITING, None)
    assert claims.release(office.desk, review.id, reviewer=ADA) is None


def test_a_claim_is_taken_over_with_a_reason_that_the_former_holder_can_read(office, review):
    claim(office, review)
    with pytest.raises(ReasonMissing):
        take_over(office, review, reason="  ")

    take_over(office, review)

    newest = claims.history(office.desk, review.id)[0]
    assert (newest.event, newest.actor, newest.reason) == ("took over", "Grace", "Ada is in a meeting")
    assert (newest.before.holder, newest.holder) == ("Ada", "Grace")
    with pytest.raises(HeldByAnother):
        office.decide(review, "yes")


def test_an_assignment_does_not_expire_unless_it_is_said_to(office, review, clock):
    assign(office, review, "Grace")
    clock.pass_minutes(60 * 24 * 30)
    office.desk.scan()
    assert listed(office, review) == (State.CLAIMED, "Grace")

    assign(office, review, "Kim", GRACE, minutes=60)
    clock.pass_minutes(61)
    office.desk.scan()

    assert listed(office, review) == (State.WAITING, None)
    assert [event.reason for event in claims.history(office.desk, review.id)] == ["", "knows it", "knows it"]


@pytest.mark.parametrize(("to", "reason", "error"), [("", "why", claims.NameMissing), ("Kim", " ", ReasonMissing)])
def test_an_assignment_needs_a_name_and_a_reason(office, review, to, reason, error):
    with pytest.raises(error):
        claims.assign(office.desk, review.id, to=to, reason=reason, reviewer=ADA)

    assert listed(office, review) == (State.WAITING, None)


@pytest.mark.parametrize(
    "act",
    [
        lambda office, review: claims.release(office.desk, review.id, reviewer=ADA),
        lambda office, review: assign(office, review, "Grace"),
        take_over,
    ],
    ids=["release", "assign", "take over"],
)
def test_what_was_done_with_a_claim_is_undone_to_the_moment_before(office, review, act, clock):
    claim(office, review)
    before = claims.held(office.desk, review.id)
    done = act(office, review)

    claims.undo(office.desk, review.id, done.seq, reviewer=Reviewer(name=done.actor))

    assert claims.held(office.desk, review.id) == before
    assert listed(office, review) == (State.CLAIMED, "Ada")


def test_a_claim_is_undone(office, review):
    done = claim(office, review)

    claims.undo(office.desk, review.id, done.seq, reviewer=ADA)

    assert listed(office, review) == (State.WAITING, None)


def test_nothing_is_undone_when_somebody_acted_since_or_by_somebody_else(office, review):
    done = claim(office, review)
    with pytest.raises(UndoTooLate):
        claims.undo(office.desk, review.id, done.seq, reviewer=GRACE)
    take_over(office, review)

    with pytest.raises(UndoTooLate):
        claims.undo(office.desk, review.id, done.seq, reviewer=ADA)

    assert listed(office, review) == (State.CLAIMED, "Grace")


def test_an_undo_does_not_bring_an_expired_claim_back(office, review, clock):
    claim(office, review)
    done = take_over(office, review)
    clock.pass_minutes(29)
    claims.keep(office.desk, review.id, reviewer=GRACE, minutes=30)
    released = claims.release(office.desk, review.id, reviewer=GRACE)
    clock.pass_minutes(31)

    claims.undo(office.desk, review.id, released.seq, reviewer=GRACE)

    assert done.seq < released.seq
    assert listed(office, review) == (State.WAITING, None)


def test_a_decided_review_is_not_claimed(office, review):
    office.deliver(office.decide(review, "yes"))

    with pytest.raises(ReviewClosed):
        claim(office, review)
    with pytest.raises(AlreadyDecided):
        office.decide(review, "no", name="Grace")


def test_a_queue_that_is_built_anew_knows_who_has_what(office, clock):
    kept, given, over, free = (office.pause(graphs.one, thread)[0] for thread in "abcd")
    claim(office, kept)
    assign(office, given, "Grace")
    claim(office, over, minutes=5)
    clock.pass_minutes(6)

    office.desk.scanner.rebuild()

    held = [listed(office, review) for review in (kept, given, over, free)]
    assert held == [(State.CLAIMED, "Ada"), (State.CLAIMED, "Grace"), (State.WAITING, None), (State.WAITING, None)]
    assert told(office, kept) == [("claimed", "Ada", "Ada")]


def next_one(office, reviewer=ADA, query=None, **more):
    found = claims.claim_next(office.desk, query or Query(), reviewer=reviewer, minutes=30, **more)
    return found and office.desk.review(found.review_id).thread_id


def test_claiming_the_next_takes_the_first_of_the_list_in_its_order(office):
    for thread in "abc":
        office.pause(graphs.one, thread)

    assert next_one(office, query=Query(sort=Sort.NEWEST)) == "c"
    assert next_one(office, GRACE) == "a"
    assert next_one(office, query=Query(search="nothing like it")) is None
    assert [next_one(office), next_one(office)] == ["b", None]


def test_claiming_the_next_of_a_list_with_closed_reviews_takes_one_that_waits(office):
    for thread in "ab":
        office.pause(graphs.one, thread)
    office.deliver(office.decide(office.reviews("a")[0], "yes"))

    assert next_one(office, query=Query(states=(State.CLOSED, State.WAITING))) == "b"
    assert next_one(office, query=Query(states=(State.CLOSED,))) is None


def test_claiming_the_next_passes_over_what_is_meant_for_others(office):
    meant = {"a": {"assignees": ["Grace"]}, "b": {"groups": ["legal"]}, "c": {"assignees": ['A"da', "Ada"]}, "d": {}}
    for thread, words in meant.items():
        office.pause(graphs.asking({"title": thread, **words}), thread)

    assert [next_one(office), next_one(office), next_one(office)] == ["c", "d", None]
    assert next_one(office, Reviewer(name="grace"), groups=("LEGAL",)) is None  # a name is what it is written as
    assert next_one(office, KIM, groups=("legal",)) == "b"
    assert next_one(office, GRACE) == "a"


def absent(office, person, deputy, *, after=0, hours=8):
    start = NOON + timedelta(hours=after)
    claims.delegate(
        office.desk, person=person, deputy=deputy, starts_at=start, ends_at=start + timedelta(hours=hours), by=ADA
    )


def test_what_is_given_to_somebody_who_is_away_goes_to_their_deputy(office, review, clock):
    absent(office, "Ada", "Grace")
    absent(office, "Grace", "Kim")

    assign(office, review, "Ada", GRACE)

    held = claims.held(office.desk, review.id)
    assert (held.holder, held.reason) == ("Kim", "knows it (for Ada, who is away)")


def test_a_deputy_may_decide_what_the_absent_one_has_and_gets_what_is_meant_for_them(office, clock):
    [own] = office.pause(graphs.one, "own")
    claim(office, own, minutes=600)
    office.pause(graphs.asking({"assignees": ["Ada"]}), "meant")
    with pytest.raises(HeldByAnother):
        office.decide(own, "yes", name="Grace")
    assert next_one(office, GRACE) is None

    absent(office, "Ada", "Grace")

    assert (claims.deputy_of(office.desk, "Ada"), claims.deputy_of(office.desk, "Grace")) == ("Grace", None)
    assert next_one(office, GRACE) == "meant"
    assert office.decide(own, "yes", name="Grace").reviewer.name == "Grace"


def test_an_absence_begins_and_ends_and_can_be_ended(office, review, clock):
    absent(office, "Ada", "Grace", after=1, hours=1)
    assign(office, review, "Ada")
    assert listed(office, review) == (State.CLAIMED, "Ada")

    clock.pass_minutes(61)
    assign(office, review, "Ada")
    assert listed(office, review) == (State.CLAIMED, "Grace")

    [absence] = claims.absences(office.desk)
    claims.end_absence(office.desk, absence.seq, by=KIM)
    told = [(entry.event, entry.body["by"]) for entry in office.desk.database.audit.entries()]
    assert told == [("absence", told[0][1]), ("absence ended", "Kim")]
    assign(office, review, "Ada")
    assert listed(office, review) == (State.CLAIMED, "Ada")
    assert claims.absences(office.desk) == ()


@pytest.mark.parametrize(("deputy", "hours"), [("Ada", 1), ("Grace", 0)])
def test_an_absence_makes_sense(office, deputy, hours):
    with pytest.raises(claims.AbsenceUnclear):
        absent(office, "Ada", deputy, hours=hours)
