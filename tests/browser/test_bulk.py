"""Many reviews answered with one form, in Chromium: select, dry run, send, and see what became of each."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
RUN = 30_000  # ms for the threads to go on and the page to say so


def test_all_that_match_are_answered_with_one_form_after_a_dry_run(fresh_desk, visit):
    page = visit(f"{fresh_desk.url}/?graph=transaction&node=approve_payment")
    page.get_by_text("Select many").click()
    page.get_by_role("button", name=re.compile(r"Select all \d+")).click()
    waiting = fresh_desk.reviews(graph="transaction", node="approve_payment", kind="interrupt")
    count = len(waiting)
    expect(page.get_by_text(f"One answer for {count} threads")).to_be_visible(timeout=RUN)

    page.get_by_role("radio", name="Approve").click()
    page.get_by_role("button", name=re.compile("^Dry run")).click()
    expect(page.get_by_text(f"Dry run: {count} answers to send, 0 left out")).to_be_visible(timeout=RUN)
    expect(page.get_by_text("Exactly this is handed to each graph")).to_be_visible()
    send = page.get_by_role("button", name=f"Send to {count} threads", exact=True)
    send.click()
    expect(page.get_by_text("Say why in a comment")).to_be_visible()
    page.get_by_role("textbox", name="Why").fill("Checked against the ledger.")
    send.click()

    expect(page.get_by_text(f"{count} of {count} answers applied")).to_be_visible(timeout=RUN)
    assert not {one.id for one in waiting} & {one.id for one in fresh_desk.reviews(graph="transaction")}
    page.goto(f"{fresh_desk.url}/audit")
    expect(page.get_by_text(f"Decided together with {count - 1} others")).to_be_visible(timeout=RUN)
    expect(page.get_by_text("“Checked against the ledger.”")).to_be_visible()


def test_the_group_that_is_answered_stays_the_one_that_was_chosen_when_fewer_are_ticked(demo, visit):
    page = visit(f"{demo.url}/?sort=oldest")
    page.get_by_text("Select many").click()
    page.get_by_role("button", name=re.compile(r"Select all \d+")).click()
    group = page.get_by_role("combobox", name="Answer these")
    group.click()
    page.get_by_role("option", name="assess_claim of insurance_claim").click()
    expect(group).to_have_value(re.compile("assess_claim of insurance_claim"))
    before = group.input_value()

    page.get_by_test_id("stDataFrame").first.click(position={"x": 20, "y": 52})  # the box of the oldest, one of them

    expect(group).not_to_have_value(before)
    expect(group).to_have_value(re.compile("assess_claim of insurance_claim"))
