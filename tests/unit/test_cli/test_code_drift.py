"""Whoever answers a question is told that the node which asked it has other code now."""

import json
from datetime import datetime

ASKED = 'title = f"Order {state['


def test_a_node_that_was_edited_while_its_thread_waited_is_told_of(shop):
    shop.pause("orders", "t1")
    review = shop.review("t1")
    _, before, _ = shop.finish("show", review)
    code = shop.file.read_text()
    assert ASKED in code

    shop.file.write_text(code.replace(ASKED, 'title = f"Big order {state['))
    _, after, _ = shop.finish("show", review)
    said, _ = shop.start("show", review).communicate(timeout=60)
    shop.file.write_text(f"# a comment\n{code}")
    _, back, _ = shop.finish("show", review)

    assert (before["code_changed_since"], back["code_changed_since"]) == (None, None)
    assert datetime.fromisoformat(after["code_changed_since"])
    assert "node approve has changed since" in said


def test_an_edited_node_is_no_reason_to_refuse_the_answer(shop):
    shop.pause("orders", "t1")
    shown = shop.finish("show", shop.review("t1"))[1]
    shop.file.write_text(shop.file.read_text().replace(ASKED, 'title = f"Big order {state['))

    answer = json.dumps({"approved": True})
    code, decided, _ = shop.finish("decide", shown["id"], "--answer", answer, "--seen", shown["digest"], "--wait", "30")

    assert (code, decided["outcome"]) == (0, "applied")
