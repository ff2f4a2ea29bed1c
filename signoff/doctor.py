"""What is wrong with a desk, and how to mend it: settings, both databases, engine, graphs, forms, in this order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.engine import alive
from signoff.errors import BackendUnavailable, GraphBroken, SettingsInvalid, SignoffError
from signoff.form_rules import load_form_rules
from signoff.graphs import Graphs, load_graphs, read_sources
from signoff.server_health import server_health
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
    try:
        source = settings.server_url or settings.checkpoint_path
        yield Finding(check="settings", level=Level.FINE, message=f"{source}, as {settings.reviewer}")
    except SettingsInvalid as error:
        yield wrong("settings", error)
        yield from _graphs(settings)
        yield from _forms(settings)
        return
    findings = list(_server(settings) if settings.server_url else _checkpoints(settings))
    yield from findings
    if settings.desk or all(finding.level is not Level.WRONG for finding in findings):
        yield from _desk(settings)
    if not settings.server_url:
        yield from _graphs(settings)
    yield from _forms(settings)


def _server(settings: Settings) -> Iterator[Finding]:
    try:
        for level, message, mend in server_health(settings.server_url or "", settings.server):
            yield Finding(check="server", level=Level(level), message=message, mend=mend)
    except SignoffError as error:
        yield wrong("server", error)


def _checkpoints(settings: Settings) -> Iterator[Finding]:
    try:
        checkpoints = SqliteCheckpoints(settings.checkpoint_path)
    except BackendUnavailable as error:
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
    except BackendUnavailable as error:
        yield wrong("checkpoints", error)
    finally:
        checkpoints.close()


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
    except BackendUnavailable as error:
        yield wrong("desk", error)
    finally:
        database.close()


def _engine(database: Database) -> Finding:
    if alive(database):
        return Finding(check="engine", level=Level.FINE, message="an engine runs on this desk")
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
