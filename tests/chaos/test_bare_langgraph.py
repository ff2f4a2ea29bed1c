"""What bare LangGraph (1.2.22) does with a human's answer when things go wrong, and beside each what Signoff does.

The tests of bare LangGraph are the control: the day one fails, LangGraph has learnt it, and Signoff can shed code.
"""

from contextlib import ExitStack

import pytest
from langgraph.types import Command

from signoff.decisions import Outcome
from signoff.reviews import Kind

pytestmark = pytest.mark.chaos


@pytest.fixture
def thread(workspace):
    """Return a function that tells how bare LangGraph sees a thread."""
    with ExitStack() as stack:
        yield lambda graph, name: Thread(stack.enter_context(workspace.pay["bare"](graph)), name)


class Thread:
    def __init__(self, graph, name):
        self.graph, self.config = graph, {"configurable": {"thread_id": name}}

    @property
    def question(self):
        [interrupt] = self.graph.get_state(self.config).interrupts
        return interrupt

    @property
    def values(self):
        return self.graph.get_state(self.config).values

    def resume(self, question_id, answer):
        self.graph.invoke(Command(resume={question_id: answer}), self.config)

    def go_on(self):
        self.graph.invoke(None, self.config)


# The process dies in the node that the answer resumed.


def test_bare_langgraph_loses_the_answer(workspace, thread):
    workspace.pause("a")
    asked = thread("pay", "a").question
    workspace.hold("a.review.before")
    process = workspace.bare(f"pay.answer('pay', 'a', {asked.id!r}, 'yes')")
    workspace.until(lambda: workspace.at("a.review.before"))

    workspace.kill(process)
    workspace.let_go()
    thread("pay", "a").go_on()

    assert thread("pay", "a").question == asked
    assert thread("pay", "a").values == {"answer": ""}


def test_signoff_keeps_it(workspace):
    workspace.pause("a")
    workspace.decide("a", "yes")
    workspace.hold("a.review.before")
    worker = workspace.work()
    workspace.until(lambda: workspace.at("a.review.before"))

    workspace.kill(worker)
    workspace.let_go()
    workspace.work()
    workspace.settled("a")

    assert workspace.values("a") == {"answer": "yes", "posted": "yes"}


# Two processes answer the same question at the same moment. (With Signoff: test_crowd.)


def test_bare_langgraph_runs_the_node_in_both(workspace, thread):
    workspace.pause("a")
    asked = thread("pay", "a").question.id
    workspace.hold("a.review.after")
    both = [workspace.bare(f"pay.answer('pay', 'a', {asked!r}, {answer!r})") for answer in ("yes", "no")]
    workspace.until(lambda: workspace.ran("a")["review"] == 2)
    workspace.let_go()

    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert workspace.ran("a")["review"] == 2


# An answer comes late: its question was answered already, and the node has asked the next one.


def test_bare_langgraph_gives_it_to_the_next_question(workspace, thread):
    workspace.pause("a", graph="two")
    asked = thread("two", "a").question
    thread("two", "a").resume(asked.id, "100 (said by Ada)")

    thread("two", "a").resume(asked.id, "900 (said by Grace)")

    assert thread("two", "a").values == {"answer": "100 (said by Ada)", "second": "900 (said by Grace)"}


def test_signoff_leaves_the_next_question_alone(workspace, thread):
    workspace.pause("a", graph="two")
    late = workspace.decide("a", "900", name="Grace")
    thread("two", "a").resume(late.interrupt_id, "100")

    workspace.work()
    workspace.settled("a")

    assert workspace.decision("a").outcome is Outcome.SUPERSEDED
    assert thread("two", "a").question.value == "Which account?"


# The node chokes on an answer.


def test_bare_langgraph_replays_it_for_ever(workspace, thread):
    workspace.pause("a", graph="fragile")
    asked = thread("fragile", "a").question
    with pytest.raises(ZeroDivisionError):
        thread("fragile", "a").resume(asked.id, 0)

    with pytest.raises(ZeroDivisionError):
        thread("fragile", "a").resume(asked.id, 5)

    assert thread("fragile", "a").question == asked


def test_signoff_says_so_and_asks_again(workspace):
    workspace.pause("a", graph="fragile")
    workspace.work()
    workspace.decide("a", 0)
    workspace.settled("a")
    assert workspace.decision("a").error.startswith("ZeroDivisionError")

    workspace.until(lambda: workspace.review("a").kind is Kind.STUCK)
    workspace.decide("a", {"action": "ask again"})
    workspace.settled("a")
    workspace.until(lambda: workspace.review("a").kind is Kind.INTERRUPT)
    workspace.decide("a", 5)
    workspace.settled("a")

    assert workspace.values("a") == {"answer": 20}
