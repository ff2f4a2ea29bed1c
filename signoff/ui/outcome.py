"""What became of a decision: which nodes ran, how it ended, what the thread asks next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from signoff.decisions import Decision, Outcome, Progress
from signoff.reviews import Kind
from signoff.ui import parts, shared
from signoff.ui.session import age, masked, moment, plain

Color = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]

_RUNS, _DONE, _ERROR = "spinner", ":material/check:", ":material/error:"
_SAID = {
    Outcome.RECORDED: ("Recorded, waiting for its turn", _RUNS),
    Outcome.APPLYING: ("The thread is running", _RUNS),
    Outcome.APPLIED: ("Applied", _DONE),
    Outcome.REFUSED: ("Refused by the graph: the answer does not fit", _ERROR),
    Outcome.SUPERSEDED: ("Not applied", _ERROR),
    Outcome.FAILED: ("The node failed", _ERROR),
}
_LINES = 12  # of an error: a refused answer is told field by field
_SECONDS = 5.0  # between two looks at how long a node runs
_COLORS: dict[Outcome, Color] = {
    Outcome.APPLIED: "green",
    Outcome.RECORDED: "blue",
    Outcome.APPLYING: "blue",
    Outcome.SUPERSEDED: "orange",
}
_MARKS = {"started": "…", "finished": "✓", "paused": "‖", "failed": "×"}


def show(decision: Decision, *, opened: bool = False) -> None:
    """Draw a decision and how far it has come; one that was applied is folded unless it is to be ``opened``.

    Looks like `st.status`, which sleeps for 0.05 s whenever it is drawn, and again when it is left (streamlit 1.67).
    """
    said, icon = _SAID[decision.outcome]
    with st.expander(said, icon=icon, expanded=opened or decision.outcome is not Outcome.APPLIED):
        st.text(f"{decision.reviewer.name} decided {moment(decision.recorded_at)}")
        st.code(_json(masked(decision.resume)), language="json", wrap_lines=True)
        if decision.comment:
            st.text(f"“{decision.comment}”")
        for line in steps(shared.course(decision)[0]):
            st.text(line)
        if not decision.outcome.final:
            _under_way(decision)
        if decision.error:
            error(decision.error)
        now_open(decision)


def _under_way(decision: Decision) -> None:
    """Say how long it takes, and whether anybody works on it, for as long as it is looked at."""
    parts.tick(_SECONDS)
    if decision.graph in shared.unserved():
        st.warning("No worker that has this graph is alive. It goes on when one is.", icon=":material/hourglass:")


def now_open(decision: Decision) -> None:
    """Lead from a failed decision to the trouble that is open now, on the page of its thread."""
    if decision.outcome is not Outcome.FAILED:
        return
    for review in shared.course(decision)[1]:
        if review.id != decision.review_id and review.kind in (Kind.FAILED, Kind.STUCK):
            label = f"Now open: {plain(masked(review.title))}"
            where = {"thread": decision.thread_id}
            st.page_link("pages/thread.py", label=label, query_params=where, icon=":material/build:")


def steps(progress: Sequence[Progress]) -> list[str]:
    """Return one line per node in the order of their starts, with how it stands and how long it took."""
    lines: dict[str, str] = {}
    started: dict[str, Progress] = {}
    for event in progress:
        if event.event == "started":
            started[event.node] = event
            lines[event.node] = f"… {event.node}, running for {age(event.at)}"
        elif event.node in started:
            seconds = (event.at - started[event.node].at).total_seconds()
            lines[event.node] = f"{_MARKS[event.event]} {event.node} {event.event}, {seconds:.1f} s"
    return list(lines.values())


def error(text: str) -> None:
    """Draw an error: what it says for everybody, the traceback folded for engineers."""
    said, _, trace = masked(text).partition("\n\n")
    st.error(plain("\n".join(said.splitlines()[:_LINES])), icon=_ERROR)
    if trace.strip():
        with st.expander("Traceback"):
            st.code(trace.strip(), language="text")


def badge(outcome: Outcome) -> None:
    """Draw an outcome as a badge."""
    st.badge(outcome.value, color=_COLORS.get(outcome, "red"))


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
