"""Threads that got into trouble: found in the queue, and mended there, in Chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
RUN = 30_000  # ms for a thread to go on and the page to say so


@pytest.fixture
def opened(fresh_desk, visit):
    """Open the only, or the newest, review of a kind in the queue, alone in the list."""

    def open_review(kind: str, **wanted: str):
        review = fresh_desk.reviews(kind=kind, **wanted)[-1]
        page = visit(f"{fresh_desk.url}/?review={review.id}&q={review.thread_id}&advance=false")
        heading(page, review.title)
        expect(page.get_by_text("1–1 of 1")).to_be_visible()
        return page, review

    return open_review


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text)).to_be_visible(timeout=RUN)


def press(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=re.compile(rf"^{name} Shortcut"))
    expect(button).to_have_count(1)  # while the form is drawn again, the old button may still stand beside the new one
    button.click()


def choose(page: Page, action: str) -> None:
    actions = page.get_by_role("combobox", name="What to do")
    actions.evaluate("box => box.scrollIntoView({block: 'center'})")  # Streamlit closes an open list when it scrolls
    page.wait_for_timeout(300)
    actions.click()
    page.get_by_role("option", name=action).click()


def finished(page: Page) -> None:
    expect(page.get_by_text("The thread has finished.").first).to_be_visible(timeout=RUN)


def test_a_failed_thread_shows_its_error_and_is_retried(opened):
    page, _ = opened("failed")

    expect(page.get_by_text("connection timed out after 30 s").first).to_be_visible()
    press(page, "Submit")

    finished(page)


def test_a_stuck_thread_is_asked_again_and_then_answered(opened):
    page, review = opened("stuck")

    expect(page.get_by_text("The stored answer would fail again every time.")).to_be_visible()
    press(page, "Submit")
    expect(page.get_by_role("button", name="Submit and resume")).to_be_visible(timeout=RUN)
    expect(page.get_by_role("heading", name=review.title)).to_have_count(0)
    page.get_by_role("radio", name="Yes", exact=True).click()
    press(page, "Submit and resume")

    finished(page)


def test_a_stalled_thread_is_continued(opened):
    page, _ = opened("stalled")

    expect(page.get_by_text("do not continue: the node would run twice")).to_be_visible()
    press(page, "Submit")

    finished(page)


def test_at_a_breakpoint_the_state_is_edited_before_the_thread_goes_on(opened):
    page, _ = opened("breakpoint", graph="deletion")

    choose(page, "Edit the state, then continue")
    field = page.get_by_label("Requested by")
    field.fill("Grace Hopper")
    field.blur()
    press(page, "Submit")

    finished(page)
    expect(page.get_by_role("cell", name="Grace Hopper").first).to_be_visible()


def test_a_thread_at_a_breakpoint_is_ended_with_a_reason_that_stays_on_record(opened, fresh_desk, visit):
    page, review = opened("breakpoint", graph="publishing")

    choose(page, "End the thread here")
    press(page, "Submit")
    expect(page.get_by_text("One field needs attention.")).to_be_visible()
    reason = page.get_by_role("textbox", name="Reason")
    reason.fill("withdrawn by the author")
    reason.blur()
    press(page, "Submit")
    finished(page)

    record = visit(f"{fresh_desk.url}/audit?q={review.thread_id}")
    expect(record.locator("td[role=gridcell]").filter(has_text="withdrawn by the author")).to_have_count(1)
