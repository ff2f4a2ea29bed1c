"""What runs of an Agent Server say: for which decision they were begun, and with what. As in langgraph-api 0.16.7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from signoff.checkpoints.server_answers import answers_in
from signoff.run_config import MARK

_CONFIG, _STOPS = ("recursion_limit", "tags"), ("interrupt_before", "interrupt_after")
_IDS = frozenset({"run_id", "thread_id", "graph_id", "assistant_id", "cron_id"})
_PLACE = frozenset({"checkpoint_id", "checkpoint_ns", "checkpoint_map", "langgraph_request_id"})
_NOISE = ("__", "langgraph_auth_")


def run_of(runs: Sequence[Mapping[str, Any]], decision_id: str) -> Mapping[str, Any] | None:
    """Return the first run that was begun for a decision, of ``runs``, newest first; a later one came too late."""
    return next((run for run in reversed(runs) if (run.get("metadata") or {}).get(MARK) == decision_id), None)


def answered_by_other(runs: Sequence[Mapping[str, Any]], run_id: str, interrupt_id: str | None) -> bool:
    """Tell whether another run than this one was given an answer to a question, and took it."""
    others = [run for run in runs if run["run_id"] != run_id and run["status"] in ("success", "running")]
    return interrupt_id is not None and bool(answers_in(others, interrupt_id))


def as_before(run: Mapping[str, Any], thread: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run was begun with and the next one is to have, too, so that nodes read the same as before.

    ``thread`` is the row of its thread, whose metadata the server adds to a run's own.
    """
    kwargs = run.get("kwargs") or {}
    config, known = kwargs.get("config") or {}, {*(thread.get("metadata") or {}), *_IDS, "created_by"}
    return {
        "config": {name: config[name] for name in _CONFIG if config.get(name)}
        | {"configurable": _configurable(config)},
        "metadata": {key: value for key, value in (run.get("metadata") or {}).items() if key not in known},
        **{name: kwargs[name] for name in _STOPS if kwargs.get(name)},
    }


def _configurable(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configurable values of a run without those that the server adds; ``user_id`` where it was given."""
    given = config.get("configurable") or {}
    dropped = _IDS | _PLACE | ({"user_id"} if given.get("user_id") == given.get("langgraph_auth_user_id") else set())
    return {key: value for key, value in given.items() if key not in dropped and not key.startswith(_NOISE)}
