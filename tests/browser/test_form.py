"""The form in Chromium: what a real browser sends back, and what survives polling and a reload."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from streamlit_app import served

pytestmark = pytest.mark.browser
SOON = 30_000  # ms
CORPUS = Path(__file__).parents[1] / "corpus"
APP = """
import json
from pathlib import Path

import streamlit as st

from signoff.reviews import ABSENT
from signoff.ui import streamlit_ends
from signoff.ui.form import render
from signoff.ui.form_canvas import save_all
from signoff.ui.form_drafts import drafts_of

streamlit_ends.keep()
st.title("A form")
asked = st.query_params
case = json.loads(Path(asked["file"]).read_text(encoding="utf-8"))[int(asked["case"])]


def submit(answer, raw):
    st.session_state["sent"] = answer


@st.fragment(run_every="500ms")
def poll():
    save_all()
    st.session_state["polls"] = st.session_state.get("polls", 0) + 1
    st.caption(f"polled {st.session_state['polls']}")
    if "sent" in st.session_state:
        st.code(json.dumps(st.session_state["sent"]), language=None)
        st.caption("taken")


poll()
prefill = case["valid"] if asked.get("prefill") else ABSENT
drafts = drafts_of(asked["owner"]) if "owner" in asked else None
render(case["schema"], prefill, key="f", submit=submit, drafts=drafts)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serve a page that draws any case of a file of cases, and polls twice a second."""
    folder = tmp_path_factory.mktemp("form")
    with served(folder, APP) as url:
        yield url, folder


@pytest.fixture
def form(server, visit):
    """Open the form of a schema."""
    url, folder = server

    def open_form(schema, valid=None, **more) -> Page:
        file = folder / "case.json"
        file.write_text(json.dumps([{"schema": schema, "valid": valid}]))
        return opened(visit, url, file, 0, prefill="1" if valid is not None else "", **more)

    return open_form


def opened(visit, url, file, case, *, scheme="light", **query) -> Page:
    given = "&".join(f"{name}={value}" for name, value in query.items() if value)
    page = visit(f"{url}/?file={file}&case={case}&{given}", scheme=scheme)
    expect(page.get_by_role("button", name="Submit and resume")).to_be_visible(timeout=20_000)
    return page


def submit(page: Page):
    button = page.get_by_role("button", name="Submit and resume")
    expect(button).to_have_count(1)  # while the form is drawn again, the old button may still stand beside the new one
    button.click()


def sent(page: Page):
    expect(page.get_by_text("taken", exact=True)).to_be_visible(timeout=SOON)
    return json.loads(page.get_by_test_id("stCode").first.inner_text())


def obj(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT, WHOLE, REAL = ({"type": kind} for kind in ("string", "integer", "number"))
DECISION = {
    "oneOf": [
        {"title": "Approve", **obj(["type"], type={"const": "approve"})},
        {"title": "Change", **obj(["type", "amount"], type={"const": "edit"}, amount={**REAL, "maximum": 100})},
    ]
}
HARD = {
    "hard": ["odd keys", "mixed enum", "big whole numbers", "small numbers", "texts with line ends"],
    "models": ["times", "optionals all set", "optionals all null", "scores", "order"],
    "decisions": ["batch", "inbox edit"],
    "tools": ["meeting", "query"],
}


@pytest.mark.parametrize(("family", "name"), [(family, name) for family, names in HARD.items() for name in names])
def test_submitting_untouched_sends_what_was_prefilled(server, visit, family, name):
    file = CORPUS / f"{family}.json"
    cases = json.loads(file.read_text(encoding="utf-8"))
    at = [case["name"] for case in cases].index(name)
    page = opened(visit, server[0], file, at, prefill="1")

    submit(page)

    assert json.dumps(sent(page)) == json.dumps(cases[at]["valid"])


def test_what_is_typed_while_the_page_polls_stays_and_is_sent(form):
    page = form(obj(["note"], note=TEXT))
    field = page.get_by_label("Note")

    for letter in "typed while polling":
        field.press(letter if letter != " " else "Space")
        page.wait_for_timeout(120)

    assert field.input_value() == "typed while polling"
    submit(page)
    assert sent(page) == {"note": "typed while polling"}


def test_a_reload_in_the_middle_loses_nothing(form):
    page = form({"type": "array", "items": obj(["n"], n=WHOLE, s=TEXT)}, [{"n": 1, "s": "a"}], owner="reload")
    page.get_by_role("button", name="Add").click()
    last = page.get_by_role("textbox", name="S", exact=True).nth(1)
    last.fill("typed before the reload")
    last.press("Tab")

    page.wait_for_timeout(6_000)
    page.reload()

    expect(last).to_have_value("typed before the reload", timeout=20_000)


def test_an_invalid_submit_keeps_the_text_and_control_enter_sends_the_newest(form):
    page = form(DECISION)
    page.get_by_role("radio", name="Change").click()
    amount = page.get_by_label("Amount")

    amount.fill("250")
    amount.press("Control+Enter")
    expect(page.get_by_text("must be at most 100")).to_be_visible(timeout=SOON)
    assert amount.input_value() == "250"

    amount.fill("99.5")
    amount.press("Control+Enter")
    assert sent(page) == {"type": "edit", "amount": 99.5}


def test_switching_a_branch_and_back_keeps_what_was_typed(form):
    page = form(DECISION)
    page.get_by_role("radio", name="Change").click()
    page.get_by_label("Amount").fill("42")

    page.get_by_role("radio", name="Approve").click()
    expect(page.get_by_label("Amount")).to_have_count(0)
    page.get_by_role("radio", name="Change").click()

    expect(page.get_by_label("Amount")).to_have_value("42")


def test_rows_keep_their_text_while_others_come_move_and_go(form):
    page = form({"type": "array", "items": TEXT, "title": "Names"}, ["a", "b"])
    rows = page.get_by_role("textbox")

    page.get_by_role("button", name="Add").click()
    expect(rows).to_have_count(3)
    rows.nth(2).fill("c")
    page.get_by_test_id("stMain").get_by_role("button").filter(has_text="arrow_upward").nth(1).click()
    expect(rows.nth(1)).to_have_value("c")
    page.get_by_test_id("stMain").get_by_role("button").filter(has_text="delete").first.click()
    expect(rows).to_have_count(2)
    submit(page)

    assert sent(page) == ["c", "b"]


def test_two_hundred_fields_are_folded_and_open_at_a_click(server, visit):
    file = CORPUS / "samples.json"
    names = [case["name"] for case in json.loads(file.read_text(encoding="utf-8"))]
    page = opened(visit, server[0], file, names.index("two hundred fields"), prefill="1")

    expect(page.get_by_label("Field 195")).to_be_visible()
    expect(page.get_by_label("Field 199")).to_have_count(0)
    page.get_by_text("160 optional fields").click()

    expect(page.get_by_label("Field 199")).to_be_attached(timeout=20_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_texts_are_shown_as_text_and_load_nothing(form, scheme):
    text = '<script>window.hacked=1</script> ![x](https://example.com/x.png) <img src=x onerror="window.hacked=1">'
    page = form(obj([text], **{text: {**TEXT, "title": text, "description": text}}), scheme=scheme)

    expect(page.get_by_text("![x]", exact=False).first).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Preview JSON").click()

    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src*='example.com']").count() == 0
