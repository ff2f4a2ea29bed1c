"""From settings to a desk and its engine: the only place that picks back ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import make_url

from signoff.apply import Applier
from signoff.apply_server import ServerApplier
from signoff.checkpoints import Checkpoints
from signoff.checkpoints.server import ServerCheckpoints
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.deadlines import TimeLimit
from signoff.desk import Desk
from signoff.dialects.house_rules import HouseRule
from signoff.engine import Engine, JobQueue
from signoff.form_rules import load_form_rules
from signoff.graphs import Graphs, load_graphs, read_sources
from signoff.graphs.known import KnownGraphs
from signoff.graphs.server import ServerGraphs
from signoff.reviews import ABSENT
from signoff.server_source import open_server
from signoff.settings import MetadataRule, Settings


def open_desk(settings: Settings) -> Desk:
    """Open both databases and load the graphs. Raises `SettingsInvalid` or `BackendUnavailable`.

    A graph that does not load, or the class of a form rule, is no error here: see `Desk.health`.
    """
    rules = load_form_rules(settings.forms)
    checkpoints, graphs = _source(settings)
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


def _source(settings: Settings) -> tuple[Checkpoints, KnownGraphs]:
    """Return what ``db`` names, opened, and the graphs of its threads: the server's own, or those of the settings."""
    if settings.server_url:
        desk_file = make_url(settings.desk_url).database if settings.desk_url.startswith("sqlite") else None
        source = open_server(settings.server_url, settings.server, desk_file=Path(desk_file) if desk_file else None)
        return source.checkpoints, source.graphs
    graphs = load_graphs(read_sources(settings.graphs, settings.graph))
    return SqliteCheckpoints(settings.checkpoint_path), graphs


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


def open_engine(desk: Desk, settings: Settings) -> Engine:
    """Return the desk's engine, not yet started."""
    return Engine(
        desk.database,
        desk.jobs,
        applier_of(desk),
        settled=lambda thread_id: desk.scanner.look([thread_id]),
        concurrency=settings.concurrency,
    )


def applier_of(desk: Desk) -> Applier | ServerApplier:
    """Return what takes the desk's decisions to their outcome: in this process, or on the server."""
    journal = desk.database.decisions
    if isinstance(desk.checkpoints, ServerCheckpoints) and isinstance(desk.graphs, ServerGraphs):
        return ServerApplier(checkpoints=desk.checkpoints, graphs=desk.graphs, journal=journal)
    return Applier(checkpoints=desk.checkpoints, graphs=cast(Graphs, desk.graphs), journal=journal)
