"""From settings to a desk and its engine: the only place that picks back ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import cast

from signoff.appliers import Applying, ManyAppliers
from signoff.apply import Applier, Journal
from signoff.apply_server import ServerApplier
from signoff.backends import Backend
from signoff.checkpoints import Checkpoints
from signoff.checkpoints.many import Many
from signoff.checkpoints.server import ServerCheckpoints
from signoff.checkpoints.source import Source
from signoff.database import Database
from signoff.deadlines import TimeLimit
from signoff.desk import Desk
from signoff.dialects.house_rules import HouseRule
from signoff.engine import Engine
from signoff.errors import SettingsInvalid, SignoffError
from signoff.form_rules import load_form_rules
from signoff.graphs import Graphs
from signoff.graphs.known import KnownGraphs
from signoff.graphs.many import ManyGraphs
from signoff.graphs.server import ServerGraphs
from signoff.jobs import JobQueue
from signoff.reviews import ABSENT
from signoff.settings import Settings
from signoff.settings_tables import MetadataRule


def open_desk(settings: Settings) -> Desk:
    """Open both databases and load the graphs. Raises `SettingsInvalid` or `BackendUnavailable`.

    A graph that does not load, or the class of a form rule, is no error here: see `Desk.health`. Nor is one of several
    sources that does not answer: see `signoff.standings`. An error has a note of where the settings come from.
    """
    try:
        return _open_desk(settings)
    except SignoffError as error:
        if settings.origins:
            error.add_note(f"Settings used: {settings.origins}.")
        raise


def _open_desk(settings: Settings) -> Desk:
    parts = {name: Backend(part) for name, part in settings.by_source.items()}
    rules = load_form_rules(settings.forms)
    only = None if settings.sources else parts[""].checkpoints()
    database = Database(settings.desk_url)
    sources = database.sources.configured(list(parts), plain=settings.plain_source)
    checkpoints: Checkpoints
    known: KnownGraphs
    if only and not sources.several:
        checkpoints, known = only, parts[""].graphs()
    else:
        opened = [Source(name, sources, part.settings.address, _opener(part, only)) for name, part in parts.items()]
        checkpoints = Many(sources, opened)
        known = ManyGraphs(sources, {name: part.graphs for name, part in parts.items()})
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


def applier(checkpoints: Checkpoints, graphs: KnownGraphs, journal: Journal) -> Applying:
    """Return what applies the decisions of a journal to threads of these checkpoints: in this process, or a server."""
    if isinstance(checkpoints, Many):
        return ManyAppliers(checkpoints.sources, journal, partial(_applier_of, checkpoints, cast(ManyGraphs, graphs)))
    if isinstance(checkpoints, ServerCheckpoints) and isinstance(graphs, ServerGraphs):
        return ServerApplier(checkpoints=checkpoints, graphs=graphs, journal=journal)
    return Applier(checkpoints=checkpoints, graphs=cast(Graphs, graphs), journal=journal)


def _applier_of(many: Many, graphs: ManyGraphs, source: str, journal: Journal) -> Applying:
    return applier(many.parts[source].inner, graphs.part(source), journal)


def _opener(part: Backend, opened: Checkpoints | None) -> Callable[[], Checkpoints]:
    return lambda: opened or part.checkpoints()


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
