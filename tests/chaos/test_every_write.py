"""A process may die after any single write: the next one finds out what was done, and does the rest once."""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from chaos.shapes import SHAPES

pytestmark = pytest.mark.chaos
EACH = pytest.mark.parametrize("shape", SHAPES)


@pytest.fixture(scope="module")
def deaths():
    """What came of every death, by shape; from two processes, since most machines have two cores.

    In memory where that is possible: a killed process loses nothing that it had handed to the system.
    """
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        yield die(Path(folder))


def die(folder):
    script = Path(__file__).with_name("every_write.py")
    environment = {**os.environ, "PYTHONPATH": str(script.parents[1])}
    halves = [[*SHAPES][0::2], [*SHAPES][1::2]]
    running = [
        subprocess.Popen(
            [sys.executable, str(script), str(folder / shapes[0]), *shapes],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for shapes in halves
    ]
    found = defaultdict(list)
    for process in running:
        out, err = process.communicate(timeout=540)
        assert process.returncode == 0, err
        for death in map(json.loads, out.splitlines()):
            found[death["shape"]].append(death)
    return found


def where(death):
    return f"decision {death['decision']}, died after write {death['write']}: {json.dumps(death)}"


@EACH
def test_a_death_after_any_write_changes_neither_the_outcome_nor_where_the_answers_land(deaths, shape):
    assert len(deaths[shape]) > 8
    for death in deaths[shape]:
        after, usual = death["after"], death["usual"]

        assert after["outcome"] in (usual["outcome"], "applied"), where(death)
        assert (after["log"], after["next"]) == (usual["log"], []), where(death)
        assert set(after["later"]) <= {"applied"}, where(death)


@EACH
def test_after_a_death_only_a_node_that_was_running_runs_again(deaths, shape):
    for death in deaths[shape]:
        assert set(death["again"]) <= set(death["unfinished"]), where(death)
        assert set(death["again"].values()) <= {1}, where(death)


@EACH
def test_between_a_death_and_the_next_engine_nobody_else_can_answer(deaths, shape):
    for death in deaths[shape]:
        assert not death["after"]["offered"], where(death)
