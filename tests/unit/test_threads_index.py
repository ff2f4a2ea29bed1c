"""The index of threads: what was known of one stays where its newest checkpoint tells less."""

from dataclasses import replace
from datetime import UTC, datetime

import databases
import pytest

from signoff.threads import Thread, ThreadQuery, ThreadState

WAITING = Thread(
    thread_id="t1", graph="essay", state=ThreadState.WAITING, checkpoint_id="c1", step=0, updated_at=datetime.now(UTC),
    business_key="K-7", next=("essay",), search="t1\nessay\nbusiness_key=K-7\n", source="",
)  # fmt: skip
NAMELESS = replace(WAITING, graph=None, search="t1\n\n", checkpoint_id="c2", next=(), business_key=None)


@pytest.fixture(params=databases.BOTH)
def desk(request, tmp_path):
    with databases.desk(request, tmp_path) as opened:
        yield opened


def test_a_function_that_has_finished_is_still_one_of_its_graph(desk):
    desk.reviews.project(["t1"], (), [WAITING])
    desk.reviews.project(["t1"], (), [replace(NAMELESS, state=ThreadState.FINISHED)])

    [found] = desk.threads.page(ThreadQuery(search="essay")).threads
    assert (found.graph, found.business_key, found.checkpoint_id) == ("essay", "K-7", "c2")
    assert desk.threads.graph_of("t1") == "essay"
    assert desk.threads.tips() == {"t1": "c2"}


def test_a_thread_that_waits_and_may_be_of_another_graph_by_now_is_of_none(desk):
    desk.reviews.project(["t1"], (), [WAITING])
    desk.reviews.project(["t1"], (), [NAMELESS])

    assert desk.threads.graph_of("t1") is None
    assert desk.threads.graph_of("nobody") is None
