"""A thread's report, taken from its page and opened from disk, without a network."""

import pytest
from playwright.sync_api import expect

from signoff.report import check

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_is_taken_away_and_opens_offline(demo, visit, browser, tmp_path, scheme):
    thread = demo.reviews(state="waiting")[0].thread_id
    page = visit(f"{demo.url}/?thread={thread}&checkpoint=some")
    expect(page.get_by_role("heading", name=f"Thread {thread}")).to_be_visible(timeout=60_000)
    assert "checkpoint=some" in page.url
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML)").click()
    file = tmp_path / "report.html"
    download.value.save_as(file)

    context = browser.new_context(offline=True, color_scheme=scheme)
    said: list[str] = []
    report = context.new_page()
    report.on("console", lambda message: said.append(message.text))
    report.on("request", lambda request: said.append(request.url))
    report.goto(file.as_uri())

    expect(report.get_by_role("heading", name=f"Thread {thread}")).to_be_visible()
    expect(report.get_by_role("heading", name="Timeline")).to_be_visible()
    back = report.evaluate("getComputedStyle(document.body).backgroundColor")
    context.close()
    assert said == [file.as_uri()]
    assert (back == "rgb(255, 255, 255)") == (scheme == "light")
    assert not check(file.read_bytes()).problems
