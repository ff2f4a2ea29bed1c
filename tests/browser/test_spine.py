"""From a paused thread to an applied decision, as a reviewer sees it in Chromium."""

import re
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from signoff import timing
from signoff.decisions import Reviewer
from signoff.settings import read_settings
from signoff.wiring import open_desk

pytestmark = pytest.mark.browser
SOON = 15_000  # ms
RUN = 30_000  # ms for a thread to go on and the page to say so


def shown(page: Page, text: str, *, within: int = SOON) -> None:
    expect(page.get_by_text(text).first).to_be_visible(timeout=within)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit and resume").click()


def answer(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label).last
    field.fill(text)
    field.blur()


def test_a_reviewer_finds_an_item_in_the_queue_decides_it_and_sees_the_thread_finish(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = visit(f"{demo.url}/?advance=false")

    page.get_by_role("textbox", name="Search").fill(review.thread_id)
    page.get_by_role("textbox", name="Search").press("Enter")
    shown(page, "1–1 of 1")
    page.get_by_test_id("stDataFrame").click(position={"x": 200, "y": 52})
    expect(page.get_by_role("heading", name=review.title)).to_be_visible()
    page.get_by_role("radio", name="Approve", exact=True).click()
    submit(page)

    shown(page, "The thread has finished.", within=RUN)
    expect(page.get_by_role("cell", name=f"booked as {review.business_key}")).to_be_visible()


def test_each_answer_brings_up_the_form_of_the_next_question_until_the_thread_ends(demo, visit):
    review = demo.untouched("intake", "ask_approval")
    page = visit(f"{demo.url}/?review={review.id}&advance=false")

    page.get_by_role("radio", name="Yes", exact=True).click()
    submit(page)
    expect(page.get_by_role("heading", name="What is your address?")).to_be_visible(timeout=RUN)
    answer(page, "Text", "Hafenstr. 12, Hamburg")
    submit(page)
    expect(page.get_by_role("heading", name="What is your budget?")).to_be_visible(timeout=RUN)
    answer(page, "Text", "4,000 EUR")
    submit(page)

    shown(page, "The thread has finished.", within=RUN)
    for kept in ("yes", "Hafenstr. 12, Hamburg", "4,000 EUR"):
        expect(page.get_by_role("cell", name=kept, exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("address", "heading"),
    [("/thread?thread=txn-10402", "Thread txn-10402"), ("/?thread=txn-10402", "Thread txn-10402"), ("/audit", "Audit")],
)
def test_a_link_opened_first_on_a_fresh_server_shows_its_page_inside_the_frame(fresh_desk, visit, address, heading):
    page = visit(f"{fresh_desk.url}{address}")

    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    for name in ("Queue", "Threads", "Audit", "System"):
        expect(page.get_by_role("link", name=name).first).to_be_visible()
    expect(page).to_have_title(re.compile("Signoff"))


@pytest.mark.parametrize(("scheme", "light"), [("light", True), ("dark", False)])
def test_the_desk_follows_the_browser_into_light_and_dark(demo, visit, scheme, light):
    page = visit(f"{demo.url}/?review={demo.untouched('transaction', 'approve_payment').id}", scheme=scheme)
    cell = page.get_by_role("cell", name="Customer").first
    cell.wait_for()

    paper, ink = (
        page.get_by_test_id("stApp").evaluate("e => getComputedStyle(e).backgroundColor"),
        cell.evaluate("e => getComputedStyle(e).color"),
    )

    assert (brightness(paper) > 200, brightness(ink) < 100) == (light, light)


def brightness(color: str) -> float:
    return sum(int(part) for part in re.findall(r"\d+", color)[:3]) / 3


def test_a_phone_can_decide_one_item(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = visit(f"{demo.url}/?review={review.id}&advance=false", width=390, height=844, has_touch=True, is_mobile=True)

    page.get_by_role("radio", name="Approve", exact=True).tap()
    page.get_by_role("button", name="Submit and resume").tap()

    shown(page, "The thread has finished.", within=RUN)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_click_on_submit_is_never_lost_while_the_desk_changes_all_the_time(demo, visit):
    reviews = [r for r in demo.reviews(graph="transaction", node="approve_payment") if r.state == "waiting"][-4:]
    page = visit(f"{demo.url}/?review={reviews[0].id}&advance=false")
    with changing(demo):
        for review in reviews:
            page.goto(f"{demo.url}/?review={review.id}&advance=false")
            page.get_by_role("radio", name="Approve", exact=True).click()
            submit(page)
            shown(page, "The thread has finished.", within=RUN)


@contextmanager
def changing(demo):
    """Snooze and wake a review several times a second, so that every open tab is drawn again and again."""
    desk, done = open_desk(read_settings(db=str(demo.folder / "demo.sqlite"))), threading.Event()
    other = demo.reviews(graph="intake", node="ask_budget", state="waiting")[0].id

    def beat():
        while not done.wait(0.2):
            timing.snooze(desk, other, datetime.now(UTC) + timedelta(hours=1), reviewer=Reviewer(name="Grace"))
            done.wait(0.2)
            timing.wake(desk, other, reviewer=Reviewer(name="Grace"))

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()
        desk.close()


def test_what_one_reviewer_decides_leaves_the_queue_of_another_who_is_told_who_decided(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    deciding = visit(f"{demo.url}/?review={review.id}&advance=false")
    looking_on = visit(f"{demo.url}/?review={review.id}&q={review.thread_id}")
    shown(looking_on, "1–1 of 1")

    deciding.get_by_role("radio", name="Reject", exact=True).click()
    submit(deciding)
    shown(deciding, "The thread has finished.", within=RUN)

    shown(looking_on, "Nothing matches these filters")
    shown(looking_on, "Ada has decided this review")
