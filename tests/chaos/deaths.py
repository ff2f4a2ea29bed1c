"""Runs a script that has processes die after every single write, and reads what it tells of each death."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from forked import Python

_SECONDS = 540


def deaths_told_by(script, shape):
    """Return what came of every death, as the script beside this file prints it for a thread of this shape.

    In memory where that is possible: a killed process loses nothing that it had handed to the system.
    """
    path = Path(__file__).with_name(script)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(path.parents[1]), str(path.parents[2])])}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        process = Python(
            [path, folder, shape], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        out, err = process.communicate(timeout=_SECONDS)
    assert process.returncode == 0, err
    return [json.loads(line) for line in out.splitlines()]
