"""A process may die after any single write: the next one finds out what was done, and does the rest once."""

import json

import pytest
from chaos.deaths import deaths_told_by
from chaos.shapes import SHAPES

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module", params=SHAPES)
def deaths(request):
    """What came of every death while decisions on a thread of one shape were applied."""
    return deaths_told_by("every_write.py", request.param)


def where(death):
    return f"decision {death['decision']}, died after write {death['write']}: {json.dumps(death)}"


def test_a_death_after_any_write_changes_neither_the_outcome_nor_where_the_answers_land(deaths):
    assert len(deaths) > 8
    for death in deaths:
        after, usual = death["after"], death["usual"]

        assert after["outcome"] in (usual["outcome"], "applied"), where(death)
        assert (after["log"], after["next"]) == (usual["log"], []), where(death)
        assert set(after["later"]) <= {"applied"}, where(death)


def test_after_a_death_only_a_node_that_was_running_runs_again(deaths):
    for death in deaths:
        assert set(death["again"]) <= set(death["unfinished"]), where(death)
        assert set(death["again"].values()) <= {1}, where(death)


def test_between_a_death_and_the_next_engine_nobody_else_can_answer(deaths):
    for death in deaths:
        assert not death["after"]["offered"], where(death)
