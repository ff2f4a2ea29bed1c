"""Going back to a step of a thread: run again from it, edit the state there and run, or fork a new thread."""

from __future__ import annotations

import uuid
from functools import partial

import streamlit as st

from signoff import travel
from signoff.checkpoints import Step
from signoff.decisions import Decision, Outcome
from signoff.dialects.shapes import fields
from signoff.errors import SignoffError, TravelImpossible
from signoff.reviews import Json, Kind
from signoff.travel import Departure
from signoff.ui import form, outcome, session
from signoff.ui.session import desk, plain

_RERUN, _EDIT, _FORK = "rerun", "edit", "fork"
_SAID = {
    _RERUN: ("Run again from here", ":material/replay:"),
    _EDIT: ("Edit the state and run", ":material/edit:"),
    _FORK: ("Fork to a new thread", ":material/fork_right:"),
}
_TRAVELLED = "travelled"


def show(thread_id: str, step: Step) -> None:
    """Offer to go back to a step of a thread's own history; one of a subgraph offers nothing."""
    if step.checkpoint_ns:
        return
    key = f"travel-{step.checkpoint_id}"
    chosen, token = st.session_state.get(key, (None, ""))
    with st.container(horizontal=True, gap="small"):
        for way in (_RERUN, _EDIT, _FORK) if step.next else (_FORK,):
            label, icon = _SAID[way]
            if st.button(label, key=f"{key}-{way}", icon=icon, type="tertiary"):
                chosen, token = (None, "") if chosen == way else (way, uuid.uuid4().hex)
                st.session_state[key] = (chosen, token)
    if chosen:
        with st.container(border=True):
            _ask(thread_id, step, chosen, token)


def follow(thread_id: str) -> None:
    """Show what became of this session's last journey back on the thread, and lead to the thread that it made."""
    decision = desk().decision(st.session_state.get(_TRAVELLED) or "")
    if decision is None or decision.kind is not Kind.TRAVEL or decision.thread_id != thread_id:
        return
    with st.container(border=True):
        st.text(decision.title)
        outcome.show(decision)
        if decision.forks and decision.outcome is Outcome.APPLIED:
            st.page_link(
                "pages/thread.py",
                label=plain(f"Open thread {decision.home}"),
                query_params={"thread": decision.home},
                icon=":material/arrow_forward:",
            )


def happened(decision: Decision) -> bool:
    """Tell whether the decision went back to a step and was carried out, however that ended."""
    return decision.kind is Kind.TRAVEL and decision.outcome in (Outcome.APPLIED, Outcome.FAILED)


def _ask(thread_id: str, step: Step, way: str, token: str) -> None:
    try:
        leaving = travel.departure(desk(), thread_id, step.checkpoint_id)
    except SignoffError as reason:
        st.error(plain(str(reason)))
        return
    if way == _EDIT and leaving.state is None:
        st.info("The state cannot be edited at this step: it is the input, or the graph declares no state.")
        return
    _warn(leaving, way)
    form.render(
        _schema(leaving, way),
        key=f"travel-{token}",
        submit=partial(_go, leaving, way, token),
        submit_label=_SAID[way][0],
    )


def _warn(leaving: Departure, way: str) -> None:
    if way == _FORK:
        st.caption("The new thread begins with the state of this step. The old one is not touched.")
        return
    st.warning(plain(leaving.warning), icon=":material/replay:")
    st.caption("The thread goes on from here. What it did after this step stays in its history, as a branch.")


def _schema(leaving: Departure, way: str) -> Json:
    """Return the schema of what is asked once: what changes, where to, and why."""
    reason = {"type": "string", "title": "Reason", "minLength": 1, "description": "Kept on record."}
    asked: dict[str, Json] = {}
    if way == _FORK:
        asked["to"] = {"type": "string", "title": "New thread's id", "description": "Left empty, one is made."}
        if leaving.again:
            effects = f"{', '.join(leaving.again)} first." if leaving.again != ("__start__",) else "From its input."
            asked["run"] = {"type": "boolean", "title": "Run it at once", "default": False, "description": effects}
    if leaving.state is not None and way != _RERUN:
        asked["values"] = leaving.state
    return fields({**asked, "comment": reason}, required=["comment"])


def _go(leaving: Departure, way: str, token: str, answer: Json, _raw: bool) -> None:
    if not isinstance(answer, dict):
        raise TravelImpossible("This must be an object that has a comment.")
    given = {name: answer[name] for name in ("values", "to", "run") if name in answer}
    record = travel.fork if way == _FORK else travel.rerun
    comment = str(answer.get("comment", ""))
    decision = record(desk(), leaving, reviewer=session.reviewer(), comment=comment, token=token, **given)
    st.session_state[_TRAVELLED] = decision.id
    st.session_state.pop(f"travel-{leaving.step.checkpoint_id}", None)
    st.rerun()
