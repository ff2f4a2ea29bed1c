"""One decision as a story: asked, proposed, answered, sent, run, written, settled."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from signoff import wire
from signoff.decisions import Decision
from signoff.reviews import ABSENT, Json, Kind
from signoff.ui import outcome, payload, timeline
from signoff.ui.session import desk, masked, masked_differences, moment, plain

LINK = "decision"
"""The query parameter of the audit page that names a decision."""


def pick(decision_id: str) -> None:
    """Put a decision into the address."""
    st.query_params[LINK] = decision_id


def show(decision: Decision) -> None:
    """Draw the decision from the question to what became of it; secrets are masked."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(masked(decision.title)), anchor=False, width="content")
        outcome.badge(decision.outcome)
    _asked(decision)
    _answered(decision)
    _ran(decision)
    _settled(decision)


def _stage(icon: str, words: str, when: str = "") -> None:
    st.markdown(f":material/{icon}: **{words}** :gray[{when}]" if when else f":material/{icon}: **{words}**")


def _asked(decision: Decision) -> None:
    node = None if decision.kind is Kind.TRAVEL else decision.node
    where = " · ".join(filter(None, (decision.graph, node, f"thread {decision.thread_id}")))
    _stage(*_began(decision), plain(where))
    with st.expander("What the reviewer was shown"):
        payload.raw(decision.shown)
    if decision.proposed is not ABSENT:
        with st.expander("What the form proposed"):
            payload.raw(decision.proposed)


def _began(decision: Decision) -> tuple[str, str]:
    """Return the icon and the words for what the story begins with: a question, or a way back."""
    if decision.kind is not Kind.TRAVEL:
        return "help", "Asked"
    return ("fork_right", "Fork") if decision.forks else ("replay", "Run again")


def _answered(decision: Decision) -> None:
    who = plain(f"{decision.reviewer.name} ({decision.reviewer.source}), {moment(decision.recorded_at)}")
    travels = decision.kind is Kind.TRAVEL
    _stage("edit_note", "Decided" if travels else "Answered", who)
    if decision.comment:
        st.text(f"“{decision.comment}”")
    if others := desk().database.bulks.others(decision.id):
        st.caption(f"Decided together with {others:,} other{'s' * (others != 1)}.")
    if edits := masked_differences(wire.edits(decision)):
        st.caption("Changed from what the form proposed:")
        payload.facts({one.place or "answer": one.said for one in edits}, name=str)
    elif decision.proposed is not ABSENT:
        st.caption("As the form proposed it.")
    _stage("send", "What was to be done" if travels else "Sent to the graph")
    payload.raw(decision.resume)


def _ran(decision: Decision) -> None:
    if ran := outcome.steps(desk().progress(decision.id)):
        _stage("play_arrow", "Ran")
        st.text("\n".join(ran))
    if not decision.wrote:
        return
    _stage("save", "Wrote")
    rows = [{"Node": one["node"], "Channel": one["channel"], "Value": _value(one)} for one in decision.wrote["writes"]]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="What the nodes wrote")
    else:
        st.caption("Nothing.")
    if not decision.wrote["complete"]:
        st.caption("Large values and the oldest steps of long runs are left out.")


def _value(write: Json) -> str:
    if "value" not in write:
        return f"({write['omitted']:,} characters)"
    shown = masked({write["channel"]: write["value"]})[write["channel"]]
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)


def _settled(decision: Decision) -> None:
    _stage("flag", decision.outcome.value.capitalize(), moment(decision.settled_at) if decision.settled_at else "")
    if decision.error:
        outcome.error(decision.error)
    outcome.now_open(decision)
    payload.facts(
        {
            "Decision": decision.id,
            "Attempt": decision.attempt,
            "From checkpoint" if decision.kind is Kind.TRAVEL else "Asked at checkpoint": decision.checkpoint_id,
            "Thread stood at, before": decision.checkpoint_before,
            "Thread stood at, after": decision.checkpoint_after,
            "Fingerprint of what was shown": decision.digest,
        }
    )
    with st.container(horizontal=True):
        st.page_link("pages/thread.py", label="Open thread", query_params={"thread": decision.thread_id})
        if decision.checkpoint_before and decision.checkpoint_after:
            _changed(decision, decision.checkpoint_before, decision.checkpoint_after)
        for other in desk().decisions_on(decision.review_id):
            if other.id != decision.id:
                label = f"Attempt {other.attempt}: {other.outcome.value}"
                st.page_link("pages/audit.py", label=label, query_params={LINK: other.id})


def _changed(decision: Decision, before: str, after: str) -> None:
    """Lead to what the decision changed; a fork began another thread, which has no step that was before it."""
    where = {"thread": decision.home, timeline.CHECKPOINT: after}
    if decision.forks:
        label, icon = plain(f"Open thread {decision.home}"), ":material/arrow_forward:"
    else:
        label, icon, where = "What it changed", ":material/difference:", where | {timeline.AGAINST: before}
    st.page_link("pages/thread.py", label=label, icon=icon, query_params=where)
