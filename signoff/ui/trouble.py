"""The parts of the trouble page: groups, their members, and one action for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from signoff import mending
from signoff.bulk import Item
from signoff.database.reviews import Trouble
from signoff.decisions import Outcome
from signoff.dialects.trouble import ASK_AGAIN, CONTINUE, END, RETRY
from signoff.reviews import Json, Kind, Review
from signoff.ui import rows, session, sources
from signoff.ui.session import desk, plain

_GROUP, _MEMBER = "trouble_group", "trouble_member"
_PLANNED, _DONE = "trouble_planned", "trouble_done"

_KINDS = {Kind.FAILED: "× failed", Kind.STUCK: "! stuck", Kind.STALLED: "~ stalled"}
_LABELS = {RETRY: "Retry", ASK_AGAIN: "Ask again", CONTINUE: "Continue", END: "End here"}
_MEANING = {
    Kind.FAILED: "A node raised. Retry runs it again from its first line, with the same state.",
    Kind.STUCK: "The stored answer makes the node fail every time. Ask again opens the question anew.",
    Kind.STALLED: "The run stopped between two steps. If its process is still alive, do not continue: "
    "the next node would run twice.",
}


def choose_group(groups: Sequence[Trouble]) -> Trouble | None:
    """Draw the groups as a table; return the one that is open, the first to begin with."""
    if not groups:
        st.info("No thread is in trouble.", icon=":material/check_circle:")
        return None
    keys = [_key(group) for group in groups]
    if st.session_state.get(_GROUP) not in keys:
        st.session_state[_GROUP] = keys[0]
    told = [
        {
            "Threads": group.count,
            "Trouble": _KINDS[group.kind],
            "At": group.node or "",
            "Error": session.masked(group.reason),
            "Graph": group.graph or "unknown",
            "Since": group.oldest,
        }
        for group in groups
    ]
    chosen = st.session_state[_GROUP]
    _table("trouble_groups", told, keys, chosen, _open_group, "Groups of threads in trouble")
    return groups[keys.index(chosen)]


def choose_member(group: Trouble, members: Sequence[Review]) -> str | None:
    """Draw the members of a group; return the id of the review that is open, None for none."""
    ids = [review.id for review in members]
    chosen = st.session_state.get(_MEMBER)
    st.subheader(plain(f"{_KINDS[group.kind]} at {group.node or 'the next step'}"), anchor=False)
    st.caption(_MEANING[group.kind])
    if group.reason:
        st.code(session.masked(group.reason), language="text", wrap_lines=True)
    told = [
        {
            "Thread": sources.own(review.thread_id),
            **({"Source": review.source} if review.source else {}),
            "Request": session.masked(review.title),
            "State": review.state.value,
            "Since": review.paused_at,
        }
        for review in members
    ]
    _table("trouble_members", told, ids, chosen, open_member, "Threads of the group")
    if group.count > len(members):
        st.caption(f"The {len(members):,} oldest of {group.count:,}.")
    followed = bool(chosen) and chosen not in ids  # decided a moment ago; its outcome is being shown
    return str(chosen) if chosen in ids or followed else None


def open_member(review_id: str | None) -> None:
    """Open one thread of the group; None goes back to all of them."""
    st.session_state[_MEMBER] = review_id


def leave_member() -> None:
    """Go back to all threads of the group."""
    st.session_state[_MEMBER] = None


def all_alike(group: Trouble, members: Sequence[Review]) -> None:
    """Draw the choice of one action for all members, its dry run, and the button that carries it out."""
    with st.container(border=True):
        st.subheader("All of them alike", anchor=False)
        key = _key(group)
        actions = mending.ACTIONS[group.kind]
        action = st.segmented_control(
            "Action",
            actions,
            default=actions[0],
            required=True,
            format_func=lambda one: _LABELS[one],
            key=f"action-{key}",
        )
        answer: Json = {"action": action}
        if action == END:
            answer["reason"] = st.text_input("Reason", key=f"reason-{key}", help="Kept on record with each decision.")
        if st.button("Dry run", icon=":material/checklist:", disabled=action == END and not answer["reason"].strip()):
            with st.spinner("Looking at each thread…"):
                planned = mending.dry_run(desk(), members, answer, reviewer=session.reviewer())
            st.session_state[_PLANNED] = (key, answer, planned)
        planned_for, planned_answer, items = st.session_state.get(_PLANNED) or ("", None, ())
        if (planned_for, planned_answer) == (key, answer):
            _plan(items, answer)


def _plan(items: Sequence[Item], answer: Json) -> None:
    ready = [item for item in items if not item.left_out]
    left_out = len(items) - len(ready)
    st.text(f"{len(ready)} will be acted on" + (f", {left_out} left out:" if left_out else ":"))
    _items([(item, f"left out: {item.left_out}" if item.left_out else _LABELS[answer["action"]]) for item in items])
    label = f"{_LABELS[answer['action']]}: {len(ready)} thread{'s' * (len(ready) != 1)}"
    if st.button(label, type="primary", icon=":material/send:", disabled=not ready):
        with st.spinner("Recording…"):
            st.session_state[_DONE] = mending.act(desk(), items, answer, reviewer=session.reviewer())
        st.session_state[_PLANNED] = None
        st.rerun()


def results() -> None:
    """Draw what became of the last action on all, thread by thread, until it is dismissed."""
    items: Sequence[Item] = st.session_state.get(_DONE) or ()
    if not items:
        return
    said = [(item, _became(item)) for item in items]
    done = sum(word == Outcome.APPLIED.value for _, word in said)
    with st.container(border=True):
        st.subheader(f"{done} of {len(items)} applied", anchor=False)
        _items(said)
        if st.button("Dismiss", icon=":material/close:"):
            st.session_state[_DONE] = None
            st.rerun()


def _became(item: Item) -> str:
    if item.decision is None:
        return f"left out: {item.left_out}"
    decision = desk().decision(item.decision.id) or item.decision
    first = (decision.error or "").partition("\n")[0]
    return f"{decision.outcome.value}: {session.masked(first)}" if first else decision.outcome.value


def _items(said: Sequence[tuple[Item, str]]) -> None:
    rows = [{"Thread": item.thread_id, "What": word, "Request": item.title} for item, word in said]
    rows = [{**row, "Request": session.masked(row["Request"])} for row in rows]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=min(38 + 35 * len(rows), 400), alt="Thread by thread")


def _table(
    key: str, told: Sequence[dict[str, Any]], ids: list[str], chosen: str | None, pick: Callable[[str], None], alt: str
) -> None:
    columns = {
        "Threads": st.column_config.NumberColumn(width=70),
        "Error": st.column_config.TextColumn(width=170),
        "Graph": st.column_config.TextColumn(width=95),
        "Since": st.column_config.DatetimeColumn(format="distance", width=90),
    }
    rows.table(key, pd.DataFrame(told), ids, chosen, pick, columns=columns, most=8, alt=alt)


def _open_group(key: str) -> None:
    """Open a group; another one closes the thread that was open."""
    if st.session_state.get(_GROUP) != key:
        st.session_state[_GROUP], st.session_state[_MEMBER] = key, None


def _key(group: Trouble) -> str:
    return session.keyed((group.graph, group.node, group.kind.value, group.reason))
