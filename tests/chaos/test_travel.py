"""A process that takes a thread back in time may die after any single write: there is one branch, run to its end."""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

pytestmark = pytest.mark.chaos
SHAPES = ("one_after_another", "parallel", "in_subgraph", "sends", "functional", "question_then_breakpoint")
EACH = pytest.mark.parametrize("shape", SHAPES)


@pytest.fixture(scope="module")
def deaths():
    """What came of every death, by shape; in memory where that is possible, as in test_every_write.py."""
    script = Path(__file__).with_name("travelling.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(script.parents[1]), str(script.parents[2])])}
    found = defaultdict(list)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        command = [sys.executable, str(script), folder, *SHAPES]
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    for death in map(json.loads, done.stdout.splitlines()):
        found[death["shape"]].append(death)
    return found


@EACH
def test_a_death_after_any_write_leaves_one_branch_that_comes_to_its_end(deaths, shape):
    assert {death["way"] for death in deaths[shape]} == {"rerun", "fork"}
    assert len(deaths[shape]) > 16
    for death in deaths[shape]:
        after, usual = death["after"], death["usual"]
        place = json.dumps(death)

        assert after["outcome"] == usual["outcome"] == "applied", place
        assert after["begun"] == 1, place
        assert (after["log"], after["item"], after["next"]) == (usual["log"], usual["item"], []), place
        assert set(after["later"]) <= {"applied"}, place
        assert after["audit"] == [], place


@EACH
def test_after_a_death_only_a_node_that_was_running_runs_again(deaths, shape):
    for death in deaths[shape]:
        assert set(death["again"]) <= set(death["unfinished"]), json.dumps(death)
        assert set(death["again"].values()) <= {1}, json.dumps(death)
