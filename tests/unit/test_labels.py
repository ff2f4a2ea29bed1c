"""A choice is what was chosen, by whatever count it was called at that moment."""

import pytest

from signoff.ui import labels


@pytest.fixture(autouse=True)
def session(monkeypatch):
    monkeypatch.setattr(labels.st, "session_state", {})


def test_a_choice_is_meant_by_the_names_it_had_and_by_itself():
    for count in (8, 7, 6):
        labels.note("graph", {"pay": f"pay ({count})", "risk": "risk (1)"})

    assert [labels.meant("graph", value) for value in ("pay (8)", "pay (7)", "pay (6)", "pay", "risk (1)", None)] == [
        "pay", "pay", "pay", "pay", "risk", None,
    ]  # fmt: skip
    assert labels.meant("graph", "somebody's word") == "somebody's word"
    assert labels.meant("a list that was never drawn", "pay (8)") == "pay (8)"


def test_a_choice_that_is_called_as_another_one_was_is_itself():
    labels.note("graph", {"pay": "pay (8)"})
    labels.note("graph", {"pay": "pay (7)", "pay (8)": "pay (8) (1)"})

    assert labels.meant("graph", "pay (8)") == "pay (8)"


def test_what_a_list_said_before_is_returned_and_only_so_much_is_kept():
    assert labels.note("graph", {"pay": "pay (0)"}) == {}
    for count in range(1, 100):
        assert labels.note("graph", {"pay": f"pay ({count})"}) == {"pay": f"pay ({count - 1})"}

    assert sum(map(len, labels.st.session_state.values())) < 10
