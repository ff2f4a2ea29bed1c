"""A process that takes a thread back in time may die after any single write: there is one branch, run to its end."""

import json

import pytest
from chaos.deaths import deaths_told_by

pytestmark = pytest.mark.chaos
SHAPES = ("one_after_another", "parallel", "in_subgraph", "sends", "functional", "question_then_breakpoint")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_death_after_any_write_leaves_one_branch_that_comes_to_its_end(shape):
    deaths = deaths_told_by("travelling.py", shape)

    assert {death["way"] for death in deaths} == {"rerun", "fork"}
    assert len(deaths) > 16
    for death in deaths:
        after, usual = death["after"], death["usual"]
        place = json.dumps(death)

        assert after["outcome"] == usual["outcome"] == "applied", place
        assert after["begun"] == 1, place
        assert (after["log"], after["item"], after["next"]) == (usual["log"], usual["item"], []), place
        assert set(after["later"]) <= {"applied"}, place
        assert after["audit"] == [], place
        assert set(death["again"]) <= set(death["unfinished"]), place
        assert set(death["again"].values()) <= {1}, place
