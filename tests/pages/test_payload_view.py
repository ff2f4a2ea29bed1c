"""What a reviewer sees of a payload, and what the settings of forms and masking change about it."""

import json
import shutil

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pages.screen import unfold, words

from signoff.ui import payload

SETTINGS = """
    [masking]
    keys = ["iban"]

    [[forms]]
    match = { kind = "refund" }
    schema = { type = "object", required = ["ok"], properties = { ok = { type = "boolean" } } }
    title = "Refund {amount:,.2f} to {customer.name}"

    [[forms]]
    graph = "intake"
    schema = "nowhere:Model"
"""
REFUND = {
    "kind": "refund",
    "title": "The payload's own title",
    "amount": 1234.5,
    "customer": {"name": "<b>ACME</b>", "iban": "DE02-own-key"},
    "reference": 9007199254740993,
    "deep": [{"a": {"b": {"c": 9007199254740993}}}],
    "lines": [{"item": "Pump", "n": 1, "note": None}, {"item": "Seal", "n": 2}],
    "api_key": "sk-always",
}
TALK = [
    {
        "type": "human",
        "content": [{"type": "text", "text": "Where is it?"}, {"type": "image_url", "image_url": "http://x"}],
    },
    {
        "type": "ai",
        "content": "",
        "tool_calls": [{"name": "track", "args": {"order": "A-17", "token": "t0p"}, "id": "1"}],
    },
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"function": {"name": "ship", "arguments": '{"to": "Faro"}'}}],
    },
    {"role": "tool", "name": "track", "content": "lost"},
]


def asking(value):
    def ask(state):
        return {"answer": interrupt(value)}

    return StateGraph(dict).add_node(ask).add_edge(START, "ask")


@pytest.fixture(scope="module")
def desk(open_office, seeded, tmp_path_factory):
    """A desk with own forms and masked keys; the threads ``refund`` and ``talk`` wait on it."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copy(seeded, folder)
    (folder / "signoff.toml").write_text("\n".join(line.strip() for line in SETTINGS.splitlines()))
    office = open_office(folder)
    office.pause(asking(REFUND), "refund", "transaction")
    office.pause(asking({"question": "Send it again?", "messages": TALK}), "talk", "transaction")
    office.desk.scan()
    return office


@pytest.fixture
def refund(desk):
    review = desk.review(thread_id="refund").id
    return unfold(desk.start(review=review), f"raw-{review}")


def test_the_rules_title_heads_the_review_and_the_payloads_stays_among_its_facts(refund):
    assert refund.subheader[0].value.replace("\\", "") == "Refund 1,234.50 to <b>ACME</b>"
    assert "The payload&#x27;s own title" in words(refund)


def test_secrets_are_masked_everywhere_the_desks_own_keys_too(refund):
    shown = words(refund)

    assert "sk-always" not in shown
    assert "DE02-own-key" not in shown
    assert "Secrets are masked here" in shown


def test_the_raw_payload_is_exact_but_for_secrets(refund):
    raw = json.loads(next(code.value for code in refund.code if "refund" in code.value))

    masked = {**REFUND, "customer": {"name": "<b>ACME</b>", "iban": "••••••"}, "api_key": "••••••"}
    assert raw == masked


def test_a_number_that_a_browser_would_round_is_shown_exactly(refund):
    assert "9,007,199,254,740,993" in words(refund)
    assert '"9007199254740993"' in refund.json[0].value


def test_rows_are_a_table_that_keeps_integers(refund):
    table = next(each.value for each in refund.dataframe if "Item" in each.value)

    assert table.to_dict("list") == {"Item": ["Pump", "Seal"], "N": ["1", "2"], "Note": ["—", ""]}


def test_messages_are_a_conversation_with_the_tools_they_call(desk):
    app = desk.start(review=desk.review(thread_id="talk").id)
    shown = words(app)

    assert len(app.chat_message) == 4
    for expected in ("Where is it?", "[image_url, not loaded]", "calls track", "A-17", "calls ship", "Faro", "lost"):
        assert expected in shown
    assert "t0p" not in shown


def test_a_form_that_did_not_load_is_on_the_system_page_with_its_traceback(desk):
    app = desk.page("system")

    assert "Form 2 (graph intake) did not load" in words(app)
    assert any("ModuleNotFoundError" in code.value for code in app.code)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1 + 0.2, "0.30000000000000004"),
        (1234.567, "1,234.567"),
        (48000.0, "48,000.00"),
        (3.0, "3"),
        (1e300, "1e+300"),
        (9007199254740993, "9,007,199,254,740,993"),
        (True, "yes"),
        (None, "—"),
        ([1, "a", None], "1, a, —"),
    ],
)
def test_no_digit_of_a_number_is_lost(value, shown):
    assert payload.word(value) == shown
