"""What a process says about its work: lines for people or JSON, with ids and outcomes, never answers or payloads."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

_OURS, _JOBS = "signoff", "dbos"
_FACTS = "facts"


def tell(log: logging.Logger, event: str, **facts: str | float | bool | None) -> None:
    """Say that something happened; facts are ids, names of graphs, outcomes and numbers. None is left out."""
    known = {name: fact for name, fact in facts.items() if fact is not None}
    said = " ".join([event, *(f"{name}={fact}" for name, fact in known.items())])
    log.info(said, extra={_FACTS: {"event": event, **known}})


def set_up_logs(form: str, out: TextIO | None = None) -> None:
    """Write what Signoff says from INFO on, and everybody else from WARNING on, as ``text`` or ``json`` lines.

    Lines of user graphs and libraries keep their text. DBOS (3.4) brings a handler of its own unless it has one.
    """
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(_OURS).setLevel(logging.INFO)
    jobs = logging.getLogger(_JOBS)
    jobs.handlers, jobs.propagate = [handler], False


class JsonLines(logging.Formatter):
    """One JSON object per line: ``at`` (UTC), ``level``, ``logger``, ``message``, and what `tell` was given.

    Of an exception: its type and the places it passed, not its message, which may quote a value.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "at": _time(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, _FACTS, {}),
        }
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            line |= {"error": kind.__name__, "trace": traceback.format_tb(trace)}
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """Time (UTC), level and message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback's places under it."""
        line = f"{_time(record):%Y-%m-%d %H:%M:%S} {record.levelname:<7} {record.getMessage()}"
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            line += "\n" + "".join([*traceback.format_tb(trace), kind.__name__])
        return line


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
