"""Answers to many threads while processes are killed all the time: a small run of benchmarks/reliability.py."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.chaos
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "reliability.py"


@pytest.fixture(scope="module")
def found():
    flags = "--decisions 40 --every 5 --workers 4 --ways signoff once --json"
    run = [sys.executable, str(SCRIPT), *flags.split()]
    return json.loads(subprocess.run(run, capture_output=True, text=True, check=True, timeout=120).stdout)


def test_under_fire_signoff_loses_doubles_and_misdirects_nothing(found):
    signoff = found["signoff"]

    assert (signoff["decisions"], signoff["late"]) == (40, 20)
    assert signoff["kills"] >= 3
    assert (signoff["lost"], signoff["doubled"], signoff["misdirected"]) == (0, 0, 0)


def test_under_fire_bare_langgraph_does(found):
    once = found["once"]

    assert once["lost"] + once["doubled"] + once["misdirected"] > 0
