"""A report tells a thread from end to end, runs nothing of what it tells, stays small, and shows any change."""

import io
import json
import operator
import sqlite3
import weakref
from contextlib import closing
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Annotated, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from pages.hostile import CONTROLS, PAYLOAD, WORDS
from unit.office import Office

from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.decisions import Reviewer
from signoff.dialects.masking import DEFAULT_KEYS
from signoff.errors import ThreadNotFound
from signoff.report import Facts, check, write_html, write_json
from signoff.report.markup import fill

WRITERS = {"html": write_html, "json": write_json}
BOTH = pytest.mark.parametrize("kind", list(WRITERS))


def report(desk, thread, kind, keys=DEFAULT_KEYS, by="Ada"):
    out = io.BytesIO()
    WRITERS[kind](Facts(desk, thread, by, keys), out)
    return out.getvalue()


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


@pytest.fixture
def decided(office):
    """A thread on which Grace answered one question; a password is in the payload and in the answer."""
    office.pause("t", {"title": "Pay 100?", "password": "hunter2"}, order_id="4711")
    office.desk.scan()
    [review] = office.desk.open_on("t")
    answer = {"approved": False, "token": "hunter2"}
    office.desk.decide(review.id, answer, reviewer=Reviewer(name="Grace"), comment="called them")
    office.deliver()
    return office


def test_it_tells_the_thread_from_end_to_end(decided):
    told = json.loads(report(decided.desk, "t", "json"))

    [decision] = told["decisions"]
    assert told["head"]["graph"] == "asking"
    assert (told["head"]["exported_by"], told["head"]["next"], told["head"]["waiting"]) == ("Ada", [], [])
    assert (decision["reviewer"], decision["comment"], decision["outcome"]) == ("Grace", "called them", "applied")
    assert [entry["event"] for entry in decision["trail"]] == ["recorded", "applying", "settled"]
    assert [step["step"] for step in told["steps"]] == [-1, 0, 1]
    assert told["steps"][1]["decisions"] == [decision["id"]]
    assert told["steps"][1]["asked"][0]["payload"]["title"] == "Pay 100?"
    assert told["steps"][2]["ran"] == ["ask"]
    assert [change["place"] for change in told["steps"][2]["changes"]] == ["answer"]


def test_the_page_tells_the_same(decided):
    page = report(decided.desk, "t", "html").decode()

    for word in (
        "Thread t",
        "Answered by Grace: applied",
        "called them",
        "Pay 100?",
        "applied",
        "4711",
        "signoff report verify",
    ):
        assert word in page


@BOTH
def test_secrets_are_masked(decided, kind):
    assert b"hunter2" not in report(decided.desk, "t", kind)
    assert b"4711" not in report(decided.desk, "t", kind, keys=("order_id", "password", "token"))


@BOTH
def test_an_unknown_thread_writes_nothing(office, kind):
    out = io.BytesIO()
    with pytest.raises(ThreadNotFound):
        WRITERS[kind](Facts(office.desk, "nobody", "Ada"), out)
    assert not out.getvalue()


@BOTH
def test_an_untouched_report_is_confirmed_with_the_hashes_of_the_desks_trail(decided, kind):
    checked = check(report(decided.desk, "t", kind))

    assert not checked.problems
    assert checked.entries == {entry.seq: entry.hash for entry in decided.desk.database.audit.entries()}
    assert checked.hidden == 1  # the token in the answer


@BOTH
def test_any_changed_byte_is_found(decided, kind):
    whole = report(decided.desk, "t", kind)

    for at in range(0, len(whole), 7):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert check(changed).problems, whole[max(0, at - 20) : at + 20]


@BOTH
@given(data=st.data())
@settings(max_examples=60)
def test_what_is_cut_added_or_moved_is_found(kind, data, decided_once):
    whole = decided_once[kind]
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    put = data.draw(st.binary(max_size=20))
    changed = whole[:start] + put + whole[end:]

    assert bool(check(changed).problems) == (changed != whole)


@pytest.fixture(scope="module")
def decided_once(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("decided"))
    office.pause("t", {"title": "Pay 100?"})
    return {kind: report(office.desk, "t", kind) for kind in WRITERS}


def test_an_entry_that_was_changed_before_the_seal_is_found(decided):
    facts = Facts(decided.desk, "t", "Mallory")
    told = list(facts.decisions())
    told[0]["trail"][2]["body"]["outcome"] = "failed"
    facts.decisions = lambda: iter(told)
    for write in WRITERS.values():
        out = io.BytesIO()
        write(facts, out)
        assert check(out.getvalue()).problems == ("Entry 3 of the trail does not have its hash.",)


class Reader(HTMLParser):
    """Every tag and attribute of a page, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = set(), [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def test_hostile_words_are_words(office):
    thread = f"t {WORDS} \" ' > {{0}}"
    office.pause(thread, PAYLOAD, order_id=WORDS, metadata={"graph_id": WORDS})
    office.desk.scan()
    office.graphs.names = ("asking", WORDS)
    [review] = office.desk.open_on(thread)
    office.desk.decide(review.id, {WORDS: WORDS}, reviewer=Reviewer(name=WORDS), comment=WORDS)
    page = report(office.desk, thread, "html", by=WORDS).decode()
    read = Reader(page)

    assert not read.tags & {"script", "img", "iframe", "link", "object", "base", "form", "svg"}
    assert not [name for name, _ in read.attributes if name.startswith("on") or name in ("src", "style")]
    assert all(value.startswith("#") for name, value in read.attributes if name == "href")
    assert "<script>alert(1)</script>" in read.text
    assert not set(CONTROLS) & set(page)
    assert not check(page.encode()).problems


@given(st.text())
def test_a_text_comes_back_from_the_page_or_is_marked(text):
    read = Reader(fill("<p title={}>{}</p>", fill('"{}"', text), text))

    assert read.tags == {"p"}
    assert len(read.text) == len(text)


class Long(TypedDict, total=False):
    n: int
    log: Annotated[list, operator.add]


@pytest.fixture(scope="module")
def long_thread(tmp_path_factory):
    """A desk over a thread of 2,000 steps whose state grows to 16 kB."""
    folder = tmp_path_factory.mktemp("long")
    graph = StateGraph(Long)
    graph.add_node("count", lambda state: {"n": state["n"] + 1, "log": ["x" * 4]})
    graph.add_edge(START, "count")
    graph.add_conditional_edges("count", lambda state: "count" if state["n"] < 2_000 else "__end__")
    with closing(sqlite3.connect(folder / "threads.sqlite", check_same_thread=False)) as connection:
        config = {"configurable": {"thread_id": "t"}, "recursion_limit": 5_000}
        graph.compile(SqliteSaver(connection)).invoke({"n": 0, "log": []}, config)
    desk = Office(folder).desk
    desk.checkpoints = SqliteCheckpoints(folder / "threads.sqlite")
    return desk


@BOTH
def test_of_a_long_thread_few_steps_are_held_and_the_file_is_bounded(long_thread, kind, monkeypatch):
    seen, most, written = [], [], []
    read = long_thread.checkpoints.steps

    def counted(thread_id, **which):
        found = read(thread_id, **which)
        seen[:] = [one for one in seen if one() is not None] + [weakref.ref(step) for step in found]
        most.append(len(seen))
        return found

    monkeypatch.setattr(long_thread.checkpoints, "steps", counted)
    told = Facts(long_thread, "t", "Ada")
    told.left = 3_000_000
    WRITERS[kind](told, SimpleNamespace(write=lambda data: written.append(len(data))))

    assert len(most) > 100
    assert max(most) <= 70
    assert 3_000_000 < sum(written) < 10_000_000
    assert max(written) < 100_000
