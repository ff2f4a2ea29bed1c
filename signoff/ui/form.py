"""The form of one question: fields, preview, raw JSON, submit. What it asks comes from the schema alone."""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import streamlit as st

from signoff.dialects.card import same
from signoff.errors import InvalidAnswer, ReviewChanged, SignoffError
from signoff.forms import Field, Form, Problem, Widget, build_form, find_problems
from signoff.forms.readings import Unreadable, read_json
from signoff.reviews import ABSENT, Absent, Json
from signoff.ui import parts
from signoff.ui.form_canvas import Canvas, Draft, Values, forget, remember, save_all
from signoff.ui.form_groups import draw_whole
from signoff.ui.form_text import literal

Submit = Callable[[Json, bool], None]
JSON_KEY = "!json"
MODE_KEY = "!mode"
TRIED_KEY = "!tried"
_REFUSED = "refused-"  # with the key of the form, the key of why its answer was not taken


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one form asks, and what becomes of the answer."""

    schema: Json
    prefill: Json | Absent
    key: str
    submit: Submit
    resume: Callable[[Json], Json]
    submit_label: str
    exact_value: bool = True
    draft: Draft = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """What all of the form's Streamlit keys begin with."""
        return f"{self.key}:"


def draft_key(key: str) -> str:
    """Return the name of the draft of the form that is rendered with this ``key``."""
    return f"{key}:!draft"


def render(
    schema: Json,
    prefill: Json | Absent = ABSENT,
    *,
    key: str,
    submit: Submit,
    resume: Callable[[Json], Json] = same,
    declared: bool = True,  # noqa: ARG001 - the page says it; the form is the same
    submit_label: str = "Submit and resume",
    drafts: MutableMapping[str, Draft] | None = None,
    exact_value: bool = True,
) -> None:
    """Draw the form of ``schema``, prefilled, in a fragment of its own where it is in no part that is drawn alone.

    ``submit(answer, raw)`` is called with a valid answer (``raw`` False) or with the JSON that an engineer wrote as the
    exact resume value (``raw`` True). It may raise `InvalidAnswer`, shown at the fields, `ReviewChanged`, upon which
    the page is drawn again, or another `SignoffError`, shown above the button; what was typed stays. ``key`` must name
    the question and the reviewer's view of it, such as thread and interrupt id. ``drafts`` (see
    `signoff.ui.form_drafts`) keeps what was typed across a reload, once the server has heard of it: with the next
    click, or from the listener (`signoff.ui.live`). Without ``exact_value`` the resume value is neither
    shown nor written by hand: there is more than one.
    """
    save_all()
    store: Any = st.session_state if drafts is None else drafts
    draft = store.setdefault(draft_key(key), {})
    question = Question(
        schema=schema,
        prefill=prefill,
        key=key,
        submit=submit,
        resume=resume,
        submit_label=submit_label,
        exact_value=exact_value,
        draft=draft,
    )
    if parts.inside():
        _form(question)
    else:
        st.fragment(_form)(question)


def _form(question: Question) -> None:
    parts.catch_up()
    save_all()
    values = Values(prefix=question.prefix, draft=question.draft)
    form = build_form(question.schema, question.prefill, values)
    canvas = Canvas(prefix=question.prefix, draft=question.draft)
    if values.get(MODE_KEY):
        _json_mode(question, form, values, canvas)
    else:
        _form_mode(question, form, values, canvas)
    remember(canvas)


def _form_mode(question: Question, form: Form, values: Values, canvas: Canvas) -> None:
    """Draw the fields; once submitted, say after every change what is still wrong."""
    draw_whole(form.root, canvas)
    trouble = st.container()
    _actions(question, lambda: form.collect(values), canvas)
    if not question.draft.get(TRIED_KEY):
        return
    answer = form.collect(values)
    problems = [*form.misread(values), *find_problems(question.schema, answer)]
    if refused := _refused(question, answer):
        problems = [*problems, *refused.problems]
        if refused.said:
            trouble.error(literal(refused.said, longest=2000), icon=":material/error:")
    if problems:
        _complain(form, problems, canvas, trouble)


class _Refusal(NamedTuple):
    """Why an answer, or a text written as JSON, was not taken; it stands until something else is answered."""

    answer: Json | Absent
    problems: Sequence[Problem] = ()
    said: str = ""


def _refused(question: Question, answer: Json | Absent) -> _Refusal | None:
    found: _Refusal | None = st.session_state.get(_REFUSED + question.key)
    return found if found and found.answer == answer else None


def forgive(prefix: str) -> None:
    """Forget why answers of the forms whose keys begin so were not taken: what stood in their way may be gone."""
    for key in [str(key) for key in st.session_state if str(key).startswith(_REFUSED + prefix)]:
        del st.session_state[key]


def _sent(question: Question) -> None:
    """Hand over the answer, before anything is drawn: a drawing can be cut short by the next, with what it was to do.

    A button whose run is cut short before it is drawn is not pressed (streamlit 1.67); a callback is called once.
    """
    save_all()
    values = Values(prefix=question.prefix, draft=question.draft)
    if values.get(MODE_KEY):
        _hand_over(question, str(values.get(JSON_KEY, "")), raw=True)
        return
    question.draft[TRIED_KEY] = True
    form = build_form(question.schema, question.prefill, values)
    answer = form.collect(values)
    if not form.misread(values) and not find_problems(question.schema, answer):
        _hand_over(question, answer, raw=False)


def _hand_over(question: Question, answer: Json, *, raw: bool) -> None:
    """Hand over an answer, or a text written as JSON; keep why it is not taken. What was typed goes once it is."""
    refusal = None
    try:
        question.submit(read_json(str(answer)) if raw else answer, raw)
    except InvalidAnswer as refused:
        refusal = _Refusal(answer, [Problem(path=tuple(one.path), message=one.message) for one in refused.problems])
    except ReviewChanged:
        refusal = _Refusal(answer)
        st.rerun()  # the page says what has changed, see `signoff.ui.changed`
    except Unreadable as error:
        refusal = _Refusal(answer, said=f"The resume value {error}")
    except SignoffError as error:
        refusal = _Refusal(answer, said=str(error))
    except Exception:  # a defect, of which Streamlit tells
        refusal = _Refusal(answer)
        raise
    finally:  # a submit that reruns the page leaves by an exception, too, which is none of these
        st.session_state[_REFUSED + question.key] = refusal
        if refusal is None:
            forget(question.prefix, question.draft)


def _complain(form: Form, problems: list[Problem], canvas: Canvas, trouble: Any) -> None:
    homeless = canvas.show(form, problems, _worded)
    count = len({problem.path for problem in problems})
    summary = "One field needs attention." if count == 1 else f"{count} fields need attention."
    trouble.error(" ".join([summary, *(literal(str(problem)) for problem in homeless)]), icon=":material/error:")


def _worded(field: Field, message: str) -> str:
    """Say that something must be chosen where choosing is what the field is for."""
    choosing = field.kind in (Widget.BOOLEAN, Widget.CHOICE, Widget.UNION)
    return "choose one" if message == "is required" and choosing else message


def _actions(question: Question, answer: Callable[[], Json | Absent], canvas: Canvas) -> None:
    """Draw the row of buttons; ``answer`` returns what would be sent."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            question.submit_label,
            type="primary",
            icon=":material/send:",
            shortcut="Ctrl+Enter",
            key=canvas.name("!submit"),
            on_click=_sent,
            args=(question,),
        )
        if not question.exact_value:
            return
        preview = st.popover(
            "Preview JSON", icon=":material/visibility:", on_change="rerun", key=canvas.name("!preview")
        )
        with preview:
            if preview.open:
                st.caption("Exactly this is handed to the graph.")
                st.code(exact(question, answer()), language="json", wrap_lines=True)
        st.space("stretch")
        first = bool(canvas.first(MODE_KEY, False))
        st.toggle("JSON", value=first, key=canvas.name(MODE_KEY), on_change=_forget_json, args=(canvas,))
        canvas.keep(MODE_KEY, False)


def _forget_json(canvas: Canvas) -> None:
    """Begin the JSON editor anew with what the form says now."""
    canvas.draft.pop(JSON_KEY, None)
    st.session_state.pop(canvas.name(JSON_KEY), None)


def exact(question: Question, answer: Json | Absent) -> str:
    """Return the resume value of an answer as JSON text; of an unfinished answer as far as it goes."""
    if answer is ABSENT:
        return ""
    try:
        value = question.resume(answer)
    except (TypeError, ValueError, LookupError, AttributeError):  # a dialect's builder met a half-filled answer
        value = answer
    return json.dumps(value, ensure_ascii=False, indent=2)


def _json_mode(question: Question, form: Form, values: Values, canvas: Canvas) -> None:
    first = exact(question, form.collect(values))
    text = st.text_area(
        "Resume value (JSON)",
        value=canvas.first(JSON_KEY, first),
        key=canvas.name(JSON_KEY),
        height=min(120 + 22 * first.count("\n"), 520),
        help="Handed to the graph exactly as written here.",
        on_change="ignore",
    )
    canvas.keep(JSON_KEY, first)
    trouble = st.container()
    _actions(question, lambda: form.collect(values), canvas)
    if not (refused := _refused(question, text)):
        return
    for problem in refused.problems:
        trouble.error(literal(str(problem)), icon=":material/error:")
    if refused.said:
        trouble.error(literal(refused.said, longest=2000), icon=":material/error:")
