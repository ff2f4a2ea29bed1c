"""One namespace of a thread as stored rows: what each back end offers, for the history to be read from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from signoff.checkpoints.head import CheckpointRow, WriteRow

BRIEF = 256 * 1024
"""Bytes of a checkpoint above which an outline leaves it undecoded."""


@dataclass(frozen=True, kw_only=True)
class Find:
    """Which steps to list: all of what is given has to hold.

    ``node`` made the step or ran on it; ``channel`` was written to make it; ``failed`` and ``asked`` tell of the tasks
    that ran on it; ``at`` names the checkpoints themselves.
    """

    node: str = ""
    channel: str = ""
    failed: bool = False
    asked: bool = False
    at: frozenset[str] | None = None


ALL = Find()


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A namespace inside a step: the steps of a subgraph that ran on it, and how many."""

    namespace: str
    steps: int


class Strand(Protocol):
    """The checkpoints of one namespace of a thread. Every method raises `BackendUnavailable`."""

    thread_id: str
    namespace: str

    def rows(
        self, *, limit: int, before: str | None = None, find: Find = ALL, brief: bool = False
    ) -> list[CheckpointRow]:
        """Return at most ``limit`` checkpoints, newest first, older than ``before``.

        With ``find``, what cannot match is left out, but not all of the rest has to match. ``brief`` leaves out the
        bytes of checkpoints above `BRIEF`.
        """

    def named(self, checkpoint_ids: Collection[str], *, brief: bool = False) -> list[CheckpointRow]:
        """Return the checkpoints with these ids that exist, in any order."""

    def writes(self, checkpoint_ids: Collection[str], *, values: bool) -> Mapping[str, Sequence[WriteRow]]:
        """Return the writes on some checkpoints, by checkpoint, in LangGraph's order.

        Without ``values``, only those of errors have one.
        """

    def inner(self, checkpoint_ids: Collection[str]) -> Mapping[str, Sequence[Inner]]:
        """Return the namespaces inside this one whose steps were made between one of these checkpoints and the next."""

    def ancestors(self, *, down_to: str) -> frozenset[str]:
        """Return the newest checkpoint and its ancestors, as far as their ids are not below ``down_to``."""

    def child_of(self, checkpoint_id: str) -> str | None:
        """Return the newest checkpoint whose parent this one is, or None."""
