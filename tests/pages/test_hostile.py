"""Nothing that a thread says is read as Markdown or HTML: no image is fetched, no link drawn, no color borrowed."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pages.hostile import CONTROLS, MARKUP, PAYLOAD, WORDS, builder
from pages.screen import INERT, texts, unfold
from pages.test_queue import press
from streamlit.testing.v1 import AppTest

from signoff import claims, comments, overrides
from signoff.decisions import Reviewer

GRAPH = f"asking={Path(__file__).with_name('hostile.py')}:builder"
THREAD = f"t {WORDS}"
OURS = {"<table>", "<tr>", "<td>", "<div>"}


@pytest.fixture(scope="module")
def hostile(open_office, seeded, tmp_path_factory):
    """A desk on which a thread's id, node, payload, schema and error, and the reviewer's name, are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copy(seeded, folder)
    office = open_office(folder, GRAPHS=None, GRAPH=GRAPH, AS=WORDS)
    office.pause(builder, THREAD, graph_id="asking")
    office.pause(builder, "decided", graph_id="asking")
    office.desk.scan()
    return office


@pytest.fixture(scope="module")
def failed(hostile):
    """A decision after which the hostile node failed."""
    review = hostile.review(thread_id="decided")
    answer = {"answer": WORDS, WORDS: MARKUP[0], "many": [WORDS]}
    decision = hostile.desk.decide(review.id, answer, reviewer=Reviewer(name=WORDS), comment=WORDS)
    return hostile.settled(decision)


def assert_literal(app):
    """Whatever the browser reads as Markdown or HTML holds no mark unescaped, and no control character at all."""
    assert not app.exception
    drawn = [(kind, text) for kind, text in texts(app) if kind not in INERT]
    assert any("alert" in text for _, text in drawn)
    for kind, text in drawn:
        found = tags(text) - OURS if kind == "html" else {mark for mark in MARKUP if mark in text}
        assert not found | {control for control in CONTROLS if control in text}, (kind, text[:300])


def tags(page):
    return {f"<{name}>" for name in re.findall(r"<(\w+)", page)}


def test_of_a_question(hostile):
    review = hostile.review(thread_id=THREAD).id
    assert_literal(unfold(hostile.start(review=review), f"raw-{review}"))


@pytest.mark.parametrize(
    "tab", [":material/data_object: State", ":material/history: History", ":material/account_tree: Graph"]
)
def test_of_a_threads_state_and_history_beside_the_question(hostile, tab):
    review = hostile.review(thread_id=THREAD)
    app = hostile.start(review=review.id)

    app.session_state[f"tabs-{review.id}"] = tab
    app.run()

    assert_literal(app)


def test_of_a_thread(hostile):
    assert_literal(hostile.page("thread", thread=THREAD))


def test_of_what_a_step_changed(hostile, failed):
    asked = failed.checkpoint_before

    assert_literal(hostile.page("thread", thread="decided", checkpoint=asked))


def test_of_a_difference(hostile):
    def page():
        from pages.hostile import MARKUP, PAYLOAD, WORDS

        from signoff.ui import diff

        diff.show(
            {WORDS: WORDS, "same": f"{WORDS} {WORDS}", "list": MARKUP}, {"same": WORDS, "list": [], "new": PAYLOAD}
        )

    assert_literal(AppTest.from_function(page).run())


def test_of_a_thread_that_does_not_exist(hostile):
    assert_literal(hostile.page("thread", thread=f"no {WORDS}"))


def test_of_a_decision_whose_node_failed(hostile, failed):
    assert failed.outcome == "failed"
    assert_literal(hostile.page("audit"))
    assert_literal(hostile.page("thread", thread="decided"))
    assert_literal(hostile.start(review=failed.review_id))


def test_of_problems_with_an_answer(hostile):
    app = hostile.start(review=hostile.review(thread_id=THREAD).id)

    next(button for button in app.button if button.label == "Submit and resume").click().run()

    assert "needs attention" in " ".join(text for _, text in texts(app))
    assert_literal(app)


def test_of_what_colleagues_write_and_of_their_names(hostile):
    review = hostile.review(thread_id=THREAD)
    somebody, other = Reviewer(name=f"{WORDS} 2"), Reviewer(name=WORDS, source="local")
    comments.comment(hostile.desk, review.id, WORDS, reviewer=somebody)
    comments.withdraw(
        hostile.desk, comments.comment(hostile.desk, review.id, WORDS, reviewer=other).seq, reviewer=other
    )
    claims.claim(hostile.desk, review.id, reviewer=other, minutes=30)
    claims.assign(hostile.desk, review.id, to=somebody.name, reason=WORDS, reviewer=somebody)
    overrides.set_tags(hostile.desk, review.id, [WORDS, *MARKUP], reviewer=somebody)
    start = datetime.now(UTC)
    claims.delegate(
        hostile.desk, person=f"{WORDS} 3", deputy=WORDS, starts_at=start, ends_at=start + timedelta(days=1), by=somebody
    )

    app = hostile.start(review=review.id)
    for key in ("take-over-", "assign-", "claims-", "overrides-"):
        app.session_state[f"{key}{review.id}"] = True
    app.session_state["absence"] = True
    press(app.run(), "Submit and resume")

    assert_literal(app)
    assert_literal(hostile.page("thread", thread=THREAD))


def test_of_what_cannot_be_read_and_of_graphs_that_do_not_load(open_office, hostile, tmp_path):
    (tmp_path / "wrong.py").write_text(f"raise RuntimeError({WORDS!r})")
    shutil.copy(hostile.folder / "demo.sqlite", tmp_path)
    office = open_office(tmp_path, GRAPHS=None, GRAPH="wrong=wrong.py:graph")
    office.desk.database.scans.note_unreadable({THREAD: WORDS})

    assert_literal(office.page("system"))


def test_long_texts_are_cut_where_they_would_fill_the_screen(hostile):
    review = hostile.review(thread_id=THREAD)

    app = hostile.start(review=review.id)

    assert len(PAYLOAD["long"]) > 9_000
    assert len(review.title) <= 200
    assert all(len(heading.value) < 600 for heading in app.subheader)
