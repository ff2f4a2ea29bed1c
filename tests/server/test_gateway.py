"""What stands before a server answers in its stead, while the server is deployed anew: no answer is lost by it."""

from contextlib import closing

import pytest
from contract import graphs
from server.proxy import Proxy

from signoff.agent_server import AgentServer
from signoff.decisions import Outcome
from signoff.errors import BackendUnavailable
from signoff.graphs.server import ServerGraphs

UNKNOWN = (404, {"detail": "Not Found"})
ELSEWHERE = [
    UNKNOWN,
    (404, "default backend - 404"),
    (400, "bad request"),
    (407, "proxy authentication"),
    (408, {"detail": "timeout"}),
    (302, "log in"),
    (200, {}),
    (200, "<html>log in</html>"),
]


@pytest.fixture
def gateway(office, dev_server, monkeypatch):
    """What stands before the office's server; ``change`` is what it does."""
    with Proxy(dev_server.port) as proxy, closing(AgentServer(proxy.url)) as through:
        monkeypatch.setattr("signoff.agent_server._PAUSE_SECONDS", 0)
        monkeypatch.setattr(office.store.checkpoints.server, "_client", through._client)
        yield proxy
        monkeypatch.undo()


def always(answer):
    return lambda path, asked, status, answered: answer


@pytest.mark.parametrize("answer", ELSEWHERE, ids=str)
def test_an_answer_is_applied_when_the_gateway_lets_it_through_again(office, gateway, answer):
    [review] = office.pause(graphs.one)
    decision = office.decide(review, "yes")
    gateway.change = always(answer)
    with pytest.raises(BackendUnavailable, match=r"Something else|cannot answer now"):
        office.applier.apply(decision)
    assert office.desk.decision(decision.id).outcome is Outcome.RECORDED

    gateway.change = None

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert office.values()["log"] == ["yes", "done"]


@pytest.mark.parametrize("answer", ELSEWHERE, ids=str)
def test_an_answer_that_the_server_is_applying_is_followed_when_the_gateway_lets_us_through_again(
    office, gateway, answer
):
    [review] = office.pause(graphs.one)
    decision = office.decide(review, "yes")
    begun = []

    def rollout(path, asked, status, answered):
        if begun:
            return answer
        begun.extend([path] if path.endswith("/runs") and isinstance(answered, dict) else [])
        return None

    gateway.change = rollout
    with pytest.raises(BackendUnavailable):
        office.applier.apply(decision)
    assert office.desk.decision(decision.id).outcome is Outcome.APPLYING

    gateway.change = None

    assert office.deliver(decision).outcome is Outcome.APPLIED
    assert len(office.store.checkpoints.server.runs("t")) == 2


def test_a_thread_is_deleted_only_if_a_search_does_not_find_it_either(office, gateway):
    [review] = office.pause(graphs.one)
    decision = office.decide(review, "yes")
    gateway.change = lambda path, *_: None if path.startswith("/threads/search") else UNKNOWN

    with pytest.raises(BackendUnavailable, match=r"has thread .* but says: Not Found"):
        office.applier.apply(decision)

    assert office.desk.decision(decision.id).outcome is Outcome.RECORDED


@pytest.mark.parametrize("answer", [one for one in ELSEWHERE if one != UNKNOWN], ids=str)
def test_everything_that_is_read_says_that_something_else_answers(office, gateway, answer):
    gateway.change = always(answer)
    server = office.store.checkpoints.server
    asked = [server.assistants, server.count, server.search, lambda: server.search(select=["status"])]
    asked += [
        lambda: server.thread("t"),
        lambda: server.state("t"),
        lambda: server.runs("t"),
        lambda: ServerGraphs(server),
    ]
    asked += [lambda: server.history("t", limit=1), lambda: server.run("t", "r")]

    for ask in asked:
        with pytest.raises(BackendUnavailable, match=r"Something else|cannot answer now"):
            ask()
    assert not server.lacks


def test_graphs_are_as_last_known_while_something_else_answers(office, gateway):
    known = office.applier.graphs.names
    gateway.change = always((404, "default backend - 404"))
    office.applier.graphs._asked = float("-inf")

    assert office.applier.graphs.names == known


@pytest.fixture
def graphless(office, gateway):
    """Takes the graph of thread ``t`` from the server: it tells no state any more."""
    path = f"/threads/{office.store.checkpoints.server._there('t')}/state"

    def take():
        gateway.change = lambda asked, *_: (404, {"detail": "Graph 'x' not found."}) if asked.startswith(path) else None

    return take


def test_a_decision_waits_while_the_server_does_not_tell_where_its_thread_stands(office, graphless):
    [failed] = office.start("failing")
    decision = office.decide(failed, {"action": "retry"})
    graphless()

    with pytest.raises(BackendUnavailable, match="Graph 'x' not found"):
        office.applier.apply(decision)

    assert office.desk.decision(decision.id).outcome is Outcome.RECORDED


def test_a_thread_whose_graph_the_server_has_no_more_costs_itself_alone(office, graphless):
    office.pause(graphs.one, "t")
    office.pause(graphs.one, "other")
    graphless()

    heads = {head.thread_id: head for name in ("t", "other") for head in office.store.checkpoints.heads([name])}
    assert "Graph 'x' not found" in heads["t"].problem
    assert [len(head.open) for head in heads.values()] == [1, 1]
