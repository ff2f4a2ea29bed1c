"""From settings to a desk and its engine: the only place that picks back ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from signoff.apply import Applier
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.deadlines import TimeLimit
from signoff.desk import Desk
from signoff.dialects.house_rules import HouseRule
from signoff.engine import Engine
from signoff.errors import SettingsInvalid
from signoff.form_rules import load_form_rules
from signoff.graphs import load_graphs, read_sources
from signoff.jobs import JobQueue
from signoff.reviews import ABSENT
from signoff.settings import MetadataRule, Settings


def open_desk(settings: Settings) -> Desk:
    """Open both databases and load the graphs. Raises `SettingsInvalid` or `BackendUnavailable`.

    A graph that does not load, or the class of a form rule, is no error here: see `Desk.health`.
    """
    graphs = load_graphs(read_sources(settings.graphs, settings.graph))
    rules = load_form_rules(settings.forms)
    checkpoints = SqliteCheckpoints(settings.checkpoint_path)
    database = Database(settings.desk_url)
    return Desk(
        checkpoints,
        database,
        graphs,
        JobQueue(database),
        rules,
        load_timeouts(settings),
        house_rules=[_house_rule(rule) for rule in settings.metadata],
        stalled_after=timedelta(seconds=settings.stalled_after),
    )


def load_timeouts(settings: Settings) -> tuple[TimeLimit, ...]:
    """Return the rules of ``[[timeouts]]`` in their order, named by it and by the graph they are about."""
    return tuple(
        TimeLimit(
            name=f"{number} ({rule.graph or 'every graph'})",
            after=rule.after,
            wanted=rule.then if isinstance(rule.then, str) else {"answer": rule.then.answer},
            graph=rule.graph,
            node=rule.node,
            match=ABSENT if rule.match is None else rule.match,
        )
        for number, rule in enumerate(settings.timeouts, 1)
    )


def _house_rule(given: MetadataRule) -> HouseRule:
    conditions = {"match": ABSENT if given.match is None else given.match}
    return HouseRule(**{**{name: getattr(given, name) for name in MetadataRule.model_fields}, **conditions})


def open_engine(
    desk: Desk, settings: Settings, *, timed: Callable[[str, float], object] = lambda _outcome, _seconds: None
) -> Engine:
    """Return an engine of the desk, not yet started. Raises `SettingsInvalid` for a graph that is not there."""
    applier = Applier(checkpoints=desk.checkpoints, graphs=desk.graphs, journal=desk.database.decisions)
    return Engine(
        desk.database,
        desk.jobs,
        applier,
        settled=lambda thread_id: desk.scanner.look([thread_id]),
        graphs=_taken(desk, settings.only),
        concurrency=settings.concurrency,
        timed=timed,
    )


def _taken(desk: Desk, only: tuple[str, ...]) -> tuple[str, ...]:
    """Return the graphs whose decisions an engine here takes."""
    if only and desk.database.file:
        raise SettingsInvalid(
            "--only needs a PostgreSQL desk: a SQLite desk has one engine; what it does not take would wait for ever."
        )
    if unknown := sorted({*only} - {*desk.graphs.names, *desk.graphs.broken}):
        raise SettingsInvalid(
            f"--only names no graph of this desk: {', '.join(unknown)}. There are: {', '.join(desk.graphs.names)}."
        )
    return tuple(name for name in desk.graphs.names if not only or name in only)
