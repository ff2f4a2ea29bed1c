"""The playground's parts: a schema and a payload as text become a form to try out. Nothing is ever sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from json import JSONDecodeError
from typing import Any, NoReturn

import pandas as pd
import streamlit as st

from signoff.dialects import Card, read_card, same
from signoff.errors import InvalidAnswer
from signoff.form_rules import fault_in
from signoff.forms import Form, Problem, build_form, find_problems
from signoff.forms.fields import leaves
from signoff.forms.readings import Unreadable, read_json
from signoff.reviews import ABSENT, Absent, Json
from signoff.ui import form, payload, session
from signoff.ui.examples import EXAMPLES
from signoff.ui.form_canvas import Values
from signoff.ui.session import desk, plain


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One form being tried: its card, what an exact resume value must fit, and the prefix of its widgets' keys."""

    card: Card
    declared: Json
    key: str


def ask() -> Trial | None:
    """Draw the text fields; return the form they describe, None while they describe none."""
    title = st.selectbox("Example", list(EXAMPLES), key="playground_example", persist_state="session")
    example = EXAMPLES[title]
    schema = _json_field(
        title, "JSON Schema of the answer", example.schema, 300, "Empty: the form of the payload itself."
    )
    shown = _json_field(title, "Payload", example.payload, 260, "What the graph hands to interrupt(…), as JSON.")
    prefill = _json_field(title, "Prefill", ABSENT, 90, "The answer to begin with. Empty: what the payload proposes.")
    with st.container(horizontal=True):
        graph = st.text_input(
            "Graph", key="playground_graph", persist_state="session", help="For this desk's own forms."
        )
        node = st.text_input("Node", key="playground_node", persist_state="session", help="For this desk's own forms.")
    if isinstance(schema, _Wrong) or isinstance(shown, _Wrong) or isinstance(prefill, _Wrong):
        return None
    if schema is not ABSENT and (fault := fault_in(schema)):
        st.warning(plain(f"This is no JSON Schema: {fault}. What is usable of it is drawn."))
    if schema is ABSENT and shown is ABSENT:
        return None
    return _trial(schema, shown, prefill, graph or None, node or "")


def show(trial: Trial) -> None:
    """Draw what a reviewer would be shown, and the form."""
    card = trial.card
    with st.container(horizontal=True, gap="small"):
        st.badge(plain(f"recognised as {card.dialect}"), icon=":material/translate:", color="blue")
        st.badge("answer declared" if card.declared else "answer guessed: any JSON is accepted", color="gray")
    with st.container(border=True):
        st.subheader(plain(session.masked(card.title)), anchor=False)
        payload.show(card.body)
        if card.note:
            st.caption(plain(card.note))
        form.render(
            card.schema,
            card.prefill,
            key=trial.key,
            submit=lambda answer, raw: _check(trial, answer, raw),
            resume=card.resume,
            declared=card.declared,
            submit_label="Check",
        )


@st.fragment(run_every="1s")
def follow(trial: Trial) -> None:
    """Draw the exact answer, its problems and the fields as they are this moment."""
    card = trial.card
    values = Values(prefix=f"{trial.key}:", draft=st.session_state.get(f"{trial.key}:!draft", {}))
    made = build_form(card.schema, card.prefill, values)
    answer, problems = _answered(trial, made, values)
    st.subheader("Exact answer", anchor=False)
    st.caption("This would be handed to the graph.")
    st.code(answer or "nothing yet", language="json", wrap_lines=True)
    if problems:
        st.error(plain("\n".join(map(str, problems[:20]))), title=f"{len(problems)} to mend", icon=":material/error:")
    else:
        st.success("The answer fits.", icon=":material/check_circle:")
    st.subheader("Fields", anchor=False)
    st.dataframe(_fields(made), hide_index=True, alt="Fields of the form")


def _trial(schema: Json | Absent, shown: Json | Absent, prefill: Json | Absent, graph: str | None, node: str) -> Trial:
    told = None if schema is ABSENT else schema
    asked = None if shown is ABSENT else shown
    card = read_card(asked, response_schema=told, node=node, graph=graph, rules=desk().rules)
    if schema is not ABSENT and card.dialect not in ("native", "tool_approval", "custom"):
        card = replace(card, schema=schema, prefill=ABSENT, declared=True, resume=same, contract=None, note="")
    if prefill is not ABSENT:
        card = replace(card, prefill=prefill)
    begun = None if isinstance(card.prefill, Absent) else [card.prefill]
    mark = hashlib.sha256(json.dumps([card.schema, begun, card.dialect]).encode()).hexdigest()[:12]
    return Trial(card=card, declared=True if schema is ABSENT else schema, key=f"playground-{mark}")


class _Wrong:
    """A text that is no JSON."""


def _json_field(example: str, label: str, begun: Json | Absent, height: int, hint: str) -> Json | Absent | _Wrong:
    """Draw a text field and return the JSON in it, `ABSENT` where it is empty; if it is none, say where and why."""
    text = st.text_area(
        label,
        "" if begun is ABSENT else json.dumps(begun, indent=2, ensure_ascii=False),
        key=f"playground {label} {example}",
        height=height,
        help=hint,
        persist_state="session",
    )
    text = text or ""
    if not text.strip():
        return ABSENT
    try:
        return read_json(text)
    except Unreadable as error:
        cause = error.__cause__
        if isinstance(cause, JSONDecodeError):
            where = f"line {cause.lineno}, column {cause.colno}"
            st.error(f"{label} is no JSON, from {where}: {plain(cause.msg)}", icon=":material/error:")
            st.code(_pointed(text, cause), language=None)
        else:
            st.error(f"{label} {plain(str(error))}", icon=":material/error:")
        return _Wrong()


def _pointed(text: str, error: JSONDecodeError) -> str:
    """Return the part of the line where JSON ends to be JSON, with a mark under the place."""
    line = text.splitlines()[error.lineno - 1] if error.lineno <= len(text.splitlines()) else ""
    start = max(error.colno - 41, 0)
    return f"{line[start : start + 80]}\n{' ' * (error.colno - 1 - start)}^"


def _check(trial: Trial, answer: Json, raw: bool) -> NoReturn:
    """Say that an answer would be taken. Refusing it, for no reason, keeps the form as it is."""
    problems = find_problems(trial.declared if raw else trial.card.enforced, answer)
    if not problems:
        st.toast("The answer fits. Nothing was sent.", icon="✅")
    raise InvalidAnswer(problems)


def _answered(trial: Trial, made: Form, values: Values) -> tuple[str, list[Problem]]:
    """Return the resume value as JSON text, and what is wrong with the answer."""
    if values.get(form.MODE_KEY):
        return _answered_in_json(trial, str(values.get(form.JSON_KEY, "")))
    answer = made.collect(values)
    problems = [*made.misread(values), *find_problems(trial.card.schema, answer)]
    return _resume_text(trial.card, answer), problems


def _answered_in_json(trial: Trial, text: str) -> tuple[str, list[Problem]]:
    try:
        return text, find_problems(trial.declared, read_json(text))
    except Unreadable as error:
        return text, [Problem(path=(), message=str(error))]


def _resume_text(card: Card, answer: Json | Absent) -> str:
    question = form.Question(
        schema=card.schema,
        prefill=card.prefill,
        key="",
        submit=lambda _answer, _raw: None,
        resume=card.resume,
        submit_label="",
    )
    return form.exact(question, answer)


def _fields(made: Form) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "Path": json.dumps(list(one.path), ensure_ascii=False),
            "Widget": one.kind.value,
            "Label": one.label,
            "Required": one.required,
        }
        for one in leaves(made.root)
    ]
    return pd.DataFrame(rows, columns=["Path", "Widget", "Label", "Required"])
