"""A change shows in every open tab by itself, and never moves what a reviewer is typing."""

import json
import random
import re
import runpy
import uuid
from contextlib import suppress

import pytest
from browser.conftest import ROOT
from langgraph.checkpoint.sqlite import SqliteSaver
from playwright.sync_api import TimeoutError, expect

pytestmark = pytest.mark.browser
COUNT_SOUNDS = """() => {
  const Made = AudioContext
  window.played = 0
  window.AudioContext = function () { played++; return new Made() }
}"""
PUSHED = 8_000  # ms; a page looks by itself only every minute
QUICK = 1_000  # ms
TYPED = 6_000  # ms; a tab brings what was typed to the server after three seconds


def pause(desk, customer="Late Ltd"):
    """Run another payment up to its question; return its reference."""
    graph = runpy.run_path(str(ROOT / "graphs" / "transaction.py"))["graph"]
    reference = f"TXN-{uuid.uuid4().hex[:6]}"
    asked = {"reference": reference, "customer": customer, "amount": 12_345.0, "currency": "EUR", "reason": "new"}
    with SqliteSaver.from_conn_string(str(desk.folder / "demo.sqlite")) as saver:
        config = {"configurable": {"thread_id": reference}, "metadata": {"graph_id": "transaction"}}
        graph.copy({"checkpointer": saver}).invoke(asked, config)
    return reference


def waiting(page):
    return int(page.get_by_test_id("stMetricValue").first.inner_text().replace(",", ""))


def test_a_new_pause_is_counted_in_two_windows_and_in_the_titles_of_their_tabs(demo, visit):
    pages = [visit(demo.url), visit(demo.url)]
    before = [waiting(page) for page in pages]

    pause(demo)

    for page, count in zip(pages, before, strict=True):
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{count + 1}", timeout=PUSHED)
        expect(page).to_have_title(re.compile(r"\(\d+\) Signoff"))


def test_the_count_of_the_graph_that_is_chosen_follows_and_so_does_the_list(demo, visit):
    page = visit(f"{demo.url}/?graph=transaction")
    count = len(demo.reviews(graph="transaction"))
    chosen = page.get_by_role("combobox", name="Graph")
    expect(chosen).to_have_value(f"transaction ({count})")

    pause(demo)

    expect(chosen).to_have_value(f"transaction ({count + 1})", timeout=PUSHED)
    expect(page.get_by_text(f"1–{count + 1} of {count + 1}")).to_be_visible()


def test_what_is_being_typed_and_the_open_review_stay_when_the_desk_changes(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = visit(f"{demo.url}/?review={review.id}")
    page.get_by_role("radio", name="Approve", exact=True).click()
    note = page.get_by_label("Note for the file")
    note.click()

    for number in range(3):
        page.keyboard.type(f"half a sen{number}")
        before = waiting(page)
        pause(demo)
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{before + 1}", timeout=PUSHED)

    expect(note).to_be_focused()
    expect(note).to_have_value("half a sen0half a sen1half a sen2")
    expect(page.get_by_role("radio", name="Approve", exact=True)).to_be_checked()
    expect(page.get_by_role("heading", name=review.title)).to_be_visible()


def test_what_was_typed_survives_a_drawing_without_the_form(demo, visit):
    page = visit(f"{demo.url}/?review={demo.untouched('transaction', 'approve_payment').id}")
    page.get_by_role("radio", name="Reject", exact=True).click()
    note = page.get_by_label("Note for the file")
    note.fill("half a sentence")

    page.get_by_role("tab", name="State").click()
    expect(note).to_have_count(0)
    page.get_by_role("tab", name="Review").click()

    expect(note).to_have_value("half a sentence")
    expect(page.get_by_role("radio", name="Reject", exact=True)).to_be_checked()


def test_what_was_typed_survives_a_reload_though_nothing_was_clicked(demo, visit):
    page = visit(f"{demo.url}/?review={demo.untouched('transaction', 'approve_payment').id}")
    note = page.get_by_label("Note for the file")
    note.fill("half a sentence")
    page.wait_for_timeout(TYPED)
    page.reload()

    expect(note).to_have_value("half a sentence")


def test_the_page_stays_whole_while_a_reviewer_clicks_about_and_the_desk_changes(demo, visit):
    page = visit(f"{demo.url}/?graph=transaction")
    expect(page.get_by_label("Note for the file")).to_be_visible()
    dice = random.Random(7)
    ways = [
        lambda: page.keyboard.press(dice.choice("jk")),
        lambda: page.get_by_role("radio", name=dice.choice(["Approve", "Reject"]), exact=True).click(timeout=QUICK),
        lambda: page.get_by_role("tab", name=dice.choice(["Review", "State", "History"])).click(timeout=QUICK),
        lambda: page.get_by_role("button", name="Preview JSON").click(timeout=QUICK),
        lambda: page.get_by_text("Raw payload").click(timeout=QUICK),
        lambda: page.get_by_label("Note for the file").fill("half a sentence", timeout=QUICK),
        lambda: pause(demo),
    ]

    for _ in range(80):
        with suppress(TimeoutError):  # what was to be clicked has just gone
            dice.choice(ways)()
        page.keyboard.press("Escape")
        page.wait_for_timeout(dice.choice([0, 50, 300]))

    page.get_by_role("tab", name="Review").click()
    expect(page.get_by_role("button", name="Submit and resume")).to_have_count(1)
    page.keyboard.press("j")
    expect(page.get_by_role("tab", name="Review")).to_have_count(1)  # and nothing was said on the console, see `visit`


def test_a_tab_goes_on_listening_after_a_walk_through_other_pages(demo, visit):
    page = visit(f"{demo.url}/audit")
    page.get_by_test_id("stTopNavLink").filter(has_text="Queue").click()
    expect(page.get_by_role("heading", name="Review queue")).to_be_visible()
    before = waiting(page)

    pause(demo)

    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{before + 1}", timeout=PUSHED)


def test_a_sound_is_made_only_where_somebody_asked_for_it(demo, visit):
    page = visit(demo.url)
    page.evaluate(COUNT_SOUNDS)
    before = waiting(page)
    pause(demo)
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{before + 1}", timeout=PUSHED)
    assert page.evaluate("played") == 0

    page.get_by_role("button", name="Keyboard shortcuts and sound").click()
    page.get_by_label("A sound when something new waits for you").check()
    page.get_by_role("button", name="Close").click()
    pause(demo)

    page.wait_for_function("played === 1", timeout=PUSHED)


@pytest.fixture
def crowded(demo, visit):
    """Visit the desk as one of so many that nobody's turn to be drawn again comes, but by a click."""

    held = []

    def hold(tab):
        server = tab.connect_to_server()
        server.on_message(lambda message: held.append(tab) if "mark" in json.loads(message) else tab.send(message))

    def open_page(address="/"):
        page = visit(demo.url + address, has_touch=False)  # a context of its own: no other test's page is held
        page.route_web_socket("**/_live?shown=*", hold)
        page.reload()
        for _ in range(600):
            if held:
                return page
            page.wait_for_timeout(50)
        raise TimeoutError("the tab does not listen")

    return open_page


def test_who_waits_for_a_turn_is_told_at_once_and_shown_at_a_click(demo, crowded):
    page = crowded()
    before = waiting(page)
    told = page.get_by_role("button", name="↻")
    expect(told).to_be_hidden()

    pause(demo)
    expect(told).to_have_text("↻ New: Approve 12,345.00 EUR for Late Ltd?")
    pause(demo)
    expect(told).to_have_text("↻ 2 new")
    assert waiting(page) == before

    told.click()

    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{before + 2}", timeout=PUSHED)
    expect(told).to_be_hidden()


@pytest.mark.parametrize("how", ["named in the address", "opened because it is the first"])
def test_who_has_a_review_open_that_somebody_decides_is_told_who(demo, crowded, visit, how):
    first = demo.reviews(graph="transaction", state="waiting")[0]
    page = crowded(f"/?review={first.id}" if how.startswith("named") else "/?graph=transaction")
    expect(page.get_by_role("heading", name=first.title)).to_be_visible()
    other = visit(f"{demo.url}/?review={first.id}")
    expect(other.get_by_role("heading", name=first.title)).to_be_visible()

    other.get_by_role("radio", name="Approve", exact=True).check()  # a draft of another test may have done so
    other.get_by_role("button", name="Submit and resume").click()
    expect(other.get_by_text("Applied", exact=True)).to_be_visible()

    told = page.get_by_role("button", name="↻")
    expect(told).to_have_text(f"↻ The review that you have open: Applied (Ada): {first.title}")
    assert f"Applied (Ada): {first.title}" in told.get_attribute("title")


def test_what_is_told_is_text_whatever_a_payload_says(demo, crowded):
    page = crowded()

    pause(demo, "<img src=x onerror=alert(1)> **bold**")

    told = page.get_by_role("button", name="↻")
    expect(told).to_contain_text("<img src=x onerror=alert(1)> **bold**")
    assert told.locator("img").count() == 0


@pytest.mark.parametrize("address", ["thread", "thread?thread=none", "audit?q=nothing+like+it"])
def test_a_page_that_ends_early_hears_of_changes_too(demo, visit, address):
    page = visit(demo.url, has_touch=False)
    with page.expect_websocket(lambda socket: "/_live" in socket.url):
        page.goto(f"{demo.url}/{address}")
