"""What a list shows stays what was chosen, while its counts move."""

import re

import pytest
from browser.test_live import PUSHED, pause
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SOON = 10_000  # ms


def view(page, name):
    return page.get_by_role("radio", name=re.compile(rf"^{name} · "))


def test_a_view_stays_chosen_and_marked_while_its_count_moves(demo, visit):
    page = visit(f"{demo.url}/?view=unassigned")
    expect(view(page, "Unassigned")).to_be_checked()

    for _ in range(4):
        before = view(page, "Unassigned").inner_text()
        pause(demo)
        expect(view(page, "Unassigned")).not_to_have_text(before, timeout=PUSHED)
        expect(view(page, "Unassigned")).to_be_checked()
        assert "view=unassigned" in page.url

    view(page, "Mine").click()
    expect(view(page, "Mine")).to_be_checked()
    expect(page).to_have_url(re.compile("view=mine"))


def test_a_view_that_is_saved_is_shown_and_its_form_closed(demo, visit):
    page = visit(f"{demo.url}/?graph=transaction&sort=due")
    page.get_by_role("button", name="Save view").click()
    page.get_by_role("textbox", name="Name").fill("Payments by date")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(view(page, "Payments by date")).to_be_checked(timeout=SOON)
    expect(page.get_by_role("textbox", name="Name")).to_have_count(0)
    page.wait_for_timeout(1_000)
    expect(page).to_have_url(re.compile(r"\?view=[0-9a-f]+$"))
    expect(page.get_by_role("combobox", name="Graph")).to_have_value(re.compile(r"^transaction \("))


def test_a_filter_stays_what_it_is_when_its_count_has_moved_as_something_else_is_sent(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = visit(f"{demo.url}/?graph=transaction&review={review.id}")
    page.get_by_role("radio", name="Approve", exact=True).click()
    page.get_by_role("textbox", name="Search").press_sequentially("approve")
    page.get_by_role("button", name="Submit and resume").click()

    expect(page.get_by_text("The thread has finished.")).to_be_visible(timeout=30_000)
    expect(page).to_have_url(re.compile("q=approve"))
    expect(page).to_have_url(re.compile(r"graph=transaction(&|$)"))


def test_one_click_on_a_group_is_one_step_back(demo, visit):
    page = visit(f"{demo.url}/?by=graph")
    expect(page.get_by_role("button", name="Submit", exact=False).first).to_be_visible()
    steps = page.evaluate("history.length")

    page.get_by_test_id("stDataFrame").click(position={"x": 100, "y": 52})
    expect(page).to_have_url(re.compile(r"graph="))
    expect(page.get_by_role("button", name="Submit", exact=False).first).to_be_visible()

    page.go_back()
    expect(page).to_have_url(re.compile(r"\?by=graph$"))
    assert page.evaluate("history.length") == steps + 1


def test_priority_and_tags_are_saved_or_left_and_their_form_closes(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = visit(f"{demo.url}/?review={review.id}")
    tags = page.get_by_role("textbox", name="Tags")
    for text in (None, "audit"):
        page.get_by_role("button", name="Edit", exact=True).click()
        if text:
            tags.fill(text)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(tags).to_have_count(0)
        expect(page.get_by_text("encountered an error")).to_have_count(0)

    expect(page.get_by_text("audit", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Submit and resume")).to_be_visible()


def test_on_a_phone_a_link_shows_its_review_a_tap_the_one_tapped_and_the_menu_closes(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = visit(f"{demo.url}/?review={review.id}", width=390, height=844, has_touch=True, is_mobile=True)
    heading = page.get_by_role("heading", level=3).first
    expect(heading).to_be_in_viewport()
    expect(heading).to_have_text(review.title)

    page.get_by_test_id("stDataFrame").first.click(position={"x": 100, "y": 52 + 3 * 35})
    expect(heading).not_to_have_text(review.title)
    expect(heading).to_be_in_viewport()

    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNavLink").get_by_text("Trouble").click()
    expect(page.get_by_role("heading", name="Trouble", exact=True)).to_be_in_viewport()
    expect(page.get_by_test_id("stSidebarNavLink").first).not_to_be_in_viewport()
