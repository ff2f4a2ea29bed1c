"""What a payload looks like: short values as facts, rows as a table, talk as talk, the rest as text or as a tree."""

import json
import re
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from signoff.ui import payload, session


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    """Stand in for the desk's settings: the desk masks ``iban`` besides what is always masked."""
    masking = SimpleNamespace(keys=("iban",))
    monkeypatch.setattr(session, "running", lambda: SimpleNamespace(settings=SimpleNamespace(masking=masking)))


def drawn(value, how="show"):
    def page(value, how):
        from signoff.ui import payload

        getattr(payload, how)(value)

    app = AppTest.from_function(page, kwargs={"value": value, "how": how}).run()
    assert not app.exception
    return app


def cells(app):
    """Return the facts as rows of texts."""
    page = "".join(node.proto.body for node in app.get("html"))
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]


def words(app):
    return [each.value for each in app.text]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (None, "—"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (9_999, "9999"),
        (12_345_678, "12,345,678"),
        (2**64, "18,446,744,073,709,551,616"),
        (0.1, "0.1"),
        (0.30000000000000004, "0.30000000000000004"),
        (25912.13, "25,912.13"),
        (1e-9, "1e-09"),
        (["a", 1, True], "a, 1, yes"),
        ("2026-01-02", "2026-01-02"),
    ],
)
def test_short_values_are_written_as_people_write_them_and_lose_no_digit(value, word):
    assert payload.word(value) == word


@pytest.mark.parametrize(
    ("key", "label"), [("customer_name", "Customer name"), ("IBAN", "IBAN"), ("x", "X"), ("", ""), ("_", "_")]
)
def test_keys_are_written_as_people_write_them(key, label):
    assert payload.label(key) == label


def test_short_values_become_facts_in_their_order():
    app = drawn({"customer_name": "M. Okafor", "amount": 25912.13, "urgent": True, "lines": [1, 2]})

    assert cells(app) == [
        ["Customer name", "M. Okafor"],
        ["Amount", "25,912.13"],
        ["Urgent", "yes"],
        ["Lines", "1, 2"],
    ]


def test_names_can_be_left_as_they_are():
    def page():
        from signoff.ui import payload

        payload.facts({"purchase_order": "loaded"}, name=str)

    assert cells(AppTest.from_function(page).run()) == [["purchase_order", "loaded"]]


def test_a_long_text_stands_alone_letter_by_letter():
    story = "# No heading\n" + " ".join(["long"] * 100)

    app = drawn({"story": story})

    assert words(app) == [story]
    assert not app.markdown


def test_a_text_beyond_all_measure_is_cut_and_says_so():
    [shown] = words(drawn({"story": "x" * 50_000}))

    assert len(shown) < 21_000
    assert "30,000 more characters" in shown


def test_rows_become_a_table_of_their_columns():
    app = drawn({"lines": [{"sku": "A-1", "unit_price": 2.5}, {"sku": "B-2", "in_stock": False}]})

    table = app.dataframe[0].value
    assert list(table.columns) == ["Sku", "Unit price", "In stock"]
    assert table.astype(str).to_numpy().tolist() == [["A-1", "2.5", ""], ["B-2", "", "no"]]


def test_a_conversation_is_shown_as_one_with_the_tools_it_calls():
    call = {"name": "send_email", "args": {"to": "ada@example.com"}}
    app = drawn([{"type": "human", "content": "Where is it?"}, {"type": "ai", "content": "", "tool_calls": [call]}])

    assert [message.avatar for message in app.chat_message] == ["🧑", "🤖"]
    assert words(app) == ["Where is it?"]
    assert ["To", "ada@example.com"] in cells(app)
    assert any("send" in caption.value for caption in app.caption)


def test_deep_data_becomes_a_tree():
    deep = {"a": {"b": {"c": {"d": [1, {"e": 2}]}}}}

    assert json.loads(drawn({"deep": deep}).json[0].value) == deep


@pytest.mark.parametrize("how", ["show", "raw", "tree"])
def test_secrets_are_masked_those_of_the_desk_too(how):
    value = {"password": "swordfish", "iban": "DE02120300000000202051", "nested": {"api_key": "sk-abcdefghijklmnop"}}

    said = str([node.proto for node in drawn(value, how).main if hasattr(node, "proto")])

    for secret in value["password"], value["iban"], value["nested"]["api_key"]:
        assert secret not in said


def test_the_raw_payload_is_exact_json():
    value = {"n": 2**64, "text": "<b>ünï</b>\n", "none": None}

    assert json.loads(drawn(value, "raw").code[0].value) == value


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_nothing_is_drawn_of_nothing(nothing):
    assert not [node for node in drawn(nothing).main if node.type not in ("container", "main", "vertical")]


def test_many_facts_are_cut_and_say_so():
    app = drawn({f"fact {n}": n for n in range(5_000)})

    assert len(cells(app)) <= 500
    assert any("more; see the raw payload" in caption.value for caption in app.caption)
