"""A process may die after any single write: the next one finds out what was done, and does the rest once."""

import json

import pytest
from chaos.deaths import deaths_told_by
from chaos.shapes import SHAPES

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("shape", SHAPES)
def test_after_a_death_after_any_write_the_answer_is_applied_once_and_only_what_was_running_runs_again(shape):
    deaths = deaths_told_by("every_write.py", shape)

    assert len(deaths) > 8
    for death in deaths:
        after, usual = death["after"], death["usual"]
        where = f"decision {death['decision']}, died after write {death['write']}: {json.dumps(death)}"

        assert after["outcome"] in (usual["outcome"], "applied"), where
        assert (after["log"], after["next"]) == (usual["log"], []), where
        assert set(after["later"]) <= {"applied"}, where
        assert set(death["again"]) <= set(death["unfinished"]), where
        assert set(death["again"].values()) <= {1}, where
        assert not after["offered"], where  # nobody else can answer before the next engine has finished
