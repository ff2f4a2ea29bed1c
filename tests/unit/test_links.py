"""The address of a queue says all of its query, and nothing in an address can break the page."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.links import PARAMETERS, PLAIN, from_text, query_params, query_text, read_query, read_span
from signoff.reviews import OPEN, Due, Grouping, Priority, Query, Sort, State

texts = st.text(min_size=1, max_size=500)
maybe = st.none() | texts
queries = st.builds(
    lambda page, **fields: Query(**fields, offset=page * 50),
    page=st.integers(0, 3_000),
    states=st.just(OPEN) | st.lists(st.sampled_from(State), min_size=1, unique=True).map(tuple),
    graph=maybe,
    node=maybe,
    thread_id=maybe,
    dialect=maybe,
    priority=st.none() | st.sampled_from(Priority),
    assignee=maybe,
    group=maybe,
    tag=maybe,
    due=st.none() | st.sampled_from(Due),
    older=st.none() | st.integers(0, 99_999).map(lambda minutes: timedelta(minutes=minutes)),
    key=maybe,
    error=maybe,
    search=st.just("") | texts,
    snoozed=st.sampled_from([True, False, None]),
    sort=st.sampled_from(Sort),
    by=st.none() | st.sampled_from(Grouping),
)


@given(queries)
def test_an_address_leads_back_to_the_query_it_was_made_of(query):
    assert read_query(query_params(query)) == (query, ())


@given(queries)
def test_a_view_keeps_everything_but_the_page(query):
    storable = query_text(replace(query, search=query.search.encode("utf-8", "ignore").decode()))

    assert query_text(from_text(storable)) == storable


def test_the_plain_queue_has_a_plain_address():
    assert query_params(PLAIN) == {}


@given(st.dictionaries(st.sampled_from([*PARAMETERS, "page", "review", "view", "x"]), st.text()))
def test_garbage_in_an_address_is_passed_over(given):
    query, _ = read_query(given)

    assert read_query(query_params(query)) == (query, ())


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("priority", "huge", "priority=huge was passed over: choose low, normal, high, urgent."),
        ("state", "waiting,open", "state=waiting,open was passed over: choose waiting, claimed"),
        ("older", "5 days", "older=5 days was passed over: write it as 30m, 4h or 2d."),
        ("q", "x" * 501, "was passed over: it has more than 500 characters."),
        ("snoozed", "maybe", "choose no, only, also."),
        ("sort", "<script>", "choose oldest, newest, due, priority, title."),
    ],
)
def test_what_is_passed_over_is_said_with_what_is_possible(name, text, said):
    query, [wrong] = read_query({name: text, "graph": "pay"})

    assert said in wrong
    assert query == replace(PLAIN, graph="pay")


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "", "99999999999999"])
def test_a_page_that_is_no_page_is_the_first(page):
    assert read_query({"page": page})[0].offset == 0


def test_what_an_address_says_besides_its_view_wins_over_the_view():
    view = Query(graph="pay", snoozed=True, sort=Sort.DUE)

    assert read_query({"graph": "risk"}, view)[0] == replace(view, graph="risk")


@pytest.mark.parametrize(("text", "hours"), [("90m", 1.5), ("4h", 4), ("2d", 48)])
def test_spans_are_written_in_one_unit(text, hours):
    assert read_span(text) == timedelta(hours=hours)
