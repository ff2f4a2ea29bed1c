"""Many browser windows on one review: each types another answer, all are sent by triple clicks at the same moment."""

import os
import socket
import time

import chromium
import pytest
from playwright.sync_api import expect, sync_playwright

from signoff.cli.serving import free_port
from signoff.decisions import Outcome

pytestmark = [pytest.mark.chaos, pytest.mark.browser]
WINDOWS = int(os.environ.get("CHAOS_WINDOWS", "5"))
SOON = 8_000 * WINDOWS + 20_000  # ms, for all windows together
CLICK_THREE_TIMES = """(button, at) => {
  setTimeout(() => { button.click(); button.click(); button.click() }, at - Date.now())
}"""


@pytest.fixture
def windows(workspace):
    """Windows that show the form of the one review, with an answer of their own typed in."""
    workspace.pause("a")
    port, review = free_port("127.0.0.1", 0), workspace.review("a").id
    workspace.start("serve", "--port", str(port), "--no-browser")
    workspace.until(lambda: listens(port))
    with sync_playwright() as playwright, chromium.launch(playwright) as browser:
        pages = [browser.new_page() for _ in range(WINDOWS)]
        for page in pages:
            page.goto(f"http://127.0.0.1:{port}/?review={review}")
        for number, page in enumerate(pages):
            page.get_by_text("Approve", exact=True).click(timeout=SOON)
            reason = page.get_by_label("Reason")
            reason.fill(f"window {number}")
            reason.blur()
        yield pages


def applied(workspace, thread):
    return any(d.outcome is Outcome.APPLIED for d in workspace.desk.database.decisions.of_thread(thread))


def listens(port):
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_of_many_windows_that_submit_at_once_one_is_applied_once_and_all_others_see_that_it_was(workspace, windows):
    buttons = [page.get_by_role("button", name="Submit and resume") for page in windows]

    moment = 1_000 * (time.time() + 0.5 * WINDOWS)
    for button in buttons:
        button.evaluate(CLICK_THREE_TIMES, moment)
    workspace.until(lambda: applied(workspace, "a"), seconds=90)
    for button in buttons:
        expect(button).to_have_count(0, timeout=SOON)

    [decision] = workspace.desk.database.decisions.of_thread("a")
    assert decision.resume["reason"].startswith("window ")
    assert workspace.values("a") == {"answer": decision.resume, "posted": decision.resume}
    assert workspace.ran("a") == {"review": 1, "post": 1}
