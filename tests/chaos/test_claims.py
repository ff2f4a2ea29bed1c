"""However many people reach for the same work at once, each item goes to one of them."""

import json
from itertools import chain
from pathlib import Path

import pytest

from signoff import claims
from signoff.decisions import Reviewer
from signoff.reviews import State

pytestmark = pytest.mark.chaos
CLAIMING = Path(__file__).with_name("claiming.py")


def race(workspace, *people):
    """Start one process per person, let them go at once, and return what each was told."""
    for file in workspace.folder.glob("ready.*"):
        file.unlink()
    (workspace.folder / "go").unlink(missing_ok=True)
    crowd = [workspace._popen(str(CLAIMING), *person, env=workspace.environment()) for person in people]
    workspace.until(lambda: len(list(workspace.folder.glob("ready.*"))) == len(people))
    (workspace.folder / "go").touch()
    return [json.loads(process.communicate(timeout=60)[0]) for process in crowd]


def test_four_people_who_claim_the_next_at_once_get_each_of_25_items_once(workspace):
    threads = [f"t{number}" for number in range(25)]
    workspace.pause(*threads)
    workspace.desk.scan()

    taken = race(workspace, *((name, "next") for name in ("Ada", "Grace", "Kim", "Lin")))

    every = list(chain.from_iterable(taken))
    assert len(every) == len(set(every)) == 25
    held = {review.assignee: 0 for review in map(workspace.review, threads)}
    assert held.keys() == {name for name, mine in zip(("Ada", "Grace", "Kim", "Lin"), taken, strict=True) if mine}


def test_of_a_take_over_and_a_decision_at_once_one_comes_first_and_the_other_is_told(workspace):
    for number in range(6):
        workspace.pause(f"t{number}")
        review = workspace.review(f"t{number}").id
        claims.claim(workspace.desk, review, reviewer=Reviewer(name="Ada"), minutes=30)

        decided, taken = race(workspace, ("Ada", "decide", review), ("Grace", "over", review))

        now = workspace.desk.review(review)
        if decided == "recorded":
            assert taken in ({"refused": "ReviewClosed"}, {"refused": "AlreadyDecided"})
            assert (now.state, now.assignee) == (State.APPLYING, None)
        else:
            assert (decided, taken) == ({"refused": "HeldByAnother"}, "took over")
            assert (now.state, now.assignee) == (State.CLAIMED, "Grace")
            assert workspace.desk.decisions_on(review) == ()
