"""Hands on keys: everything a reviewer does all day, and nothing by accident."""

import re

import pytest
from playwright.sync_api import Page, expect

from signoff.ui.keys import KEYS

pytestmark = pytest.mark.browser
SOON, RUN = 8_000, 20_000  # ms


def opened(page: Page):
    return page.get_by_role("heading", level=3).first


def listening(page: Page) -> Page:
    page.get_by_role("button", name="Keyboard shortcuts and sound").wait_for()
    page.get_by_role("button", name="Submit", exact=False).first.wait_for()
    return page


def test_a_review_is_chosen_answered_and_left_without_the_mouse(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = listening(visit(f"{demo.url}/?review={review.id}"))

    page.keyboard.press("a")
    approve = page.get_by_role("radio", name="Approve", exact=True)
    expect(approve).to_be_checked()
    expect(approve).to_be_focused()
    page.keyboard.press("a")
    expect(approve).to_be_checked()
    page.keyboard.press("r")
    expect(page.get_by_role("radio", name="Reject", exact=True)).to_be_checked()
    assert [open_.id for open_ in demo.reviews(thread_id=review.thread_id)] == [review.id]

    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The thread has finished.")).to_be_visible(timeout=RUN)
    page.keyboard.press("n")
    expect(opened(page)).not_to_have_text(review.title, timeout=SOON)


def test_j_and_k_walk_through_the_queue(demo, visit):
    page = listening(visit(demo.url))
    titles = [review.title for review in demo.reviews()[:2]]
    expect(opened(page)).to_have_text(titles[0])

    page.keyboard.press("j")
    expect(opened(page)).to_have_text(titles[1], timeout=SOON)
    page.keyboard.press("k")
    expect(opened(page)).to_have_text(titles[0], timeout=SOON)


def test_keys_are_letters_while_something_is_typed(demo, visit):
    page = listening(visit(demo.url))
    title = opened(page).inner_text()

    page.keyboard.press("/")
    search = page.get_by_role("textbox", name="Search")
    expect(search).to_be_focused()
    page.keyboard.type("jkacr?")

    expect(search).to_have_value("jkacr?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opened(page)).to_have_text(title)
    page.keyboard.press("Escape")
    expect(search).not_to_be_focused()


def test_a_question_mark_lists_every_key_and_they_can_be_turned_off(demo, visit):
    page = listening(visit(demo.url))
    title = opened(page).inner_text()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    for _, meaning in KEYS:
        expect(dialog.get_by_text(meaning, exact=True)).to_be_visible()

    dialog.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.reload()
    listening(page)
    page.keyboard.press("?")
    page.keyboard.press("j")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opened(page)).to_have_text(title)


def test_g_and_a_letter_go_to_a_page(demo, visit):
    page = listening(visit(demo.url))

    page.keyboard.press("g")
    page.keyboard.press("a")

    expect(page.get_by_role("heading", name="Audit")).to_be_visible(timeout=SOON)
    expect(page).to_have_url(re.compile("/audit$"))


def test_a_screen_reader_is_told_names_in_words(demo, visit):
    page = listening(visit(f"{demo.url}/?review={demo.untouched('insurance_claim', 'assess_claim').id}"))

    names = page.evaluate("[...document.querySelectorAll('[aria-label]')].map(one => one.getAttribute('aria-label'))")

    assert [name for name in names if re.search(r"\\|:red|\*", name)] == []
    expect(page.get_by_role("radiogroup", name="Is the loss covered? · required")).to_be_visible()
    expect(page.get_by_role("region", name="Open reviews")).to_be_visible()


@pytest.mark.parametrize("place", ["comment", "search", "popover"])
def test_ctrl_enter_out_of_a_field_that_is_none_of_the_form_sends_no_answer(demo, visit, place):
    review = demo.untouched("transaction", "approve_payment")
    page = listening(visit(f"{demo.url}/?review={review.id}"))
    page.keyboard.press("a")
    expect(page.get_by_role("radio", name="Approve", exact=True)).to_be_checked()

    field, seen = elsewhere(page, place, review.title)
    field.fill("Please wait")
    page.keyboard.press("Control+Enter")

    expect(seen).to_be_visible(timeout=SOON)
    page.wait_for_timeout(1_000)
    assert [open_.state for open_ in demo.reviews(thread_id=review.thread_id)] == ["waiting"]


def elsewhere(page: Page, place: str, title: str):
    """Return a field outside of the form, and what is to be seen once something was written in it."""
    if place == "search":
        return page.get_by_role("textbox", name="Search"), page.get_by_text("Search: Please wait").first
    if place == "comment":
        if not page.get_by_placeholder("Comment…").is_visible():
            page.get_by_text("Comments (").click()
        return page.get_by_placeholder("Comment…"), page.get_by_text("Please wait", exact=True).first
    page.get_by_role("button", name="Assign…").click()
    return page.get_by_role("textbox", name="Reason"), page.get_by_role("heading", name=title)


def test_ctrl_enter_on_a_view_sends_no_answer(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = listening(visit(f"{demo.url}/?review={review.id}"))
    page.keyboard.press("a")
    expect(page.get_by_role("radio", name="Approve", exact=True)).to_be_checked()

    page.get_by_role("radio", name="All open").focus()
    page.keyboard.press("Control+Enter")

    page.wait_for_timeout(2_000)
    assert [open_.state for open_ in demo.reviews(thread_id=review.thread_id)] == ["waiting"]


def test_ctrl_enter_out_of_a_field_of_the_form_sends_the_answer(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = listening(visit(f"{demo.url}/?review={review.id}"))
    page.keyboard.press("a")
    page.get_by_label("Note for the file").fill("asked the customer")

    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("The thread has finished.")).to_be_visible(timeout=RUN)
