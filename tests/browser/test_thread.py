"""A thread's life in Chromium: a link to a step, opened cold, and going from step to step."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from signoff.checkpoints.sqlite import SqliteCheckpoints

pytestmark = pytest.mark.browser


def test_a_link_to_a_step_opens_it_on_a_cold_server_and_one_walks_on(fresh_desk, visit):
    reader = SqliteCheckpoints(fresh_desk.folder / "demo.sqlite")
    thread = next(head.thread_id for head in reader.heads() if head.step >= 3)
    steps = reader.steps(thread, limit=50)
    reader.close()
    middle = steps[2]

    page = visit(f"{fresh_desk.url}/thread?thread={quote(thread)}&checkpoint={middle.checkpoint_id}")

    expect(page.get_by_text(f"checkpoint {middle.checkpoint_id}")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="After").click()
    expect(page.get_by_text(f"checkpoint {steps[1].checkpoint_id}")).to_be_visible()
    expect(page).to_have_url(re.compile(steps[1].checkpoint_id))
    page.get_by_role("button", name="Before").click()
    expect(page.get_by_text(f"checkpoint {middle.checkpoint_id}")).to_be_visible()
    page.get_by_role("tab", name="State").last.click()
    page.get_by_text("Tree", exact=True).click()
    expect(page.get_by_test_id("stJson").first).to_be_visible()


def test_a_click_on_a_line_opens_its_step(demo, visit):
    reader = SqliteCheckpoints(demo.folder / "demo.sqlite")
    thread = next(head.thread_id for head in reader.heads() if head.step >= 3)
    steps = reader.steps(thread, limit=50)
    reader.close()
    page = visit(f"{demo.url}/thread?thread={quote(thread)}")
    expect(page.get_by_text(f"checkpoint {steps[0].checkpoint_id}")).to_be_visible(timeout=20_000)

    lines = page.get_by_test_id("stDataFrame").first.bounding_box()
    page.mouse.click(lines["x"] + 150, lines["y"] + 35 + 35 + 17)  # the second line, below the names of the columns

    expect(page.get_by_text(f"checkpoint {steps[1].checkpoint_id}")).to_be_visible()
