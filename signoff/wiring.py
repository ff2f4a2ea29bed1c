"""From settings to a desk and its engine: the only place that picks back ends."""

from __future__ import annotations

import importlib
from datetime import timedelta

from signoff.apply import Applier
from signoff.checkpoints import Checkpoints
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.deadlines import TimeLimit
from signoff.desk import Desk
from signoff.dialects.house_rules import HouseRule
from signoff.engine import Engine, JobQueue
from signoff.errors import SettingsInvalid
from signoff.form_rules import load_form_rules
from signoff.graphs import load_graphs, read_sources
from signoff.reviews import ABSENT
from signoff.settings import MetadataRule, Settings


def open_desk(settings: Settings) -> Desk:
    """Open both databases and load the graphs. Raises `SettingsInvalid` or `BackendUnavailable`.

    A graph that does not load, or the class of a form rule, is no error here: see `Desk.health`.
    """
    graphs = load_graphs(read_sources(settings.graphs, settings.graph))
    rules = load_form_rules(settings.forms)
    checkpoints = open_checkpoints(settings)
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


def open_checkpoints(settings: Settings) -> Checkpoints:
    """Open the checkpoint database that ``db`` names. Raises `SettingsInvalid` or `BackendUnavailable`."""
    if settings.postgres_url is None:
        return SqliteCheckpoints(settings.checkpoint_path)
    try:
        module = importlib.import_module("signoff.checkpoints.postgres")
    except ImportError as error:
        raise SettingsInvalid(
            f"PostgreSQL needs more packages ({error}). Install them with: pip install 'signoff[postgres]'"
        ) from error
    opened: Checkpoints = module.PostgresCheckpoints(settings.postgres_url)
    return opened


def postgres_url(settings: Settings) -> str:
    """Return the address of the PostgreSQL checkpoint database. Raises `SettingsInvalid` when it is none."""
    if settings.postgres_url is None:
        raise SettingsInvalid("Only a PostgreSQL checkpoint database takes an index: give --db postgresql://….")
    return settings.postgres_url


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
    applier = Applier(checkpoints=desk.checkpoints, graphs=desk.graphs, journal=desk.database.decisions)
    return Engine(
        desk.database,
        desk.jobs,
        applier,
        settled=lambda thread_id: desk.scanner.look([thread_id]),
        concurrency=settings.concurrency,
    )
