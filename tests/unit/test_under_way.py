"""While a decision is applied, the queue says which node runs."""

import pytest
from unit.office import Office

from signoff.decisions import Outcome, Reviewer
from signoff.reviews import Query


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.pause("t1", "Go?")
    office.pause("t2", "Go?")
    office.desk.scan()
    yield office
    office.desk.close()


def test_the_node_that_has_started_and_not_ended_runs_until_the_decision_has_its_outcome(office):
    one, other = (review.id for review in office.desk.queue(Query()).reviews)
    journal = office.desk.database.decisions
    decision = office.desk.decide(one, "yes", reviewer=Reviewer(name="Ada"))
    assert journal.under_way([one, other]) == {}

    for node, event in (("check", "started"), ("check", "finished"), ("pay", "started"), ("log", "started")):
        journal.add_progress(decision.id, node, event)
    assert journal.under_way([one, other]) == {one: "pay, log"}
    assert journal.under_way([other]) == {}

    journal.settle(decision.id, Outcome.APPLIED)
    assert journal.under_way([one, other]) == {}
