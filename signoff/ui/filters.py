"""The filters of the queue. What is asked for stands in the address; the fields show it, and change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import streamlit as st

from signoff import views
from signoff.links import PLAIN, query_params, read_query, span_text
from signoff.reviews import ME, NONE, OPEN, Choices, Due, Grouping, Page, Priority, Query, Sort, State
from signoff.ui import advance, labels
from signoff.ui.session import desk, masked, plain, reviewer

_LAST = "queue_address"
_SEARCH = "filter-search"
_PAGE = 50

_SORTS = {
    Sort.OLDEST: "Oldest first",
    Sort.NEWEST: "Newest first",
    Sort.DUE: "Due first",
    Sort.PRIORITY: "Most urgent first",
    Sort.TITLE: "Title",
}
_DUES = {Due.OVERDUE: "overdue", Due.TODAY: "today", Due.WEEK: "within 7 days", Due.NEVER: "never"}
_SPANS = [timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=3), timedelta(days=7)]
_PEOPLE = {ME: "Me", NONE: "Nobody"}


def asked() -> tuple[Query, tuple[str, ...]]:
    """Return what the address asks for, and what in it is not understood.

    A reviewer who comes back from another page finds the filters as they were.
    """
    if _SEARCH not in st.session_state and not st.query_params and (last := st.session_state.get(_LAST)):
        st.query_params.from_dict(last)
    given = st.query_params.to_dict()
    st.session_state[_LAST] = {name: text for name, text in given.items() if name != "review"}
    base = PLAIN
    wrong: tuple[str, ...] = ()
    if view_id := given.get("view"):
        try:
            base = views.find(desk(), view_id, reviewer().name).query
        except views.ViewNotFound as error:
            wrong = (f"{error} The list shows what the rest of the address asks for.",)
    query, unread = read_query(given, replace(base, limit=_PAGE))
    return query, (*wrong, *unread)


def go(query: Query) -> None:
    """Ask for something else: write it into the address, on its first page unless the query names another."""
    _write(query_params(query))


def go_to_view(view_id: str | None) -> None:
    """Ask for what a view shows; None asks for all that is open."""
    _write({"view": view_id} if view_id else {})


def _write(params: dict[str, str]) -> None:
    """Write an address; the open review stays in it, and whether to go on by itself."""
    now = st.query_params.to_dict()
    if advance.ON not in now:
        stay = {"review": now["review"]} if "review" in now else {}
        st.query_params.from_dict(stay | params)  # at once: each change is a step of the browser's history
        return
    for name in {*now} - {*params, "review", advance.ON}:  # what is bound to a widget is not to be set (streamlit 1.67)
        del st.query_params[name]
    st.query_params.update(params)


def show(query: Query, choices: Choices) -> None:
    """Draw the filters: the usual ones in a row, the others behind one button."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        hint = "Any words of title, payload or thread…"
        _text("search", "Search", query, width=300, placeholder=hint, icon=":material/search:")
        if desk().sources.several or query.source:
            _select("source", "Source", query, choices.sources, "All sources", width=150)
        _select("graph", "Graph", query, choices.graphs, "All graphs")
        _select("assignee", "With", query, _PEOPLE | _counted(choices.assignees), "Anyone")
        _select("sort", "Order", query, _SORTS, None)
        with st.popover(
            "More filters", icon=":material/tune:", width="content", on_change="rerun", key="filter-further"
        ) as opened:  # a label that changes would close it (streamlit 1.67)
            if opened.open:
                _further(query, choices)


def chips(query: Query) -> None:
    """Draw each active filter as a button that removes it."""
    found = active(query)
    if not found:
        return
    with st.container(horizontal=True, gap="small"):
        for name, words in found:
            default = getattr(PLAIN, name)
            st.button(
                plain(words),
                key=f"chip-{name}",
                icon=":material/close:",
                help="Remove this filter",
                on_click=_put,
                args=(name, default),
            )
        if len(found) > 1:
            st.button("Clear all", key="chip-all", type="tertiary", on_click=clear)


def pages(query: Query, page: Page, *, behind: bool) -> None:
    """Draw which rows are shown, and the way to the others; ``behind`` says that a later page was asked for."""
    key = "filter-page"
    with st.container(horizontal=True, vertical_alignment="center"):
        gone = ". The page asked for is not there; this is the last one." if behind else ""
        st.caption(f"{query.offset + 1:,}–{query.offset + len(page.reviews):,} of {page.total:,}{gone}")
        if page.total > query.limit:
            _keep(key, query.offset // query.limit + 1)
            st.pagination(-(-page.total // query.limit), key=key, on_change=_turn)


def clear() -> None:
    """Show all open reviews again, in the order chosen."""
    go(replace(PLAIN, sort=asked()[0].sort))


def active(query: Query) -> list[tuple[str, str]]:
    """Return the filters that are set, each as its field and its words."""
    default = PLAIN
    return [
        (name, f"{label}: {words(getattr(query, name))}")
        for name, (label, words) in _WORDS.items()
        if getattr(query, name) != getattr(default, name)
    ]


def _further(query: Query, choices: Choices) -> None:
    states = [state.value for state in State]
    now = [] if query.states == OPEN else [state.value for state in query.states]
    _keep("filter-states", now)
    st.pills(
        "State", states, selection_mode="multi", key="filter-states", on_change=_choose_states, help="None: all open."
    )
    _pick("priority", "Priority", query, {one: one.value for one in reversed(Priority)})
    _pick("due", "Due", query, _DUES)
    with st.grid(2, gap="small"):
        _select("node", "Node", query, choices.nodes, "All nodes", width="stretch")
        _select("tag", "Tag", query, choices.tags, "Any tag", width="stretch")
        _select("group", "Group", query, choices.groups, "Any group", width="stretch")
        _select("dialect", "Dialect", query, choices.dialects, "Any dialect", width="stretch")
        spans = {span: span_text(span) for span in _SPANS}
        _select("older", "Waits longer than", query, spans, "Any age", width="stretch")
        _text("key", "Business key", query, width="stretch", placeholder="4711 or order_id=4711")
    _pick("by", "Count by", query, {one: one.value for one in Grouping})


def _text(name: str, label: str, query: Query, **look: Any) -> None:
    key = f"filter-{name}"
    _keep(key, getattr(query, name) or "")
    st.text_input(label, key=key, on_change=_take, args=(name,), max_chars=500, **look)


def _select(
    name: str, label: str, query: Query, options: Mapping[Any, Any], anything: str | None, *, width: Any = 170
) -> None:
    """Draw a list of values; those with a number carry it as their count."""
    key, value = f"filter-{name}", getattr(query, name)
    known = dict(options)
    listed = [NONE if option is None else option for option in known]
    if value is not None and value not in listed:
        listed.append(value)

    def words(option: Any) -> str:
        said = known.get(None if option == NONE and NONE not in known else option)
        return f"{_name(option)} ({said:,})" if isinstance(said, int) else str(said or _name(option))

    names = {option: words(option) for option in listed}
    if labels.note(key, names).get(value) != names.get(value):  # else it goes on by its old name (streamlit 1.67)
        st.session_state[key] = value
    _keep(key, value)
    look: dict[str, Any] = {"index": None, "placeholder": anything} if anything else {}
    st.selectbox(
        label,
        listed,
        key=key,
        format_func=lambda one: names.get(one) or words(one),
        on_change=_take,
        args=(name,),
        width=width,
        **look,
    )


def _pick(name: str, label: str, query: Query, options: Mapping[Any, str]) -> None:
    key = f"filter-{name}"
    _keep(key, getattr(query, name))
    st.pills(label, list(options), key=key, format_func=lambda one: options[one], on_change=_take, args=(name,))


def _keep(key: str, value: Any) -> None:
    """Make a field show a value; one that shows it already is left alone, so that nothing half typed is lost."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def _take(name: str) -> None:
    key = f"filter-{name}"
    value = labels.meant(key, st.session_state[key])
    _put(name, getattr(PLAIN, name) if value in (None, "") else value)


def _choose_states() -> None:
    chosen = st.session_state["filter-states"]
    _put("states", tuple(State(one) for one in chosen) or OPEN)


def _turn() -> None:
    query = asked()[0]
    go(replace(query, offset=(st.session_state["filter-page"] - 1) * query.limit))


def _put(name: str, value: Any) -> None:
    go(replace(asked()[0], **{name: value}, offset=0))


def _counted(found: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in found.items() if name not in _PEOPLE}


def _name(value: Any) -> str:
    return "unknown" if value == NONE else span_text(value) if isinstance(value, timedelta) else str(value)


_WORDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "search": ("Search", masked),
    "states": ("State", " or ".join),
    "source": ("Source", str),
    "graph": ("Graph", _name),
    "node": ("Node", _name),
    "assignee": ("With", lambda name: _PEOPLE.get(name, name).lower() if name in _PEOPLE else name),
    "priority": ("Priority", str),
    "due": ("Due", lambda due: _DUES[due]),
    "older": ("Waits longer than", span_text),
    "group": ("Group", str),
    "tag": ("Tag", str),
    "dialect": ("Dialect", str),
    "key": ("Key", str),
    "error": ("Error", lambda error: "none" if error == NONE else masked(error)),
    "thread_id": ("Thread", str),
    "snoozed": ("Snoozed", lambda only: "only" if only else "also"),
    "by": ("Counted by", str),
}
