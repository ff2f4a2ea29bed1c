"""The pages behind the queue: one thread, the record, and what an administrator looks at."""

from copy import deepcopy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pages.screen import listed, words
from streamlit.testing.v1 import AppTest

from signoff.decisions import Reviewer
from signoff.reviews import Query

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def decided(office):
    """Grace rejects one payment, with a note."""
    review = office.desk.queue(Query(graph="transaction", limit=1)).reviews[0]
    answer = {"approved": False, "note": "asked twice"}
    decision = office.desk.decide(review.id, answer, reviewer=Reviewer(name="Grace"), comment="called them")
    return office.settled(decision)


def test_a_finished_thread_shows_its_state_its_history_and_who_decided(office, decided):
    app = office.page("thread", thread=decided.thread_id)

    assert "finished" in words(app)
    assert "Nothing on this thread waits for a person." in words(app)
    assert "declined: asked twice" in words(app)
    assert "Grace" in list(listed(app)["Decided by"])


def test_a_link_to_a_step_opens_it_with_who_decided_on_it(office, decided):
    app = office.cold("thread", thread=decided.thread_id, checkpoint=decided.checkpoint_id)

    assert "Answered by Grace: applied" in words(app)
    assert f"checkpoint {decided.checkpoint_id}" in words(app)


def test_on_a_thread_with_several_questions_one_is_chosen(office):
    last = office.desk.open_on("claim-10447")[-1]
    app = office.page("thread", thread="claim-10447")
    picker = next(box for box in app.selectbox if box.label == "Question")

    picker.set_value(last.id).run()

    assert len(picker.options) == 3
    assert last.title in [each.value.replace("\\", "") for each in app.subheader]


def test_a_thread_id_can_be_typed(office):
    app = office.page("thread")

    app.text_input[0].set_value("txn-10402").run()

    assert "Thread txn-10402" in words(app)


def test_an_unknown_thread_says_so(office):
    assert "There is no thread 'nobody' in the checkpoint database" in words(office.page("thread", thread="nobody"))


def test_the_audit_tells_who_decided_what_and_what_became_of_it(office, decided):
    app = office.page("audit")
    row = listed(app).iloc[0]

    assert (row["Reviewer"], row["Outcome"], row["Thread"]) == ("Grace (local)", "applied", decided.thread_id)
    for fact in ("called them", decided.digest, decided.checkpoint_before, decided.checkpoint_after):
        assert fact in words(app)


def test_a_link_to_a_decision_tells_its_story_from_what_was_asked_to_what_was_written(office, decided):
    app = office.cold("audit", decision=decided.id)
    said = words(app)

    for stage in ("Asked", "Answered", "Sent to the graph", "Ran", "Wrote", "Applied"):
        assert stage in said
    assert list(app.dataframe[1].value.columns) == ["Node", "Channel", "Value"]
    assert "asked twice" in "".join(app.dataframe[1].value["Value"])


def test_the_story_of_a_decision_names_what_the_reviewer_edited(office):
    review = office.review(graph="purchase_order", node="review_lines")
    answer = deepcopy(office.desk.brief(review.id).waiting.card.prefill) | {"decision": "reject", "comment": "too many"}
    before, answer["lines"][0]["quantity"] = answer["lines"][0]["quantity"], 7
    decision = office.desk.decide(review.id, answer, reviewer=Reviewer(name="Grace"))

    said = words(office.cold("audit", decision=decision.id))

    assert "lines[0].quantity" in said
    assert f"{before} → 7" in said
    assert "What the form proposed" in said


@pytest.mark.parametrize(
    ("filters", "found"), [({"q": "grace"}, True), ({"q": "nobody"}, False), ({"outcome": "failed"}, False)]
)
def test_the_audit_is_searched_by_words_and_by_outcome(office, filters, found):
    app = office.cold("audit", **filters)

    assert ("No decision matches." in words(app)) is not found


def test_a_link_to_a_decision_that_is_not_there_says_so(office, decided):
    said = words(office.cold("audit", decision="zz"))

    assert "There is no such decision on this desk." in said
    assert decided.digest not in said


def test_the_system_page_names_databases_engine_and_graphs(office):
    said = words(office.page("system"))

    for fact in (office.desk.checkpoints.name, "demo.signoff.db", "this process", "loaded, pauses at delete_records"):
        assert fact in said


def test_times_are_those_of_the_reviewers_own_clock(office, decided):
    app = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
    app.context = {"timezone": "Asia/Tokyo"}
    app.switch_page("pages/audit.py")
    app.query_params["decision"] = decided.id  # another test's may be newer

    app.run()

    there = f"{decided.recorded_at.astimezone(ZoneInfo('Asia/Tokyo')):%-d %b %Y, %H:%M}"
    assert there in words(app)
    assert '"timezone": "Asia/Tokyo"' in app.dataframe[0].proto.columns
