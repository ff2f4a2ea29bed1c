"""What is wrong with a desk, and how to mend it: settings, both databases, engine, graphs, forms, in this order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from signoff.backends import open_checkpoints
from signoff.checkpoints import Extended, Standing
from signoff.database import Database
from signoff.engine import alive
from signoff.errors import BackendUnavailable, GraphBroken, SettingsInvalid, SignoffError
from signoff.form_rules import load_form_rules
from signoff.graphs import Graphs, load_graphs, read_sources
from signoff.jobs import unserved
from signoff.rule_graphs import named, strangers
from signoff.server_health import server_graphs, server_health
from signoff.settings import Settings

_LISTED = 10


class Level(StrEnum):
    """How a check came out; a note is worth knowing and no fault."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was checked; ``detail`` may be a traceback, ``exit_code`` is the command line's answer to it."""

    check: str
    level: Level
    message: str
    mend: str = ""
    detail: str = ""
    exit_code: int = 0


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, one check after the other; nothing that is wrong keeps the next check from being made.

    Opens Signoff's own database as every command does: it is made when there is none.
    """
    parts = settings.by_source
    try:
        origins = f" ({settings.origins})" if settings.origins else ""
        where = ", ".join(f"{name} {part.address}".strip() for name, part in parts.items())
        yield Finding(check="settings", level=Level.FINE, message=f"{where}, as {settings.reviewer}{origins}")
    except SettingsInvalid as error:
        yield wrong("settings", error)
    else:
        findings = [found for name, part in parts.items() for found in _of_source(name, _source(part))]
        yield from findings
        if settings.desk or settings.sources or all(finding.level is not Level.WRONG for finding in findings):
            yield from _desk(settings)
    for name, part in parts.items():
        if not part.server_url:
            yield from _of_source(name, _graphs(part))
    yield from _forms(settings)


def _of_source(name: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Say of findings which source they are about."""
    for finding in findings:
        yield replace(finding, check=f"{finding.check} {name}".strip())


def _source(settings: Settings) -> Iterator[Finding]:
    return _server(settings) if settings.server_url else _checkpoints(settings)


def _server(settings: Settings) -> Iterator[Finding]:
    try:
        for level, message, mend in server_health(settings.server_url or "", settings.server):
            yield Finding(check="server", level=Level(level), message=message, mend=mend)
    except SignoffError as error:
        yield wrong("server", error)


def _checkpoints(settings: Settings) -> Iterator[Finding]:
    try:
        checkpoints = open_checkpoints(settings)
    except SignoffError as error:
        yield wrong("checkpoints", error)
        return
    try:
        threads, asking, unreadable = 0, 0, {}
        for head in checkpoints.heads():
            threads, asking = threads + 1, asking + bool(head.open)
            if head.problem:
                unreadable[head.thread_id] = head.problem
        yield Finding(check="checkpoints", level=Level.FINE, message=f"threads: {threads}; asking something: {asking}")
        if unreadable:
            yield _unreadable(unreadable)
        if isinstance(checkpoints, Extended):
            yield from _extensions(checkpoints.standing())
    except BackendUnavailable as error:
        yield wrong("checkpoints", error)
    finally:
        checkpoints.close()


def _extensions(standing: Standing) -> Iterator[Finding]:
    """Yield what `signoff index` has added to a PostgreSQL database, and what stands in the way of runs."""
    names = {"the index": standing.index, "live triggers": standing.live}
    added = " and ".join(name for name, is_there in names.items() if is_there)
    yield Finding(
        check="index",
        level=Level.FINE if added else Level.NOTE,
        message=f"installed: {added}" if added else "nothing is installed: looking for new pauses reads whole tables",
        mend="" if added else "With many threads, run `signoff index` or `signoff index --live`: docs/postgres.md.",
    )
    if standing.broken:
        yield Finding(
            check="index",
            level=Level.NOTE,
            message="parts of the live triggers are missing, or this role may not read schema signoff_live",
            mend="Run `signoff index --live` again as the owner of the tables; until then, whole tables are read.",
        )
    if standing.pooled:
        yield Finding(
            check="pooler",
            level=Level.NOTE,
            message="a connection pooler stands before the server: reading works, answers cannot be applied through it",
            mend="Give processes that apply answers the address of the server itself.",
        )


def _unreadable(problems: dict[str, str]) -> Finding:
    listed = "\n".join(f"{thread}: {problem}" for thread, problem in list(problems.items())[:_LISTED])
    return Finding(
        check="checkpoints",
        level=Level.WRONG,
        message=f"threads that cannot be read in full: {len(problems)}; all others can",
        mend="Nothing else is touched by it. Let their graphs write these threads again, or delete them.",
        detail=listed,
        exit_code=BackendUnavailable.exit_code,
    )


def _desk(settings: Settings) -> Iterator[Finding]:
    try:
        database = Database(settings.desk_url)
    except BackendUnavailable as error:
        yield wrong("desk", error)
        return
    try:
        with database.writing():
            pass
        yield Finding(check="desk", level=Level.FINE, message=f"{database.address} can be written")
        yield _engine(database)
        yield from _gone(database, settings)
        yield from _rules(database, settings)
    except BackendUnavailable as error:
        yield wrong("desk", error)
    finally:
        database.close()


def _gone(database: Database, settings: Settings) -> Iterator[Finding]:
    for name, number in sorted(database.sources.open().items()):
        if name not in settings.by_source:
            whose = (
                f"of the source {name}, which is not configured any more" if name else "from before there were sources"
            )
            mend = "put it back into signoff.toml" if name else "give the source that they are of default = true"
            yield Finding(
                check="desk",
                level=Level.NOTE,
                message=f"open reviews {whose}: {number}; they are shown, and cannot be answered",
                mend=f"To go on with them, {mend}; to close them, run `signoff sources --forget '{name}'`.",
            )


def _rules(database: Database, settings: Settings) -> Iterator[Finding]:
    """Yield rules that are about no graph; nothing where not all graphs can be named, which is said elsewhere."""
    if not named(settings):
        return  # and no server is asked once more
    known = set(database.reviews.graphs())
    for name, part in settings.by_source.items():
        try:
            known |= {f"{name}/{graph}".removeprefix("/") for graph in _graphs_of(part)}
        except SignoffError:
            return
    for said in strangers(settings, known):
        mend = f"Correct the name, or take the rule away. There are: {', '.join(sorted(known))}."
        yield Finding(check="rules", level=Level.NOTE, message=said, mend=mend)


def _graphs_of(settings: Settings) -> Iterable[str]:
    if settings.server_url:
        return server_graphs(settings.server_url, settings.server)
    return [source.name for source in read_sources(settings.graphs, settings.graph)]


def _engine(database: Database) -> Finding:
    if alive(database):
        living = database.executors.living()
        left_out = (
            {} if database.file else unserved(database.numbers.read().undecided, [g for e in living for g in e.graphs])
        )
        if not left_out:
            return Finding(
                check="engine", level=Level.FINE, message=f"engines that run on this desk: {len(living) or 1}"
            )
        waiting = ", ".join(f"{graph} ({count})" for graph, count in sorted(left_out.items()))
        return Finding(
            check="engine",
            level=Level.NOTE,
            message=f"decisions wait for a worker that has their graph: {waiting}",
            mend="Start `signoff work` with these graphs.",
        )
    left = len(database.decisions.undecided())
    return Finding(
        check="engine",
        level=Level.NOTE,
        message=f"no engine runs on this desk now; answers waiting to be applied: {left}",
        mend="Start `signoff serve` or `signoff work`, or decide with --wait.",
    )


def _graphs(settings: Settings) -> Iterator[Finding]:
    try:
        graphs = load_graphs(read_sources(settings.graphs, settings.graph))
    except SignoffError as error:
        yield wrong("graphs", error)
        return
    if graphs.names:
        yield Finding(check="graphs", level=Level.FINE, message=f"loaded: {', '.join(graphs.names)}")
    yield from _broken(graphs)
    if not graphs.names and not graphs.broken:
        yield Finding(
            check="graphs",
            level=Level.NOTE,
            message="no graph is named: reviews are listed and shown, and cannot be answered",
            mend="Give --graphs langgraph.json or --graph NAME=path.py:attribute.",
        )


def _broken(graphs: Graphs) -> Iterator[Finding]:
    for name, error in graphs.broken.items():
        yield Finding(
            check="graphs",
            level=Level.WRONG,
            message=f"{name} did not load: {error.reason}",
            mend="Mend what the traceback names, in the environment in which Signoff runs; the other graphs work.",
            detail=error.traceback,
            exit_code=error.exit_code,
        )


def _forms(settings: Settings) -> Iterator[Finding]:
    try:
        rules = load_form_rules(settings.forms)
    except SettingsInvalid as error:
        yield wrong("forms", error)
        return
    if loaded := [rule.name for rule in rules if not rule.broken]:
        yield Finding(check="forms", level=Level.FINE, message=f"own forms: {'; '.join(loaded)}")
    for rule in rules:
        if rule.broken:
            yield Finding(
                check="forms",
                level=Level.WRONG,
                message=f"form {rule.name} did not load: {rule.broken}",
                mend="Mend what the traceback names. Until then its questions have the forms they had without it.",
                detail=rule.traceback,
                exit_code=GraphBroken.exit_code,
            )


def wrong(check: str, error: SignoffError) -> Finding:
    """Return an error as a finding."""
    return Finding(check=check, level=Level.WRONG, message=str(error), exit_code=error.exit_code)
