"""Going back to a step of a thread, with an edited state, in Chromium."""

import re

import pytest
from playwright.sync_api import expect

from signoff.checkpoints.sqlite import SqliteCheckpoints

pytestmark = pytest.mark.browser
RUN = 30_000  # ms for a thread to go on and the page to say so


def test_the_state_at_an_earlier_step_is_edited_and_the_thread_run_again(fresh_desk, visit):
    review = fresh_desk.reviews(graph="intake", node="ask_budget")[-1]
    reader = SqliteCheckpoints(fresh_desk.folder / "demo.sqlite")
    [earlier] = [step for step in reader.steps(review.thread_id, limit=50) if step.next == ("ask_address",)]
    reader.close()
    page = visit(f"{fresh_desk.url}/thread?thread={review.thread_id}&checkpoint={earlier.checkpoint_id}")

    page.get_by_role("button", name="Edit the state and run").filter(visible=True).click()
    expect(page.get_by_text("ask_address runs again from the first line")).to_be_visible()
    request = page.get_by_role("textbox", name="Request").last
    request.fill("A training for two")
    request.blur()
    reason = page.get_by_role("textbox", name="Reason").last
    reason.fill("there are two of them")
    reason.blur()
    page.get_by_role("button", name=re.compile("^Edit the state and run.*(Shortcut|Enter)")).click()

    expect(page.get_by_text("Edit the state and run again from step").first).to_be_visible(timeout=RUN)
    expect(page.get_by_text("Applied", exact=True)).to_be_visible(timeout=RUN)
    page.get_by_role("button", name="After").click()
    expect(page).not_to_have_url(re.compile(earlier.checkpoint_id), timeout=RUN)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=RUN)
    page.get_by_role("tab", name="State").last.click()
    expect(page.get_by_role("cell", name="A training for two").first).to_be_visible(timeout=RUN)
    [again] = [one for one in fresh_desk.reviews(graph="intake") if one.thread_id == review.thread_id]
    assert again.interrupt_id != review.interrupt_id

    page.locator("summary", has_text="Branches").click()
    expect(page.get_by_text("left the older branch at step 1")).to_be_visible(timeout=RUN)
    expect(page.get_by_role("link", name="Compare with current")).to_have_attribute(
        "href", re.compile(f"thread={review.thread_id}.*checkpoint=.*against=")
    )


def test_the_way_to_a_forks_thread_has_an_address_that_lasts(demo, visit):
    thread = demo.reviews(graph="intake", node="ask_budget")[0].thread_id
    page = visit(f"{demo.url}/thread?thread={thread}")
    page.get_by_role("button", name="Fork to a new thread").click()
    for name, typed in (("New thread's id", "trial"), ("Reason", "to try")):
        field = page.get_by_role("textbox", name=name).last
        field.fill(typed)
        field.blur()
    page.get_by_role("button", name=re.compile("^Fork to a new thread.*(Shortcut|Enter)")).click()

    page.get_by_role("link", name="Open thread trial").click(timeout=RUN)

    opened, left = (page.get_by_role("heading", name=f"Thread {name}", exact=True) for name in ("trial", thread))
    expect(page).to_have_url(f"{demo.url}/thread?thread=trial")
    expect(opened).to_be_visible()
    page.reload()
    expect(opened).to_be_visible()
    page.go_back()
    expect(left).to_be_visible()
    expect(page).to_have_url(f"{demo.url}/thread?thread={thread}")
