"""Threads that wait without a question still get a card with one thing to do."""

from __future__ import annotations

import pytest

from signoff.dialects.trouble import breakpoint_card, failed_card, stalled_card, stuck_card

CARDS = [
    (breakpoint_card("delete", "before"), "breakpoint", "Continue to delete?", "continue"),
    (breakpoint_card(["a", "b", "c"], "before"), "breakpoint", "Continue to a, b and c?", "continue"),
    (breakpoint_card(("draft",), "after"), "breakpoint", "Continue after draft?", "continue"),
    (failed_card("charge", "ValueError: no"), "failed", "Retry charge?", "retry"),
    (stalled_card("ship"), "stalled", "Continue with ship?", "continue"),
    (stalled_card(), "stalled", "Continue with the next step?", "continue"),
    (stuck_card("ask", "KeyError: 'approved'", True), "stuck", "Ask ask again?", "ask again"),
]


@pytest.mark.parametrize(("card", "dialect", "title", "action"), CARDS)
def test_one_thing_can_be_done_and_it_is_ready(accepts, card, dialect, title, action):
    assert (card.dialect, card.title, card.declared) == (dialect, title, True)
    assert card.prefill == card.resume(card.prefill) == {"action": action}
    assert accepts(card.enforced, card.prefill)
    assert not accepts(card.enforced, {"action": "approve"})
    assert not accepts(card.enforced, {})


def test_what_went_wrong_is_shown():
    assert failed_card("charge", "ValueError: no").body == {"node": "charge", "error": "ValueError: no"}
    assert stuck_card("ask", "KeyError", {"ok": 1}).body == {"node": "ask", "error": "KeyError", "answer": {"ok": 1}}


def test_hostile_node_names_stay_on_one_line():
    assert breakpoint_card("a\nb" + "x" * 500, "before").title.isprintable()
