"""Every dialect of the field is answered in Chromium in every way it allows; the graph gets what it expects."""

import json
import runpy
import shutil
import time
from contextlib import closing
from pathlib import Path

import pytest
from browser.conftest import serving
from langgraph.checkpoint.sqlite import SqliteSaver
from playwright.sync_api import Page, expect

from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database

pytestmark = pytest.mark.browser
RUN = 20_000  # ms for a thread to go on and the page to say so
INBOX = {
    "action_request": {"action": "Confirm joke", "args": {"joke": "knock", "times": 2}},
    "config": {"allow_ignore": True, "allow_respond": True, "allow_edit": True, "allow_accept": True},
    "description": "a joke",
}
CITY = {"city": {"type": "string", "title": "City"}, "days": {"type": "integer", "title": "Days", "minimum": 1}}
MCP = {
    "mode": "form",
    "message": "Which city?",
    "requestedSchema": {"type": "object", "properties": CITY, "required": ["city"]},
}
USER = {"type": "ask_user", "questions": [{"question": "Name?", "type": "text"}], "tool_call_id": "x"}
PROPOSED = INBOX["action_request"]
EDITED = {"action": "Confirm joke", "args": {"joke": "who is there", "times": 2}}
ANSWERS = [
    ("accept", INBOX, "Accept", {}, [{"type": "accept", "args": PROPOSED}]),
    ("ignore", INBOX, "Ignore", {}, [{"type": "ignore", "args": None}]),
    ("reply", INBOX, "Respond", {"Reply": "funnier"}, [{"type": "response", "args": "funnier"}]),
    ("edit", INBOX, "Edit", {"Joke": "who is there"}, [{"type": "edit", "args": EDITED}]),
    (
        "city",
        MCP,
        "Accept",
        {"City": "Bern", "Days": "3"},
        {"action": "accept", "content": {"city": "Bern", "days": 3}},
    ),
    ("decline", MCP, "Decline", {}, {"action": "decline"}),
    ("cancel", MCP, "Cancel", {}, {"action": "cancel"}),
    ("user", USER, "Answer", {"Name": "Ada"}, {"type": "answered", "answers": ["Ada"]}),
    ("nobody", USER, "Cancel", {}, {"type": "cancelled"}),
]
EMAILS = [
    ("Approve", {}, "sent to='ada' copies=2"),
    ("Edit", {"Copies": "5"}, "sent to='ada' copies=5"),
    ("Reject", {"Reason": "not today"}, "not today"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dialects")
    source = Path(shutil.copy(Path(__file__).with_name("agents.py"), folder))
    names = {name: f"./agents.py:{name}" for name in ("batched", "per_call", "asking")}
    (folder / "langgraph.json").write_text(json.dumps({"dependencies": ["."], "graphs": names}))
    agents = runpy.run_path(str(source))
    with SqliteSaver.from_conn_string(str(folder / "demo.sqlite")) as saver:
        for name in ("batched", "per_call"):
            for way, _, _ in EMAILS:
                pause(agents[name], saver, name, f"{name}-{way}", {"messages": [("user", "Go")]})
        for thread, payload, *_ in ANSWERS:
            pause(agents["asking"], saver, "asking", thread, {"payload": payload})
    with serving(folder, folder / "langgraph.json") as served:
        yield served


def pause(graph, saver, name, thread, given):
    config = {"configurable": {"thread_id": thread}, "metadata": {"graph_id": name}}
    graph.copy({"checkpointer": saver}).invoke(given, config)


def choose(page: Page, way: str, fields: dict[str, str], *, place: int = 0) -> None:
    option = page.get_by_role("radio", name=way, exact=True).nth(place)
    option.click()
    expect(option).to_be_checked()
    for label, text in fields.items():
        field = page.get_by_label(label).first
        field.fill(text)
        field.blur()


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit and resume").click()


def values(desk, thread):
    """Return the state in which a thread ended, as soon as it has."""
    with closing(SqliteCheckpoints(desk.folder / "demo.sqlite")) as checkpoints:
        for _ in range(200):
            [newest] = checkpoints.steps(thread, limit=1)
            if not newest.next:
                return newest.values
            time.sleep(0.1)
    raise AssertionError(f"{thread} has not ended: {newest.next} is next")


def told(desk, thread):
    return {m["tool_call_id"]: m["content"] for m in values(desk, thread)["messages"] if m["type"] == "tool"}


@pytest.mark.parametrize(("thread", "payload", "way", "fields", "expected"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_a_question_is_answered_in_the_shape_that_its_graph_expects(
    desk, visit, thread, payload, way, fields, expected
):
    page = visit(f"{desk.url}/?thread={thread}")

    choose(page, way, fields)
    submit(page)
    expect(page.get_by_text("The thread has finished.")).to_be_visible(timeout=RUN)

    assert values(desk, thread)["answer"] == expected


@pytest.mark.parametrize(("way", "fields", "result"), EMAILS[:2], ids=["Approve", "Edit"])
def test_three_tool_calls_in_one_question_are_decided_one_by_one_and_sent_together(desk, visit, way, fields, result):
    page = visit(f"{desk.url}/?thread=batched-{way}")

    choose(page, "Reject", {}, place=1)
    expect(page.get_by_role("textbox", name="Reason")).to_be_visible()  # the choice below it has moved
    choose(page, "Approve", {}, place=2)
    choose(page, way, fields)
    submit(page)
    expect(page.get_by_text("The thread has finished.")).to_be_visible(timeout=RUN)

    answers = told(desk, f"batched-{way}")
    assert result in answers["c1"]
    assert "dropped" not in answers["c2"]
    assert answers["c3"] == "nobody answered Now?"


def test_a_choice_opens_its_fields_however_often_others_change_the_desk_meanwhile(desk, visit):
    page = visit(f"{desk.url}/?thread=batched-Reject")
    database = Database(f"sqlite:///{desk.folder / 'demo.signoff.db'}")

    for way, label in (("Edit", "Copies"), ("Reject", "Reason"), ("Respond", "Reply")) * 3:
        database.scans.choose_graph("no-such-thread", "asking", chosen_by="Grace")
        choose(page, way, {})
        field = page.get_by_role("textbox", name=label).first
        field.fill("7")
        database.scans.choose_graph("no-such-thread", "asking", chosen_by="Grace")
        expect(field).to_have_value("7")
        expect(page.get_by_role("radio", name=way, exact=True).first).to_be_checked()

    database.close()


@pytest.mark.parametrize(("way", "fields", "result"), EMAILS, ids=[e[0] for e in EMAILS])
def test_three_tool_calls_in_three_questions_are_each_answered_where_they_were_asked(desk, visit, way, fields, result):
    thread, page = f"per_call-{way}", None
    for review in sorted(desk.reviews(thread_id=thread), key=lambda one: "send_email" in one.title):
        page = on(page, f"{desk.url}/?review={review.id}") if page else visit(f"{desk.url}/?review={review.id}")
        email = "send_email" in review.title
        choose(page, way if email else "Approve", fields if email else {})
        submit(page)
        until_decided(desk, review.id)

    answers = told(desk, thread)
    assert result in answers["c1"]
    assert (answers["c2"], answers["c3"]) == ("dropped orders", "nobody answered Now?")


def on(page: Page, url: str) -> Page:
    """Go on to another address in the same window."""
    page.goto(url)
    page.locator("h1").wait_for()
    return page


def until_decided(desk, review_id):
    for _ in range(200):
        if all(review.id != review_id for review in desk.reviews()):
            return
        time.sleep(0.1)
    raise AssertionError(f"{review_id} is still open")
