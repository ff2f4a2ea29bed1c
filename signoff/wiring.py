"""From settings to a desk and its engine: the only place that picks back ends."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import cast

from signoff.appliers import Applying, ManyAppliers
from signoff.apply import Applier, Journal
from signoff.checkpoints import Checkpoints
from signoff.checkpoints.many import Many
from signoff.checkpoints.source import Source
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.deadlines import TimeLimit
from signoff.desk import Desk
from signoff.dialects.house_rules import HouseRule
from signoff.engine import Engine
from signoff.errors import SettingsInvalid
from signoff.form_rules import load_form_rules
from signoff.graphs import Graphs, load_graphs, read_sources
from signoff.graphs.known import KnownGraphs
from signoff.graphs.many import ManyGraphs
from signoff.jobs import JobQueue
from signoff.reviews import ABSENT
from signoff.settings import MetadataRule, Settings


def open_desk(settings: Settings) -> Desk:
    """Open both databases and load the graphs. Raises `SettingsInvalid` or `BackendUnavailable`.

    A graph that does not load, or the class of a form rule, is no error here: see `Desk.health`. Nor is one of several
    sources that does not answer: see `signoff.standings`.
    """
    parts = settings.by_source
    graphs = {name: load_graphs(read_sources(part.graphs, part.graph)) for name, part in parts.items()}
    rules = load_form_rules(settings.forms)
    only = None if settings.sources else open_checkpoints(settings)
    database = Database(settings.desk_url)
    sources = database.sources.configured(list(parts), plain=settings.plain_source)
    checkpoints: Checkpoints
    known: KnownGraphs
    if only and not sources.several:
        checkpoints, known = only, graphs[""]
    else:
        opened = [Source(name, sources, part.address, _opener(part, only)) for name, part in parts.items()]
        checkpoints = Many(sources, opened)
        known = ManyGraphs(sources, {name: partial(graphs.__getitem__, name) for name in parts})
    return Desk(
        checkpoints,
        database,
        known,
        JobQueue(database),
        sources.spread(rules),
        sources.spread(load_timeouts(settings)),
        house_rules=sources.spread([_house_rule(rule) for rule in settings.metadata]),
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


def applier(checkpoints: Checkpoints, graphs: KnownGraphs, journal: Journal) -> Applying:
    """Return what applies the decisions of a journal to threads of these checkpoints."""
    if not isinstance(checkpoints, Many):
        return Applier(checkpoints=checkpoints, graphs=cast(Graphs, graphs), journal=journal)

    def of_source(name: str, own: Journal) -> Applying:
        return applier(checkpoints.parts[name].inner, cast(ManyGraphs, graphs).part(name), own)

    return ManyAppliers(checkpoints.sources, journal, of_source)


def _opener(settings: Settings, opened: Checkpoints | None) -> Callable[[], Checkpoints]:
    return lambda: opened or open_checkpoints(settings)


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
    return Engine(
        desk.database,
        desk.jobs,
        applier(desk.checkpoints, desk.graphs, desk.database.decisions),
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
