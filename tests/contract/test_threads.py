"""The index of threads: every thread is in it, says where it stands, and leaves it when it is deleted."""

from datetime import UTC, datetime, timedelta

import pytest
from contract import graphs
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import START, StateGraph

from signoff.sweep import Sweep
from signoff.threads import ThreadQuery, ThreadState, of_params, read_key, read_since


def fails(saver):
    def broken(state):
        raise RuntimeError("the ledger is down")

    return graphs._graph(saver, broken)


def passes(saver):
    return graphs._graph(saver, graphs.done)


def invoke(office, make, thread="t", **metadata):
    config = {"configurable": {"thread_id": thread}, "metadata": {"graph_id": make.__name__} | metadata}
    make(office.store.saver).invoke({"x": 0, "log": []}, config)


def listed(office, **wanted):
    office.desk.scan()
    return office.desk.database.threads.page(ThreadQuery(**wanted)).threads


def states(office):
    return {thread.thread_id: thread.state.value for thread in listed(office)}


def test_each_thread_says_where_it_stands(office):
    office.pause(graphs.one, "asks")
    invoke(office, passes, "ends")
    with pytest.raises(RuntimeError):
        invoke(office, fails, "breaks")
    stops = graphs._graph(office.store.saver, graphs.done, interrupt_before=["done"])
    stops.invoke({"x": 0, "log": []}, {"configurable": {"thread_id": "runs"}})

    assert states(office) == {"asks": "waiting", "ends": "finished", "breaks": "failed", "runs": "running"}


def test_an_answer_takes_a_thread_to_its_end_and_others_may_give_it(office):
    [review] = office.pause(graphs.one)
    office.deliver(office.decide(review, "yes"))

    assert states(office) == {"t": "finished"}


def test_what_is_listed_of_a_thread(office):
    office.graphs.add("passes", passes)
    invoke(office, passes, customer="ACME", business_key="INV-42")

    [thread] = listed(office)

    assert (thread.graph, thread.business_key, thread.next) == ("passes", "INV-42", ())
    assert thread.checkpoint_id == office.store.head().checkpoint_id
    assert thread.updated_at == office.store.head().created_at


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"search": "acme"}, ["first"]),
        ({"search": "FIRST"}, ["first"]),
        ({"search": "passes inv"}, ["second", "first"]),
        ({"search": "100%"}, ["second"]),
        ({"search": "nothing"}, []),
        ({"key": ("customer", "ACME")}, ["first"]),
        ({"key": ("customer", "ACM")}, []),
        ({"key": ("business_key", "INV-2")}, ["second"]),
        ({"state": ThreadState.WAITING}, []),
        ({"graph": "passes"}, ["second", "first"]),
        ({"graph": "pass"}, []),
        ({"since": datetime.now(UTC) + timedelta(days=1)}, []),
        ({"limit": 1}, ["second"]),
        ({"limit": 1, "offset": 1}, ["first"]),
    ],
)
def test_threads_are_found(office, wanted, found):
    invoke(office, passes, "first", customer="ACME", business_key="INV-1")
    invoke(office, passes, "second", rebate="100%", business_key="INV-2")

    assert [thread.thread_id for thread in listed(office, **wanted)] == found


def test_a_business_key_of_a_question_stays_when_it_is_answered(office):
    def asks(saver):
        def ask(state):
            graphs.interrupt({"business_key": "INV-7", "title": "Pay?"})

        return graphs._graph(saver, ask)

    [review] = office.pause(asks)
    office.deliver(office.decide(review, "yes"))

    [thread] = listed(office, search="inv-7", state=ThreadState.FINISHED)
    assert thread.business_key == "INV-7"


def test_a_deleted_thread_leaves_the_index_whether_or_not_it_waited(office):
    office.pause(graphs.one, "asks")
    invoke(office, passes, "ends")
    invoke(office, passes, "stays")
    assert len(states(office)) == 3

    for thread in ("asks", "ends"):
        office.store.saver.delete_thread(thread)

    assert states(office) == {"stays": "finished"}


def test_open_pages_are_told_of_a_thread_that_ends_without_asking(office):
    office.desk.scan()
    before = office.desk.version()
    invoke(office, passes)
    office.desk.scan()
    told = office.desk.version()
    office.desk.scan()

    assert before < told == office.desk.version()


def test_a_rebuilt_index_is_the_same(office):
    office.pause(graphs.one, "asks")
    invoke(office, passes, "ends")
    before = listed(office)

    office.desk.scanner.rebuild()

    assert listed(office) == before


def test_the_graphs_that_threads_belong_to(office):
    for make in (passes, graphs.one, graphs.typed):
        invoke(office, make, make.__name__)
    StateGraph(dict).add_node("n", lambda state: {}).add_edge(START, "n").compile(office.store.saver).invoke(
        {}, {"configurable": {"thread_id": "unknown"}}
    )
    office.desk.scan()

    assert office.desk.database.threads.graphs() == ["one", "passes", "typed"]


@given(st.integers(0, 30), st.integers(1, 7), st.lists(st.integers(0, 8), max_size=4))
def test_a_sweep_sees_everything_once_after_each_change(count, size, pauses):
    items = [f"{number:03}" for number in range(count)]
    sweep = Sweep(lambda *, after, limit: [item for item in items if item > after][:limit], size=size)
    assert not sweep.next()
    for pause in pauses:
        sweep.begin()
        for _ in range(pause):
            sweep.next()
    sweep.begin()

    seen = [item for _ in range(2 * (count // size + 1) + 1) for item in sweep.next()]

    assert seen[-count:] == items if count else not seen
    assert not sweep.next()


@given(st.dictionaries(st.sampled_from(["q", "state", "graph", "since", "key", "other"]), st.text()))
def test_no_address_breaks_the_list(params):
    query = of_params(params)

    assert query.search == params.get("q", "")
    assert query.state is None or query.state.value == params["state"]
    assert query.since is None or query.since.tzinfo


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_time_is_read_as_it_is_written(time):
    assert read_since(time.isoformat()) == time


def test_a_span_is_read_as_the_time_before_now():
    assert abs(read_since("7d") - (datetime.now(UTC) - timedelta(days=7))) < timedelta(minutes=1)


@given(st.text(min_size=1).filter(lambda name: "=" not in name), st.text())
def test_a_key_is_read_as_name_and_value(name, value):
    assert read_key(f"{name}={value}") == (name, value)
