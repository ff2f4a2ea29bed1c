"""Many reviews at once: select them, answer them with one form, see the dry run, send, and watch the outcomes."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

import pandas as pd
import streamlit as st

from signoff import bulk
from signoff.bulk import Group, Item, Plan, Selection
from signoff.decisions import Outcome
from signoff.errors import CommentMissing
from signoff.reviews import ABSENT, Absent, Json, Page, Query, digest
from signoff.sending import Sending
from signoff.ui import form, labels, session, table
from signoff.ui.session import desk, plain

_REASONS = 4  # told above the list, which has no room for them
_ON, _GROUP, _TURN = "bulk_on", "bulk_group", "bulk_turn"  # one turn: from the first tick until none is left
_CHOSEN, _FOUND, _PLANNED, _SENT = "bulk_chosen", "bulk_found", "bulk_planned", "bulk_sent"


@dataclass(frozen=True)
class _Planned:
    """A dry run, and what it was made for: it counts for nothing else."""

    chosen: tuple[str, ...]
    group: Group
    plan: Plan
    changing: bool = False


def switch() -> bool:
    """Draw the switch between one review and many; return whether many are being selected."""
    return st.toggle("Select many", key=_ON, help="Answer several reviews that ask the same with one form.")


def choose(query: Query, page: Page) -> None:
    """Draw one page of the queue with a box to tick in each row; what is ticked on other pages stays."""
    ids = [review.id for review in page.reviews]
    table.show_many(
        page.reviews, _chosen(), lambda ticked: _choose([*(one for one in _chosen() if one not in ids), *ticked])
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        most = min(page.total, bulk.MOST)
        label = (
            f"Select all {page.total:,}" if page.total <= bulk.MOST else f"Select the first {most} of {page.total:,}"
        )
        if st.button(label, icon=":material/done_all:"):
            _choose([one.id for one in desk().queue(replace(query, limit=bulk.MOST, offset=0)).reviews])
            st.rerun()
        if _chosen() and st.button("None", icon=":material/remove_done:"):
            _choose([])
            st.rerun()
        if page.total > bulk.MOST:
            st.caption(f"{bulk.MOST} at a time: send these, then select the next.")


def show() -> None:
    """Draw the panel: what is selected, the form, the dry run, or what became of each."""
    chosen = _chosen()
    with st.container(border=True):
        if sending := st.session_state.get(_SENT):
            _outcomes(sending)
        elif not chosen:
            st.info("Tick reviews on the left, or take all that match.", icon=":material/checklist:")
        else:
            _prepare(chosen)


def _prepare(chosen: tuple[str, ...]) -> None:
    st.subheader(_counted(len(chosen), "review") + " selected", anchor=False)
    selection = _looked_at(chosen)
    group = _one_group(selection)
    planned: _Planned | None = st.session_state.get(_PLANNED)
    fits = planned and group and (planned.chosen, planned.group.likeness) == (chosen, group.likeness)
    if planned and fits and not planned.changing:
        _plan(planned)
        return
    _items([(item, f"left out: {item.left_out}") for item in selection.left_out])
    if group is None:
        return
    if group.schema is ABSENT:
        st.warning("What these threads propose differs in every answer there is. Answer them one by one.")
        return
    _form(chosen, selection, group, planned if fits else None)


def _one_group(selection: Selection) -> Group | None:
    """Return the reviews that ask the same; where some ask something else, the group that is chosen."""
    groups = selection.groups
    if len(groups) < 2:
        return groups[0] if groups else None
    st.caption("They do not all ask the same. One form answers one of these groups; the others are left out.")
    named = {group.likeness: group for group in groups}
    names = {group.likeness: f"{len(group.reviews)} × {session.masked(group.said)}" for group in groups}
    chosen = labels.meant(_GROUP, st.session_state.get(_GROUP))
    if labels.note(_GROUP, names) != names and chosen in names:
        st.session_state[_GROUP] = chosen  # which may have come by the count that it had before
    likeness = st.selectbox("Answer these", list(named), format_func=lambda one: names[one], key=_GROUP)
    return named.get(likeness or "", groups[0])


def _form(chosen: tuple[str, ...], selection: Selection, group: Group, before: _Planned | None) -> None:
    if len(selection.groups) == 1:
        st.caption(plain(f"One answer for {_counted(len(group.reviews), 'thread')}: {session.masked(group.said)}."))

    def submitted(answer: Json, _raw: bool) -> None:
        plan = bulk.dry_run(desk(), selection, group, answer, reviewer=session.reviewer())
        st.session_state[_PLANNED] = _Planned(chosen, group, plan)
        st.rerun()

    prefill: Json | Absent = before.plan.answer if before else group.prefill
    form.render(
        group.schema,
        prefill,
        key=f"bulk-{_about(group)}{before.plan.id if before else ''}",
        submit=submitted,
        submit_label="Dry run",
        exact_value=False,
    )
    st.caption("A dry run sends nothing. It says what each thread would get, and which would get nothing.")


def _about(group: Group) -> str:
    """Return what the form is for: what was proposed or typed for another selection never stands in it.

    What was typed stays while reviews that propose the same are ticked or taken off, and until none is left.
    """
    return digest(
        interrupt_id=f"{st.session_state.get(_TURN)}-{group.likeness}",
        payload=[] if group.prefill is ABSENT else [group.prefill],
        schema=group.schema,
    )


def _plan(planned: _Planned) -> None:
    plan, ready = planned.plan, planned.plan.ready
    left_out = len(plan.items) - len(ready)
    st.text(f"Dry run: {_counted(len(ready), 'answer')} to send, {left_out} left out. Nothing has been sent yet.")
    sent = [_text(item.resume) for item in ready]
    alike = len(set(sent)) == 1
    if alike:
        st.caption("Exactly this is handed to each graph:")
        st.code(_text(ready[0].resume, indent=2), language="json", wrap_lines=True)
    values = {} if alike else {item.review_id: text for item, text in zip(ready, sent, strict=True)}
    _items([(one, f"left out: {one.left_out}" if one.left_out else "will be sent") for one in plan.items], values)
    comment = st.text_input("Why", key=f"bulk-why-{plan.id}", placeholder="Kept on record with each decision")
    with st.container(horizontal=True):
        if st.button(_send_label(ready), type="primary", icon=":material/send:", disabled=not ready):
            _send(plan, comment)
        if st.button("Change the answer", icon=":material/edit:"):
            st.session_state[_PLANNED] = replace(planned, changing=True)
            st.rerun()


def _send(plan: Plan, comment: str) -> None:
    try:
        st.session_state[_SENT] = Sending(desk(), plan, reviewer=session.reviewer(), comment=comment)
    except CommentMissing as missing:
        st.error(plain(str(missing)), icon=":material/error:")
        return
    st.session_state[_PLANNED] = None
    st.rerun()


def _send_label(ready: Sequence[Item]) -> str:
    threads = len({item.thread_id for item in ready})
    to = f"to {_counted(threads, 'thread')}"
    return f"Send {to}" if threads == len(ready) else f"Send {len(ready)} answers {to}"


def _outcomes(sending: Sending) -> None:
    items, known = sending.told, desk().database.bulks.outcomes(sending.plan.id)
    said = [(item, _became(item, known)) for item in items]
    applied = sum(outcome is Outcome.APPLIED for outcome, _ in known.values())
    st.subheader(f"{applied} of {_counted(len(sending.plan.ready), 'answer')} applied", anchor=False)
    if not sending.done:
        _progress(sending)
    _items(said)
    if sending.done and st.button("Done", icon=":material/check:"):
        st.session_state[_SENT] = None
        _choose([])
        st.rerun()


@st.fragment(run_every=1)
def _progress(sending: Sending) -> None:
    done, total = len(sending.items), len(sending.plan.items)
    st.progress(done / max(total, 1), f"Recorded {done} of {total}. Closing this page stops nothing.")
    if sending.done:
        st.rerun()


def _became(item: Item, known: dict[str, tuple[Outcome, str]]) -> str:
    if item.decision is None:
        return f"left out: {item.left_out}"
    outcome, error = known.get(item.decision.id, (item.decision.outcome, ""))
    first = error.partition("\n")[0]
    return f"{outcome.value}: {session.masked(first)}" if first else outcome.value


def _items(said: Sequence[tuple[Item, str]], values: dict[str, str] | None = None) -> None:
    if not said:
        return
    left_out = [item.left_out for item, _ in said if item.left_out]
    for reason, count in Counter(left_out).most_common(_REASONS):
        st.caption(plain(f"{count} left out: {session.masked(reason)}"))
    said = sorted(said, key=lambda one: not one[0].left_out)
    rows = [
        {
            "Thread": f"/thread?thread={quote(item.thread_id, safe='')}" if item.thread_id else None,
            "What": session.masked(word),
            "Request": session.masked(item.title),
            **({"Value": values.get(item.review_id, "")} if values else {}),
        }
        for item, word in said
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=min(38 + 35 * len(rows), 400),
        column_config={
            "Thread": st.column_config.LinkColumn(display_text=r"thread=(.*)$", width=130),
            "What": st.column_config.TextColumn(width=200),
        },
        alt="Thread by thread",
    )


def _looked_at(chosen: tuple[str, ...]) -> Selection:
    """Return the groups of what is selected, read once; the dry run reads again."""
    known = st.session_state.get(_FOUND)
    if known is None or known[0] != chosen:
        with st.spinner("Looking at each thread…"):
            known = st.session_state[_FOUND] = (chosen, bulk.alike(desk(), chosen))
    found: Selection = known[1]
    return found


def _chosen() -> tuple[str, ...]:
    chosen: tuple[str, ...] = st.session_state.get(_CHOSEN, ())
    return chosen


def _choose(ids: Sequence[str]) -> None:
    if len(ids) > bulk.MOST:
        st.toast(f"{bulk.MOST} at a time: {len(ids) - bulk.MOST:,} not selected.", icon=":material/checklist:")
    if not _chosen():
        st.session_state[_TURN] = uuid.uuid4().hex
    st.session_state[_CHOSEN], st.session_state[_FOUND] = tuple(ids)[: bulk.MOST], None


def _text(value: Json, indent: int | None = None) -> str:
    return json.dumps(session.masked(value), ensure_ascii=False, indent=indent)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
