"""The form through Streamlit's AppTest: what reviewers do, and what the page is handed."""

import json

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from signoff.ui.form_drafts import drafts_of


def obj(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT, WHOLE, REAL, FLAG = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
APPROVE = {"title": "Approve", **obj(["type"], type={"const": "approve"})}
CHANGE = {"title": "Change", **obj(["type", "amount"], type={"const": "edit"}, amount={**REAL, "maximum": 100})}
REJECT = {"title": "Reject", **obj(["type", "why"], type={"const": "reject"}, why=TEXT)}
DECISION = {"oneOf": [APPROVE, CHANGE, REJECT], "discriminator": {"propertyName": "type"}}


def page(schema, prefill, refusal, owner):
    import streamlit as st

    from signoff.errors import InvalidAnswer, SignoffError
    from signoff.forms import Problem
    from signoff.reviews import ABSENT
    from signoff.ui.form import render
    from signoff.ui.form_drafts import drafts_of

    def submit(answer, raw):
        st.session_state.setdefault("sent", []).append((answer, raw))
        if refusal == "at the field":
            raise InvalidAnswer([Problem(path=("why",), message="is too rude")])
        if refusal == "a defect":
            raise KeyError(refusal)
        if refusal:
            raise SignoffError(refusal)

    render(
        schema,
        ABSENT if prefill is None else prefill,
        key="f",
        submit=submit,
        resume=lambda answer: {"wrapped": answer},
        drafts=drafts_of(owner) if owner else None,
    )


def opened(schema, prefill=None, *, refusal=None, owner=None):
    kwargs = {"schema": schema, "prefill": prefill, "refusal": refusal, "owner": owner}
    return AppTest.from_function(page, kwargs=kwargs, default_timeout=60).run()


def choose(app, key, value):
    """Pick a segment; AppTest knows segmented controls as button groups."""
    next(one for one in app.button_group if one.key == f"f:{key}").set_value(value).run()


def submit(app):
    app.button(key="f:!submit").click().run()
    assert not app.exception


def sent(app):
    return app.session_state.get("sent", [])


def shown(app):
    return " ".join(one.value for one in [*app.markdown, *app.error])


def test_nothing_is_sent_before_a_decision_is_made():
    app = opened(DECISION)

    submit(app)

    assert sent(app) == []
    assert "choose one" in shown(app)


def test_a_decision_is_sent_once_it_is_chosen():
    app = opened(DECISION)

    choose(app, "?branch", 0)
    submit(app)

    assert sent(app) == [({"type": "approve"}, False)]


def test_an_invalid_submit_keeps_what_was_typed_and_says_why_at_the_field():
    app = opened(DECISION)
    choose(app, "?branch", 1)

    app.text_input(key="f:|1/amount").input("999")
    submit(app)

    assert sent(app) == []
    assert "must be at most 100" in shown(app)
    assert app.text_input(key="f:|1/amount").value == "999"


def test_what_is_wrong_is_looked_at_again_after_every_change():
    app = opened(obj(["n"], n=WHOLE))
    submit(app)

    app.text_input(key="f:/n").input("5").run()

    assert "needs attention" not in shown(app)
    submit(app)
    assert sent(app) == [({"n": 5}, False)]


def test_text_in_a_number_field_is_never_sent_as_something_else():
    app = opened({"anyOf": [WHOLE, TEXT]}, 5)

    app.text_input(key="f:|0").input("five")
    submit(app)

    assert sent(app) == []
    assert "must be a whole number" in shown(app)


def test_a_branch_left_and_entered_again_is_as_it_was():
    app = opened(DECISION)
    choose(app, "?branch", 2)
    app.text_input(key="f:|2/why").input("no")

    choose(app, "?branch", 0)
    choose(app, "?branch", 2)
    submit(app)

    assert sent(app) == [({"type": "reject", "why": "no"}, False)]


def test_rows_are_added_moved_and_removed():
    app = opened({"type": "array", "items": WHOLE}, [1, 2])

    app.button(key="f:!add").click().run()
    app.text_input(key="f:#2").input("3").run()
    app.button(key="f:!2!arrow_upward").click().run()
    app.button(key="f:!0!delete").click().run()
    submit(app)

    assert sent(app) == [([3, 2], False)]


def test_keys_are_added_and_named():
    app = opened({"type": "object", "additionalProperties": WHOLE}, {"a": 1})

    app.button(key="f:!add").click().run()
    app.text_input(key="f:#1?name").input("b").run()
    app.text_input(key="f:#1").input("2")
    submit(app)

    assert sent(app) == [({"a": 1, "b": 2}, False)]


def test_a_key_that_is_still_to_be_chosen_is_asked_for_and_never_made_up():
    app = opened({"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": WHOLE})

    app.button(key="f:!add").click().run()
    app.text_input(key="f:#0").input("2")
    submit(app)
    assert sent(app) == []
    assert "None" not in shown(app)

    app.selectbox(key="f:#0?name").select("b").run()
    submit(app)
    assert sent(app) == [({"b": 2}, False)]


def test_null_is_a_switch():
    app = opened(obj(n={"type": ["integer", "null"]}), {"n": 5})

    app.checkbox(key="f:/n?null").check().run()
    assert app.text_input(key="f:/n").disabled
    submit(app)

    assert sent(app) == [({"n": None}, False)]


def test_the_exact_resume_value_can_be_written_as_json():
    app = opened(obj(n=WHOLE), {"n": 5})

    app.toggle(key="f:!mode").set_value(True).run()
    first = app.text_area(key="f:!json").value
    app.text_area(key="f:!json").input('{"anything": [1]}')
    submit(app)

    assert json.loads(first) == {"wrapped": {"n": 5}}
    assert sent(app) == [({"anything": [1]}, True)]


def test_json_that_cannot_be_read_is_not_sent():
    app = opened(obj(n=WHOLE), {"n": 5})
    app.toggle(key="f:!mode").set_value(True).run()

    app.text_area(key="f:!json").input("{")
    submit(app)

    assert sent(app) == []
    assert "must be JSON" in shown(app).replace("\\", "")


def test_leaving_the_json_editor_keeps_what_the_form_held():
    app = opened(obj(n=WHOLE))

    app.text_input(key="f:/n").input("7").run()
    app.toggle(key="f:!mode").set_value(True).run()
    app.toggle(key="f:!mode").set_value(False).run()

    assert app.text_input(key="f:/n").value == "7"


def test_a_refusal_of_the_desk_is_shown_at_its_field_and_nothing_typed_is_lost():
    app = opened(obj(why=TEXT), {"why": "no"}, refusal="at the field")

    app.text_input(key="f:/why").input("never")
    submit(app)

    assert "is too rude" in shown(app)
    assert app.text_input(key="f:/why").value == "never"


def test_any_other_refusal_is_shown_above_the_button():
    app = opened(obj(n=WHOLE), {"n": 1}, refusal="Ada was *faster*.")

    submit(app)

    assert app.error[0].value == r"Ada was \*faster\*."


def test_a_refusal_stands_until_something_else_is_answered():
    app = opened(obj(n=WHOLE), {"n": 1}, refusal="Ada was faster.")
    submit(app)

    app.run()
    assert "Ada was faster" in shown(app)

    app.text_input(key="f:/n").input("2").run()
    assert "Ada was faster" not in shown(app)


def test_a_refused_json_text_is_kept_and_the_refusal_stands_until_it_is_another_text():
    app = opened(obj(n=WHOLE), {"n": 1}, refusal="Ada was faster.")
    app.toggle(key="f:!mode").set_value(True).run()
    app.text_area(key="f:!json").input("[1]")
    submit(app)

    assert sent(app) == [([1], True)]
    assert "Ada was faster" in shown(app)
    assert app.text_area(key="f:!json").value == "[1]"

    app.text_area(key="f:!json").input("[2]").run()
    assert "Ada was faster" not in shown(app)


def test_an_answer_is_sent_though_the_drawing_of_its_page_is_cut_short(monkeypatch):
    app = opened(obj(n=WHOLE), {"n": 1})

    monkeypatch.setattr("signoff.ui.form.draw_whole", lambda *_: streamlit.stop())
    submit(app)

    assert sent(app) == [({"n": 1}, False)]


def test_a_defect_in_what_takes_the_answer_loses_nothing_that_was_typed():
    app = opened(obj(n=WHOLE), {"n": 1}, refusal="a defect")
    app.text_input(key="f:/n").input("42")

    app.button(key="f:!submit").click().run()
    assert app.exception
    app.run()

    assert app.text_input(key="f:/n").value == "42"


def test_a_sent_form_that_is_drawn_once_more_begins_anew():
    app = opened(obj(n=WHOLE), {"n": 5})
    app.text_input(key="f:/n").input("42")

    submit(app)
    submit(app)

    assert app.text_input(key="f:/n").value == "5"
    assert sent(app) == [({"n": 42}, False), ({"n": 5}, False)]


def test_a_draft_survives_a_new_session_of_the_same_reviewer_only():
    opened(obj(n=WHOLE), owner="ada").text_input(key="f:/n").input("42").run()

    assert opened(obj(n=WHOLE), owner="ada").text_input(key="f:/n").value == "42"
    assert opened(obj(n=WHOLE), owner="bo").text_input(key="f:/n").value == ""
    drafts_of("ada").clear()


def test_a_sent_answer_leaves_no_draft():
    app = opened(obj(n=WHOLE), owner="cy")

    app.text_input(key="f:/n").input("42").run()
    submit(app)

    assert sent(app) == [({"n": 42}, False)]
    assert drafts_of("cy")["f:!draft"] == {}


HOSTILE = ["<script>alert(1)</script>", "![x](https://example.com/x.png)", "**b** :red[x] $x$", "a\nb", "x" * 10_000]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_titles_and_descriptions_are_shown_as_text(text):
    schema = {"title": text, **obj([text], **{text: {**TEXT, "title": text, "description": text}, "o": obj(x=WHOLE)})}

    app = opened(schema)

    assert not app.exception
    label = app.text_input[0].label.removesuffix(" · required")
    assert "![" not in label
    assert "<" not in label.replace("\\<", "")
    assert len(label) < 1000


def test_two_hundred_fields_are_folded_searched_and_still_sent():
    schema = obj(["f0"], **{f"f{at}": {**WHOLE, "title": f"Field {at}"} for at in range(200)})
    app = opened(schema, {f"f{at}": at for at in range(200)})

    folded = len(app.text_input)
    app.text_input(key="f:!search").input("field 150").run()
    app.text_input(key="f:/f150").input("-1").run()
    app.text_input(key="f:!search").input("").run()
    submit(app)

    assert folded < 10
    assert sent(app)[0][0] == {f"f{at}": at for at in range(200)} | {"f150": -1}


def test_a_few_bounded_numbers_are_segments_and_many_a_slider():
    bounds = {"minimum": 1, "maximum": 5}
    app = opened(obj(few={**WHOLE, **bounds}, many={**WHOLE, "minimum": 0, "maximum": 90}), {"many": 30})

    choose(app, "/few", 4)
    app.slider(key="f:/many").set_value(60).run()
    submit(app)

    assert sent(app) == [({"few": 4, "many": 60}, False)]
