"""Pictures of graphs, as Chromium draws them: every example and every hostile name, in light and dark."""

import json
import re
import sqlite3
import unicodedata
from contextlib import closing

import pytest
from browser.conftest import ROOT, serving
from browser.names import NAMES, builder
from langgraph.checkpoint.sqlite import SqliteSaver
from playwright.sync_api import Page, expect

from signoff.picture import label

pytestmark = pytest.mark.browser
SVG = """async () => {
  const picture = document.querySelector('[data-testid="stMermaidChart"] img');
  return picture && picture.naturalWidth ? await (await fetch(picture.src)).text() : '';
}"""


def letters(text: str) -> str:
    """Return a text without what a browser breaks lines at, or puts there."""
    return "".join(one for one in unicodedata.normalize("NFC", text) if unicodedata.category(one)[0] not in "ZC")


def drawn(page: Page) -> str:
    """Return the text in the picture, which has to be there, has a size and tells of no error."""
    picture = page.locator('[data-testid="stMermaidChart"] img')
    expect(picture).to_be_visible(timeout=20_000)
    page.wait_for_function("document.querySelector('[data-testid=stMermaidChart] img').naturalWidth > 0")
    said = page.evaluate(
        "(svg) => [...new DOMParser().parseFromString(svg, 'image/svg+xml').querySelectorAll('text')]"
        ".map((one) => one.textContent).join(' ')",
        page.evaluate(SVG),
    )
    assert "Syntax error" not in said
    assert "Unsupported markdown" not in said
    return letters(said)


def test_every_example_graph_has_a_picture(demo, visit):
    threads = {review.graph: review for review in demo.reviews()}
    page = visit(f"{demo.url}/thread")

    for number, review in enumerate(threads.values()):
        page.emulate_media(color_scheme=("light", "dark")[number % 2])
        page.goto(f"{demo.url}/thread?thread={review.thread_id}")
        assert letters(label(review.node)) in drawn(page)

    assert set(threads) == set(json.loads((ROOT / "langgraph.json").read_text())["graphs"])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    with closing(sqlite3.connect(folder / "demo.sqlite", check_same_thread=False)) as connection:
        config = {"configurable": {"thread_id": "t"}}
        builder.compile(checkpointer=SqliteSaver(connection)).invoke({}, config)
    (folder / "langgraph.json").write_text(
        json.dumps({"dependencies": [], "graphs": {"names": f"{ROOT}/tests/browser/names.py:builder"}})
    )
    with serving(folder, folder / "langgraph.json") as desk:
        yield desk


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_hostile_name_is_nothing_but_a_label(hostile, visit, scheme):
    said = drawn(visit(f"{hostile.url}/thread?thread=t", scheme=scheme))

    assert [name for name in NAMES if letters(label(name)) not in said] == []


def test_subgraphs_are_opened_on_request(demo, visit):
    review = demo.reviews(graph="contract")[0]
    page = visit(f"{demo.url}/thread?thread={review.thread_id}")
    assert "review_clauses" not in drawn(page)

    page.get_by_text("Show what is inside subgraphs").click()

    page.wait_for_function(f"async () => (await ({SVG})()).includes('review_clauses')")


def test_a_decision_is_followed_to_what_it_changed(demo, visit):
    review = demo.untouched("transaction", "approve_payment")
    page = visit(f"{demo.url}/?review={review.id}&advance=false")
    page.get_by_role("radio", name="Reject", exact=True).click()
    page.get_by_role("button", name="Submit and resume").click()
    expect(page.get_by_text("The thread has finished.").first).to_be_visible(timeout=60_000)
    with closing(sqlite3.connect(demo.folder / "demo.signoff.db")) as desk:
        [decision] = desk.execute("SELECT id FROM decisions WHERE review_id = ?", (review.id,)).fetchone()

    page.goto(f"{demo.url}/audit?decision={decision}")
    page.get_by_role("link", name="What it changed").click()

    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    expect(page.get_by_text("added: false")).to_be_visible()


def test_a_step_is_chosen_by_when_a_field_changed_and_its_node_is_marked(demo, visit):
    review = demo.reviews(graph="tool_agent")[0]
    page = visit(f"{demo.url}/thread?thread={review.thread_id}", height=2400)  # or the options close as it scrolls
    drawn(page)  # the last on the page

    page.get_by_role("combobox", name="When did this field change?").click()
    page.get_by_role("option", name="messages").click()
    page.get_by_role("button", name="All it changed").first.click()

    expect(page).to_have_url(re.compile("checkpoint="))
    page.wait_for_function(f"async () => (await ({SVG})()).includes('◆')")
