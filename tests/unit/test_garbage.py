"""A process that serves does not look through what it has loaded again and again."""

import subprocess
import sys

TELL = """
import gc
from signoff.garbage import spare_what_is_loaded
before = len(gc.get_objects())
spare_what_is_loaded()
print(len(gc.get_objects()) < before / 10, gc.get_freeze_count() > before / 2, gc.isenabled())
"""


def test_what_is_loaded_is_left_out_of_later_collections():
    assert subprocess.check_output([sys.executable, "-c", TELL], text=True).split() == ["True"] * 3
