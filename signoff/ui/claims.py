"""Who has a review, drawn under its heading: claim it, release it, take it over, give it to somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from signoff import claims
from signoff.claims import Claim, ClaimEvent
from signoff.database.dossiers import Dossier
from signoff.errors import SignoffError
from signoff.reviews import Query, Review
from signoff.ui import form, parts, session
from signoff.ui.session import desk, moment, plain

_UNDO = "claim_undo"  # the event that this session may undo
_REFUSED = "claim_refused"  # the review and why, until the next attempt
_SAID = {
    "claimed": "{actor} claimed it",
    "kept": "{actor} kept it for longer",
    "released": "{actor} released it",
    "assigned": "{actor} gave it to {holder}",
    "took over": "{actor} took it over",
    "expired": "The claim expired",
    "decided": "{actor} decided",
    "undone": "{actor} undid the last change; {holder} has it",
}


def strip(known: Dossier, *beside: Callable[[], None]) -> None:
    """Draw who has a review, what can be done about it, and ``beside`` that in the same row."""
    review, held, past = known.review, known.claim, known.claims
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(_who(review, held)), width="content")
        if held is None:
            _button(review, "Claim", "front_hand", partial(claims.claim, minutes=_minutes()))
        elif claims.is_own(desk(), held, session.reviewer()):
            _button(review, "Release", "undo", claims.release)
            if held.expires_at:
                _button(review, "Keep it", "more_time", partial(claims.keep, minutes=_minutes()))
        else:
            _take_over(review)
        _assign(review)
        if past and past[0].seq == st.session_state.get(_UNDO):
            _button(review, "Undo", "history", partial(claims.undo, seq=past[0].seq))
        for draw in beside:
            draw()
        _history(review, past)
    if past and _lost(past[0]):
        why = f": “{past[0].reason}”" if past[0].reason else "."
        st.info(plain(f"{_told(past[0])}, {_clock(past[0].at)}{why}"), icon=":material/swap_horiz:")
    if not any(st.session_state.get(f"{name}-{review.id}") for name in ("take-over", "assign")):
        _refusal(review)


def _refusal(review: Review) -> None:
    """Say why the last attempt was refused: in the form in which it was made, while that is open."""
    refused_for, refusal = st.session_state.get(_REFUSED) or ("", "")
    if refused_for == review.id:
        st.error(plain(refusal), icon=":material/error:")


def next_button(query: Query, choose: Callable[[str | None], None]) -> None:
    """Draw the button that claims the first review of ``query`` that nobody has, and opens it."""
    if not st.button(
        "Claim next",
        icon=":material/front_hand:",
        help="The first of this list that nobody has and that is not meant for others.",
    ):
        return
    found = claims.claim_next(desk(), query, reviewer=session.reviewer(), minutes=_minutes())
    if found is None:
        st.toast("Nothing in this list is free for you.", icon=":material/inbox:")
        return
    _remember(found)
    choose(found.review_id)
    st.rerun()


def _who(review: Review, held: Claim | None) -> str:
    if held is None:
        meant = [*map(_present, review.assignees), *(f"group {group}" for group in review.groups)]
        return f"Nobody has it. Meant for {', '.join(meant)}." if meant else "Nobody has it."
    who = "You have" if held.holder == session.reviewer().name else f"{held.holder} has"
    until = f", until {_clock(held.expires_at)}" if held.expires_at else ""
    given = f", given by {held.given_by}: “{held.reason}”" if held.given_by != held.holder else ""
    return f"{who} it since {_clock(held.since)}{until}{given}"


def _present(name: str) -> str:
    deputy = claims.deputy_of(desk(), name)
    return f"{name} (away; {deputy} stands in)" if deputy else name


def _clock(time: datetime) -> str:
    """Return a time of today as ``14:05``, another one with its day."""
    local = session.local(time)
    return f"{local:%H:%M}" if local.date() == session.today().date() else moment(time)


def _lost(event: ClaimEvent) -> bool:
    """Tell whether this event took the review from who is here."""
    me = session.reviewer().name
    return event.before is not None and event.before.holder == me != event.holder and event.actor not in ("", me)


def _take_over(review: Review) -> None:
    key = f"take-over-{review.id}"
    with st.popover("Take over…", icon=":material/swap_horiz:", type="tertiary", on_change="rerun", key=key) as opened:
        if opened.open:
            st.text_input("Reason · required", key=f"{key}-why", help="Kept on record; who has it now can read it.")
            st.button("Take over", type="primary", on_click=_taken_over, args=(review,))
            _refusal(review)


def _taken_over(review: Review) -> None:
    key = f"take-over-{review.id}"
    why = st.session_state.get(f"{key}-why") or ""
    if _do(review, partial(claims.take_over, reason=why, minutes=_minutes())):
        st.session_state[key] = False
    parts.redraw(parts.OPENED)


def _assign(review: Review) -> None:
    key = f"assign-{review.id}"
    with st.popover("Assign…", icon=":material/person_add:", type="tertiary", on_change="rerun", key=key) as opened:
        if opened.open:
            st.text_input("To · required", key=f"{key}-to", max_chars=claims.NAME_LENGTH)
            st.text_input("Reason · required", key=f"{key}-why", help="Kept on record.")
            st.button("Assign", type="primary", on_click=_assigned, args=(review,))
            _refusal(review)


def _assigned(review: Review) -> None:
    key = f"assign-{review.id}"
    to, why = (st.session_state.get(f"{key}-{part}") or "" for part in ("to", "why"))
    if _do(review, partial(claims.assign, to=to, reason=why)):
        st.session_state[key] = False
    parts.redraw(parts.OPENED)


def _history(review: Review, past: Sequence[ClaimEvent]) -> None:
    if not past:
        return
    key = f"claims-{review.id}"
    with st.popover(
        "", icon=":material/manage_search:", help="Who had it", type="tertiary", on_change="rerun", key=key
    ) as opened:
        if opened.open:
            for event in past:
                st.text(f"{moment(event.at)}  {_told(event)}{f': “{event.reason}”' if event.reason else ''}")


def _told(event: ClaimEvent) -> str:
    return _SAID[event.event].format(actor=event.actor, holder=event.holder or "nobody")


def _button(review: Review, label: str, icon: str, act: Callable[..., ClaimEvent | None]) -> None:
    key = f"{label}-{review.id}"
    st.button(label, icon=f":material/{icon}:", type="tertiary", key=key, on_click=_press, args=(review, act))


def _press(review: Review, act: Callable[..., ClaimEvent | None]) -> None:
    _do(review, act)
    parts.redraw(parts.OPENED)


def _do(review: Review, act: Callable[..., ClaimEvent | None]) -> bool:
    """Act on the claim of a review; return whether it was not refused."""
    st.session_state[_REFUSED] = None
    try:
        _remember(act(desk(), review.id, reviewer=session.reviewer()))
    except SignoffError as error:
        st.session_state[_REFUSED] = (review.id, str(error))
        return False
    form.forgive(review.id)
    return True


def _remember(event: ClaimEvent | None) -> None:
    """Offer to undo what was done last, but for an undo."""
    st.session_state[_UNDO] = event.seq if event and event.event not in ("undone", "kept") else None


def _minutes() -> float:
    return session.running().settings.claim_minutes
