"""The config of a run: what the thread was run with before, and the decision that the run is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from signoff.decisions import Decision
from signoff.reviews import Json, Kind
from signoff.steering import STAGE, action_of

MARK: Final = "signoff_decision"
"""Key of the checkpoint metadata that names the decision whose run made the checkpoint."""

FORKED_FROM: Final = "signoff_forked_from"
"""Key of the metadata of a forked thread's checkpoints: the thread that it was forked from."""

FORKED_AT: Final = "signoff_forked_at"
"""Key of the metadata of a forked thread's checkpoints: the checkpoint that it was forked at."""

_STRICT = "__pregel_strict_resume"  # private in langgraph 1.2.22, `strict_resume=` in its SDK; tests guard its meaning
_NOT_CARRIED = frozenset({MARK, STAGE, "source", "step", "parents", "writes", "run_id", "thread_id"})


def run_config(decision: Decision, metadata: Mapping[str, Json], *, resuming: bool) -> dict[str, Any]:
    """Return the run's config: the thread's own configurable values again, strict resume, and our mark.

    LangGraph copies scalar configurable values into checkpoint metadata (langgraph-checkpoint 4.3.2); giving them back
    lets nodes read the same configuration as before the pause. ``metadata`` is that of the checkpoint to go on from.
    """
    carried = {
        k: v
        for k, v in metadata.items()
        if k not in _NOT_CARRIED and not k.startswith(("__", "langgraph_", "checkpoint_"))
    }
    configurable: dict[str, Any] = {**carried, "thread_id": decision.home}
    if resuming and decision.kind is Kind.INTERRUPT:
        configurable[_STRICT] = True
    if resuming and decision.kind is Kind.STUCK and not action_of(decision):
        configurable["checkpoint_id"] = decision.checkpoint_id  # forks there: the question is asked anew
    marks: dict[str, Any] = {MARK: decision.id}
    if decision.forks:
        marks |= {FORKED_FROM: decision.thread_id, FORKED_AT: decision.checkpoint_id, "graph_id": decision.graph}
    return {"configurable": configurable, "metadata": marks}
