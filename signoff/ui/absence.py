"""Who is away and who stands in, on the queue page."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import streamlit as st

from signoff import claims
from signoff.errors import SignoffError
from signoff.ui import session
from signoff.ui.session import desk, moment, plain

_KEY = "absence"


def popover() -> None:
    """Draw the list of absences, and the way to announce one's own."""
    with st.popover("Away…", icon=":material/beach_access:", on_change="rerun", key=_KEY) as opened:
        if opened.open:
            for each in claims.absences(desk()):
                st.text(f"{each.deputy} stands in for {each.person}, {_days(each.starts_at, each.ends_at)}")
                st.button("End it", key=f"{_KEY}-{each.seq}", on_click=_end, args=(each.seq,))
            _announce()


def _end(seq: int) -> None:
    claims.end_absence(desk(), seq, by=session.reviewer())


def _days(starts_at: datetime, ends_at: datetime) -> str:
    """Return whole days as days, anything else as times."""
    first, end = session.local(starts_at), session.local(ends_at)
    if first.time() != time() or end.time() != time():
        return f"{moment(starts_at)} to {moment(ends_at)}"
    last = end - timedelta(days=1)
    return f"{first:%-d %b %Y}" if first.date() == last.date() else f"{first:%-d %b %Y} to {last:%-d %b %Y}"


def _announce() -> None:
    me, today = session.reviewer(), session.today().date()
    with st.form(_KEY + "-form", border=False):
        days = st.date_input("I am away", (today, today), min_value=today, key=f"{_KEY}-days")
        deputy = st.text_input("What is mine goes to", key=f"{_KEY}-deputy", max_chars=claims.NAME_LENGTH)
        sent = st.form_submit_button("Announce")
    if not sent:
        return
    first, last = (days[0], days[-1]) if isinstance(days, tuple) and days else (today, today)
    starts, ends = (datetime.combine(day, time(), session.zone()) for day in (first, last + timedelta(days=1)))
    try:
        claims.delegate(desk(), person=me.name, deputy=deputy, starts_at=starts, ends_at=ends, by=me)
    except SignoffError as error:
        st.error(plain(str(error)))
    else:
        st.rerun()
