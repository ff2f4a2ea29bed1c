"""Garbage collection: in a command, which loads much and soon ends, and in a process that serves for weeks."""

from __future__ import annotations

import gc

_ALLOCATIONS = 10_000  # between two collections of what is young; 700 by default in CPython 3.11


def collect_seldom() -> None:
    """Collect less often: what is loaded at the start is no garbage, and looking for some took a tenth of the start."""
    gc.set_threshold(_ALLOCATIONS, *gc.get_threshold()[1:])


def spare_what_is_loaded() -> None:
    """Have what this process has loaded so far left out of every later collection, and collect less often.

    With two hundred thousand objects of libraries in it, a full collection stopped every thread of a busy dashboard for
    half a second; all collections together took an eighth of its time (`benchmarks/load.py`, 200 tabs).
    """
    gc.collect()
    gc.freeze()
    collect_seldom()
