"""Several sources on one desk: the same ids never meet, and one that is silent hides nothing of the others."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.sqlite import SqliteSaver
from unit.two_sources import ADA, SETTINGS, Town, settled, waiting

from signoff import standings, travel
from signoff.checkpoints import sqlite_saver
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.correlation import find_review
from signoff.doctor import Level, examine
from signoff.errors import (
    BackendUnavailable,
    GraphUnknown,
    ManyReviewsCarry,
    SettingsInvalid,
    SourceUnavailable,
    SourceUnknown,
)
from signoff.origin import origin_of
from signoff.reviews import State
from signoff.settings import read_settings
from signoff.sources import ONE, Sources
from signoff.threads import ThreadQuery

DEFAULT = SETTINGS.replace('name = "payments"', 'name = "payments"\ndefault = true')
BOTH = {"payments/t1", "payments/t2", "support/t1", "support/t2"}


@pytest.fixture
def folder(tmp_path, monkeypatch, clean_imports):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def town(folder):
    opened = Town(folder)
    yield opened
    opened.close()


def values(desk, thread_id):
    return dict(desk.history(thread_id, limit=1)[0].step.values)


@given(
    st.sampled_from(["a", "b-1", "main"]), st.text(max_size=12) | st.sampled_from(["/", "a/t", "/a/t", "b-1/", "//"])
)
@pytest.mark.parametrize("plain", [None, "main"])
def test_an_id_on_the_desk_is_taken_apart_into_what_it_was_made_of(plain, source, own):
    sources = Sources(names=("a", "b-1", "main"), plain=plain, gone=("old",), forgotten=("t",))

    assert sources.split(sources.join(source, own)) == (source, own)


@given(st.text(max_size=12) | st.sampled_from(["/", "a/t", "//"]))
def test_with_one_database_every_id_stays_as_it_is(own):
    assert (ONE.join("", own), ONE.split(own), ONE.several) == (own, ("", own), False)


def test_the_queue_shows_the_same_threads_of_both_sources_apart(town):
    desk, _ = town.open()
    desk.scan()

    assert waiting(desk).keys() == BOTH
    assert waiting(desk, source="support").keys() == {"support/t1", "support/t2"}
    assert len({review.id for review in waiting(desk).values()}) == 4
    assert {review.interrupt_id for review in waiting(desk, thread_id="payments/t1").values()} == {
        review.interrupt_id for review in waiting(desk, thread_id="support/t1").values()
    }
    assert {review.graph for review in waiting(desk).values()} == {"payments/agent", "support/agent"}
    assert {one.source for one in desk.database.threads.page(ThreadQuery(source="payments")).threads} == {"payments"}


def test_answers_to_the_same_question_of_both_land_each_in_its_own(town):
    desk, engine = town.open()
    desk.scan()
    found = waiting(desk)
    engine.start()

    answers = {thread: f"for {thread}" for thread in sorted(BOTH)}
    decided = {thread: desk.decide(found[thread].id, answer, reviewer=ADA) for thread, answer in answers.items()}

    assert {settled(desk, one).outcome for one in decided.values()} == {"applied"}
    for thread, answer in answers.items():
        assert values(desk, thread)["answer"] == answer
        assert values(desk, thread)["house"] == desk.sources.of(thread)
    desk.scan()
    assert not waiting(desk)


def test_a_failed_thread_is_retried_and_an_earlier_step_forked_within_its_source(town):
    desk, engine = town.open()
    desk.scan()
    engine.start()
    decision = desk.decide(waiting(desk)["support/t1"].id, "explode", reviewer=ADA)
    assert settled(desk, decision).outcome == "failed"
    asked = next(m.step for m in desk.history("support/t1") if m.step.next == ("ask",))

    leaving = travel.departure(desk, "support/t1", asked.checkpoint_id)
    fork = travel.fork(desk, leaving, reviewer=ADA, comment="another try", to="t9", run=True)

    assert settled(desk, fork).outcome == "applied", settled(desk, fork).error
    assert fork.home == "support/t9"
    assert waiting(desk)["support/t9"].graph == "support/agent"
    assert waiting(desk)["support/t1"].state is State.FAILED
    with closing(sqlite3.connect(town.folder / "support.sqlite")) as connection:
        marks = connection.execute(
            "SELECT metadata FROM checkpoints WHERE thread_id = 't9' ORDER BY checkpoint_id LIMIT 1"
        ).fetchone()[0]
    assert b'"graph_id": "agent"' in marks
    assert b'"signoff_forked_from": "t1"' in marks
    [head] = desk.checkpoints.heads([fork.home])
    found = origin_of(desk.checkpoints, fork.home, head.metadata)
    assert (found.words, found.checkpoint_id) == (
        f"Forked from step {asked.step} of thread support/t1",
        asked.checkpoint_id,
    )
    retried = desk.decide(waiting(desk)["support/t1"].id, {"action": "end", "reason": "enough"}, reviewer=ADA)
    assert settled(desk, retried).outcome == "applied", settled(desk, retried).error


def test_a_thread_is_never_given_a_graph_of_another_source(town):
    desk, _ = town.open()
    desk.scan()

    with pytest.raises(GraphUnknown, match="one of payments/agent"):
        desk.choose_graph("payments/t1", "support/agent", reviewer=ADA)


def test_a_rule_on_a_graphs_own_name_is_about_it_in_every_source_and_a_longer_name_about_one(town):
    rules = '[[metadata]]\ngraph = "agent"\ntags = ["all"]\n[[metadata]]\ngraph = "support/agent"\ngroups = ["desk"]\n'
    town.write(SETTINGS + rules)
    desk, _ = town.open()
    desk.scan()

    said = {thread: (review.tags, review.groups) for thread, review in waiting(desk).items()}

    assert (said["payments/t1"], said["support/t1"]) == ((("all",), ()), (("all",), ("desk",)))


def test_only_a_rule_on_a_graph_that_no_source_has_is_said_to_do_nothing(town):
    named = ("agent", "support/agent", "agnet", "support/agnet", "elsewhere/agent")
    town.write(SETTINGS + "".join(f'[[metadata]]\ngraph = "{name}"\n' for name in named))

    found = [one.message for one in examine(read_settings()) if one.check == "rules"]

    assert [re.findall("graph '(.*)'", message) for message in found] == [[name] for name in named[2:]]


def test_a_message_names_a_thread_by_its_own_id_and_its_source(town):
    desk, _ = town.open()

    with pytest.raises(ManyReviewsCarry):
        find_review(desk, {"thread_id": "t1"})

    assert find_review(desk, {"thread_id": "t1", "source": "support"}).review.thread_id == "support/t1"


@pytest.mark.parametrize("how", ["deleted", "no database", "locked"])
def test_a_source_that_is_down_hides_nothing_and_loses_nothing(town, how, monkeypatch):
    monkeypatch.setattr(sqlite_saver, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr("signoff.checkpoints.sqlite.BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(town.folder / "payments.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # else readers are not locked out
    desk, engine = town.open()
    desk.scan()
    before = waiting(desk)
    with broken(town, "payments", how):
        town.pause("support", "t3")
        desk.scan()

        assert waiting(desk).keys() == {*BOTH, "support/t3"}
        down, up = standings.standings(desk)
        assert (down.name, down.open, up.problem) == ("payments", 2, None)
        assert "payments.sqlite" in down.problem
        assert down.since is not None
        desk.scan()
        assert standings.standings(desk)[0].since == down.since
        with pytest.raises(SourceUnavailable, match="The source payments does not answer"):
            desk.decide(before["payments/t1"].id, "yes", reviewer=ADA)
        engine.start()
        decided = desk.decide(before["support/t1"].id, "yes", reviewer=ADA)
        assert settled(desk, decided).outcome == "applied"

    desk.scan()
    assert waiting(desk).keys() == {*BOTH, "support/t3"} - {"support/t1"}
    assert [one.problem for one in standings.standings(desk)] == [None, None]
    assert settled(desk, desk.decide(before["payments/t1"].id, "yes", reviewer=ADA)).outcome == "applied"


class broken:
    """A source that does not answer while one is inside."""

    def __init__(self, town, source, how):
        self.town, self.source, self.how = town, source, how
        self.path = town.folder / f"{source}.sqlite"

    def __enter__(self):
        if self.how == "locked":
            self.lock = sqlite3.connect(self.path, isolation_level=None)
            self.lock.execute("BEGIN EXCLUSIVE")
            return
        self.town.take_away(self.source)
        if self.how == "no database":
            self.path.write_text("something else, longer than the header of a database file " * 20)

    def __exit__(self, *_):
        if self.how == "locked":
            self.lock.close()
            return
        if self.how == "no database":
            self.path.unlink()
        self.town.bring_back(self.source)


def test_a_source_that_is_down_at_the_start_is_read_as_soon_as_it_is_there(town):
    town.take_away("payments")
    desk, _ = town.open()
    desk.scan()
    assert waiting(desk).keys() == {"support/t1", "support/t2"}

    town.bring_back("payments")
    desk.scan()

    assert waiting(desk).keys() == BOTH


def test_where_no_source_answers_a_scan_says_so(town):
    town.take_away("payments")
    town.take_away("support")
    desk, _ = town.open()

    with pytest.raises(BackendUnavailable, match="The source payments does not answer"):
        desk.scan()


def test_an_answer_recorded_before_its_source_went_down_is_applied_when_it_is_back(town):
    desk, engine = town.open()
    desk.scan()
    decision = desk.decide(waiting(desk)["payments/t1"].id, "yes", reviewer=ADA)
    town.take_away("payments")
    engine.start()
    engine.deliver(decision.id)
    assert "There is no file" in desk.decision(decision.id).error

    town.bring_back("payments")
    engine.deliver(decision.id)

    assert desk.decision(decision.id).outcome == "applied"
    assert values(desk, "payments/t1")["answer"] == "yes"


def test_reviews_of_a_source_that_is_taken_out_stay_until_it_is_forgotten(town):
    desk, _ = town.open()
    desk.scan()
    review = waiting(desk)["support/t1"]
    town.write(SETTINGS[: SETTINGS.rindex("[[sources]]")])
    desk, _ = town.open()
    desk.scan()

    assert waiting(desk).keys() == BOTH
    assert [(one.name, one.gone, one.open) for one in standings.silent(desk)] == [("support", True, 2)]
    with pytest.raises(SourceUnknown, match="'support', which is not configured"):
        desk.decide(review.id, "yes", reviewer=ADA)
    assert waiting(desk).keys() == BOTH
    [note] = [one for one in examine(read_settings()) if one.level is Level.NOTE and "support" in one.message]
    assert "--forget 'support'" in note.mend
    with pytest.raises(SettingsInvalid, match="not configured any more can be forgotten"):
        standings.forget(desk, "payments")

    assert standings.forget(desk, "support") == 2

    assert waiting(desk).keys() == {"payments/t1", "payments/t2"}
    assert not standings.silent(desk)


def test_ids_stay_as_they_were_made_beside_a_source_that_is_forgotten(town):
    town.write(DEFAULT)
    town.pause("payments", "support/t9")
    desk, _ = town.open()
    desk.scan()
    before = {thread: one.id for thread, one in waiting(desk).items()}
    assert "/support/t9" in before
    town.write(DEFAULT[: DEFAULT.rindex("[[sources]]")])
    desk, _ = town.open()
    desk.scan()
    assert standings.forget(desk, "support") == 2
    desk, _ = town.open()
    desk.scan()

    left = {thread: one.id for thread, one in waiting(desk).items()}
    assert left == {thread: review for thread, review in before.items() if not thread.startswith("support/")}
    assert [one.name for one in standings.standings(desk)] == ["payments"]

    town.write(DEFAULT)
    desk, _ = town.open()
    desk.scan()
    assert waiting(desk).keys() == before.keys()
    assert not standings.silent(desk)


def test_a_source_cannot_have_a_name_with_which_ids_on_record_begin(town):
    alone = DEFAULT[: DEFAULT.rindex("[[sources]]")]
    town.write(alone)
    town.pause("payments", "support/t9")
    desk, _ = town.open()
    desk.scan()
    assert "support/t9" in waiting(desk)
    town.write(DEFAULT)

    with pytest.raises(SettingsInvalid, match="support cannot have this name: the thread support/t9 is on record"):
        town.open()


@pytest.mark.parametrize("other", ["payments.sqlite", "./payments.sqlite", "sqlite:///payments.sqlite"])
def test_one_database_is_no_two_sources(town, other):
    town.write(SETTINGS.replace('db = "support.sqlite"', f'db = "{other}"'))

    with pytest.raises(SettingsInvalid, match="payments and support are one database"):
        read_settings()


def test_a_source_that_comes_back_goes_on_where_it_was(town):
    first, _ = town.open()
    first.scan()
    town.write(SETTINGS[: SETTINGS.rindex("[[sources]]")])
    town.open()[0].scan()
    town.write(SETTINGS)
    desk, _ = town.open()
    desk.scan()

    assert waiting(desk) == waiting(first)
    assert not standings.silent(desk)


def test_a_desk_with_one_database_becomes_one_with_several_and_goes_back(town):
    alone = {"db": "payments.sqlite", "graph": ("agent=payments.py:agent",), "desk": "signoff.db"}
    town.write("")
    single, engine = town.open(**alone)
    single.scan()
    before = waiting(single)
    assert {(review.source, review.graph) for review in before.values()} == {("", "agent")}
    engine.start()
    assert settled(single, single.decide(before["t1"].id, "yes", reviewer=ADA)).outcome == "applied"
    engine.stop()
    town.write(f'desk = "signoff.db"\n{DEFAULT}')

    desk, engine = town.open()
    desk.scan()

    assert waiting(desk).keys() == {"t2", "support/t1", "support/t2"}
    assert waiting(desk)["t2"].id == before["t2"].id
    assert waiting(desk, source="payments").keys() == {"t2"}
    assert [decision.reviewer.name for decision in desk.decisions_on(before["t1"].id)] == ["Ada"]
    engine.start()
    assert settled(desk, desk.decide(before["t2"].id, "yes", reviewer=ADA)).outcome == "applied"
    assert values(desk, "t2")["house"] == "payments"
    engine.stop()

    town.write("")
    again, _ = town.open(**alone)
    again.scan()
    assert waiting(again).keys() == {"support/t1", "support/t2"}
    with pytest.raises(SourceUnknown):
        again.brief(waiting(again)["support/t1"].id)
    assert values(again, "t2")["house"] == "payments"


def test_a_source_keeps_the_ids_that_it_has(town):
    town.open(desk="signoff.db")[0].scan()
    town.write(f'desk = "signoff.db"\n{DEFAULT}')

    with pytest.raises(SettingsInvalid, match="payments did not have default = true before"):
        town.open()


def test_reviews_from_before_there_were_sources_wait_for_a_default(town):
    town.write("")
    single, _ = town.open(db="payments.sqlite", desk="signoff.db")
    single.scan()
    town.write(f'desk = "signoff.db"\n{SETTINGS}')

    desk, _ = town.open()
    desk.scan()

    assert waiting(desk).keys() == {"t1", "t2", *BOTH}
    with pytest.raises(SourceUnknown, match="no source that is configured"):
        desk.brief(waiting(desk)["t1"].id)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (SETTINGS.replace('"support"', '"payments"'), "two sources are named 'payments'"),
        (SETTINGS.replace('"support"', '"sup/port"'), "'sup/port' is no name of a source"),
        (SETTINGS.replace('"support"', '"Support"'), "'Support' is no name of a source"),
        (SETTINGS.replace('"support"', '""'), "'' is no name of a source"),
        (f'db = "a.sqlite"\n{SETTINGS}', "db and [[sources]] both say what to read"),
        (f'graphs = "langgraph.json"\n{SETTINGS}', "graphs and [[sources]] both say what to read"),
        (DEFAULT.replace('name = "support"', 'name = "support"\ndefault = true'), "stands at more than one source"),
        (SETTINGS.replace("db = ", "database = "), "Field required"),
    ],
)
def test_sources_that_cannot_be_told_apart_are_refused(folder, settings, said):
    Path("signoff.toml").write_text(settings)

    with pytest.raises(SettingsInvalid) as refused:
        read_settings()

    assert said in str(refused.value)


def test_the_desk_stands_beside_the_settings_or_beside_the_default_source(folder):
    Path("signoff.toml").write_text(SETTINGS)
    assert read_settings().desk_url == f"sqlite:///{folder}/signoff.db"
    Path("signoff.toml").write_text(DEFAULT)
    assert read_settings().desk_url == f"sqlite:///{folder}/payments.signoff.db"


def test_a_thread_that_is_put_back_into_one_source_waits_again_and_no_other_is_read_for_that(town, monkeypatch):
    file = town.folder / "support.sqlite"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(town.folder / "copy.sqlite")) as copy:
        source.backup(copy)
    desk, _ = town.open()
    desk.scan()
    with SqliteSaver.from_conn_string(str(file)) as own:
        own.delete_thread("t1")
    desk.scan()
    assert waiting(desk).keys() == BOTH - {"support/t1"}

    read = []
    heads = SqliteCheckpoints._heads
    monkeypatch.setattr(SqliteCheckpoints, "_heads", lambda self, ids: read.extend(ids) or heads(self, ids))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(town.folder / "copy.sqlite")) as copy:
        copy.backup(source)
    desk.scan()
    assert waiting(desk).keys() == BOTH
    assert read == ["t1"]


def test_a_desk_that_is_opened_again_reads_no_thread_again(town, monkeypatch):
    desk, _ = town.open()
    desk.scan()
    read = []
    heads = SqliteCheckpoints._heads
    monkeypatch.setattr(SqliteCheckpoints, "_heads", lambda self, ids: read.extend(ids) or heads(self, ids))

    town.open()[0].scan()
    assert read == []
