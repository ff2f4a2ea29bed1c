"""One review, ready to be decided: what is asked and why, the form, the thread's state and history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from signoff import mending
from signoff.briefs import Brief
from signoff.decisions import Decision, Outcome
from signoff.errors import (
    AlreadyDecided,
    ReviewClosed,
    ReviewNotFound,
    SourceUnavailable,
    SourceUnknown,
    ThreadNotFound,
)
from signoff.reviews import Json, Kind
from signoff.ui import (
    advance,
    changed,
    claims,
    closed,
    comments,
    consequences,
    form,
    heading,
    lineage,
    outcome,
    overrides,
    parts,
    payload,
    picture,
    session,
    shared,
    time,
    timeline,
)
from signoff.ui.form_drafts import drafts_of
from signoff.ui.session import desk, moment, plain

FOLLOWED = "followed"
"""Key of the session state that holds the id of the decision whose outcome is being shown."""

LAST = "last_decision"
"""Key of the session state that holds the id of this session's newest decision."""

_BRIEF = "brief"  # the review and the mark for which it was read, and the brief
_HEADED = frozenset(
    {"title", "description", "priority", "due_at", "business_key", "tags", "expires_at", "timeout", "on_timeout"}
)
_SET_BACK = (
    "This answer was applied, and the thread is back at the question: its checkpoints were set back, Signoff's record "
    "was not. A second answer would be applied twice, so none is taken. To ask anew, open the thread and run it again "
    "from this step."
)


def show(review_id: str, *, choose: Callable[[str | None], None]) -> None:
    """Draw a review; ``choose`` is told which review the reviewer goes on to, None for the next in the queue."""
    if decision_id := followed(review_id):
        follow(decision_id, choose=choose)
        return
    try:
        brief = _brief(review_id)
    except (AlreadyDecided, ReviewClosed, ReviewNotFound) as reason:
        closed.show(review_id, reason, choose)
        return
    except (SourceUnavailable, SourceUnknown) as away:
        with st.container(border=True):
            st.warning(plain(str(away)), icon=":material/cloud_off:")
            comments.show(review_id)
        return
    with st.container(border=True):
        with parts.slot():
            review = overrides.shown(brief)
            heading.show(review, brief)
            claims.strip(brief.dossier, partial(time.put_off, brief.review), partial(overrides.popover, review))
        review_tab, state_tab, history_tab, graph_tab = st.tabs(
            [
                ":material/edit_note: Review",
                ":material/data_object: State",
                ":material/history: History",
                ":material/account_tree: Graph",
            ],
            key=f"tabs-{review_id}",
            on_change="rerun",
        )
        if review_tab.open:
            with review_tab:
                _question(brief)
        if state_tab.open:
            with state_tab:
                payload.show(brief.state)
        if history_tab.open:
            with history_tab:
                timeline.show(brief.review.thread_id, limit=20)
        if graph_tab.open:
            with graph_tab:
                picture.show(brief.review.thread_id, place="review")
        comments.show(review_id, brief.dossier.comments)


def _brief(review_id: str) -> Brief:
    """Return what is shown of a review, read anew when the desk has changed, or the session is shown another one."""
    about = (review_id, shared.mark())
    kept: tuple[object, Brief] | None = st.session_state.get(_BRIEF)
    if kept is None or kept[0] != about or not parts.inside():
        kept = about, desk().brief(review_id, shared.dossier(review_id))
        st.session_state[_BRIEF] = kept
    return kept[1]


def followed(review_id: str) -> str | None:
    """Return the id of this session's decision on a review whose course is to be shown in place of the form."""
    decision = shared.decision(st.session_state.get(FOLLOWED))
    return decision.id if decision and _has_course(decision) and decision.review_id == review_id else None


def _has_course(decision: Decision) -> bool:
    """Tell whether an answer is on its way or has arrived; the form is there again for one that came to nothing."""
    return decision.outcome is Outcome.APPLIED or not decision.reopens


def standing(review_id: str) -> object:
    """Return what the drawing of a review depends on."""
    try:
        return shared.dossier(review_id)
    except ReviewNotFound:
        return None


def _question(brief: Brief) -> None:
    card, review = brief.waiting.card, brief.waiting.review
    with parts.slot():
        _asked(brief)
    if brief.graphs:
        _choose_graph(review.thread_id, brief.graphs)
        return
    if broken := desk().graphs.broken.get(review.graph or ""):
        st.error(plain(str(broken)))
        return
    if consequences.stands(brief):
        st.warning(_SET_BACK, icon=":material/history:")
        return
    with parts.slot():
        changed.code_notice(brief)
    form.render(
        card.schema,
        card.prefill,
        key=changed.form_key(review.id, brief.digest),
        submit=lambda answer, raw: _decide(brief, answer, raw),
        resume=card.resume,
        drafts=drafts_of(session.reviewer().name),
        declared=card.declared,
        submit_label=_verb(card.schema) if review.kind is not Kind.INTERRUPT else "Submit and resume",
    )
    consequences.show(brief)
    key = f"raw-{review.id}"
    with st.expander("Raw payload", icon=":material/code:", on_change="rerun", key=key) as opened:
        if opened.open:
            payload.raw(brief.waiting.payload)


def _asked(brief: Brief) -> None:
    """Draw what is asked, what speaks for and against it, and what became of an answer before."""
    card, review = brief.waiting.card, brief.waiting.review
    changed.notice(brief)
    if brief.waiting.details.description:
        st.text(session.masked(brief.waiting.details.description))
    payload.show(_unsaid(card.body, review.title))
    if review.kind is not Kind.INTERRUPT:
        payload.show(brief.state)
    if card.note:
        st.caption(plain(card.note))
    if consequences.came_to_nothing(brief) or consequences.stands(brief):
        outcome.show(brief.decisions[0])
    elif review.kind in (Kind.FAILED, Kind.STALLED) and (decision := mending.cause(desk(), brief)):
        _came_after(decision)


def _verb(schema: Json) -> str:
    """Return what the button of a thread without a question says: what it does, where there is but one thing to do."""
    return "Submit" if "oneOf" in schema else str(schema.get("title", "Continue"))


def _came_after(decision: Decision) -> None:
    """Name the decision after which the thread got into trouble."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(f"This followed the decision of {decision.reviewer.name}, {moment(decision.recorded_at)}."))
        st.page_link("pages/audit.py", label="Open the decision", query_params={lineage.LINK: decision.id})


def _unsaid(body: Json, title: str) -> Json:
    """Return the body without what the heading says already; a form rule may have put other words there."""
    if not isinstance(body, dict):
        return body
    kept = {"title"} if body.get("title") != title else set()
    kept |= set() if "on_timeout" in body else {"timeout"}
    return {name: value for name, value in body.items() if name not in _HEADED or name in kept}


def _decide(brief: Brief, answer: Json, raw: bool) -> None:
    try:
        decision = desk().decide(brief.review.id, answer, reviewer=session.reviewer(), seen=brief.digest, raw=raw)
    finally:
        st.session_state.pop(_BRIEF, None)  # it has been decided, or is not what it was
    st.session_state[FOLLOWED] = st.session_state[LAST] = decision.id
    parts.redraw(parts.OPENED, among=(parts.OPENED,))


def _choose_graph(thread_id: str, names: tuple[str, ...]) -> None:
    st.warning("It is not certain which graph this thread belongs to. Choose it before you answer.")
    chosen = st.selectbox("Graph", names, index=None, placeholder="Choose…", key=f"graph-{thread_id}")
    if chosen and st.button("This is its graph", type="primary"):
        desk().choose_graph(thread_id, chosen, reviewer=session.reviewer())
        st.rerun()


def course(decision_id: str) -> object:
    """Return what the drawing of a decision's course depends on."""
    decision = shared.decision(decision_id)
    return decision, decision and shared.course(decision)


def follow(decision_id: str, *, choose: Callable[[str | None], None]) -> None:
    """Show how a decision is applied; when it is, go on to the thread's next question or say that it has none."""
    decision = shared.decision(decision_id)
    if decision is None or not _has_course(decision):
        st.rerun()
    asked = sorted(
        (review for review in shared.course(decision)[1] if review.id != decision.review_id),
        key=lambda review: review.node != decision.node,  # a question that is asked again comes first
    )
    if decision.outcome is Outcome.APPLIED and asked:
        st.toast(f"Applied. The thread asks: {plain(session.masked(asked[0].title))}", icon="✅")
        go_on(choose, asked[0].id)
    with st.container(border=True):
        st.subheader(plain(session.masked(decision.title)), anchor=False)
        outcome.show(decision)
        if decision.outcome is Outcome.APPLIED:
            _finished(decision.thread_id)
            if advance.due(decision, partial(leave, choose)):
                go_on(choose)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Next in queue",
                type="primary",
                icon=":material/arrow_forward:",
                on_click=_next,
                args=(choose,),
            )
            st.page_link("pages/thread.py", label="Open thread", query_params={"thread": decision.thread_id})


def go_on(choose: Callable[[str | None], None], review_id: str | None = None) -> None:
    """Leave the decision that is followed, for a review or for the next one in the queue, and have that drawn."""
    leave(choose, review_id)
    st.rerun()


def _next(choose: Callable[[str | None], None]) -> None:
    leave(choose)
    parts.redraw(parts.OPENED, among=parts.CHOOSING)


def leave(choose: Callable[[str | None], None], review_id: str | None = None) -> None:
    """Follow the decision no longer; choose a review, or the next one in the queue."""
    st.session_state[FOLLOWED] = None
    choose(review_id)


def _finished(thread_id: str) -> None:
    try:
        newest = desk().history(thread_id, limit=1)[0].step
    except (ThreadNotFound, IndexError):
        st.info("The thread has been deleted since.", icon=":material/delete:")
        return
    going = f"It goes on at {', '.join(dict.fromkeys(newest.to_run))}." if newest.to_run else "The thread has finished."
    st.success(plain(going), icon=":material/flag:")
    payload.show(dict(newest.values))
