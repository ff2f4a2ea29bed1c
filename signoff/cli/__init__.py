"""The command line: ``signoff …``. Its JSON and its exit codes are a contract (README, "Command line").

Each file here holds one command; what is heavy is imported when a command needs it.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from signoff import __version__, garbage
from signoff.cli.command import app

# Each import registers its commands, and `signoff --help` lists them in this order.
# isort: off
from signoff.cli import serving, demo, listing, threads, showing, claiming, deciding, bulk, snoozing  # noqa: F401
from signoff.cli import history, travelling, reporting, auditing, tokens, moving, indexing, sources, examining  # noqa: F401
# isort: on

__all__ = ["app", "main"]

_UNWRITABLE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))
"""Standard output cannot be written. Of a pipe that is closed typer says nothing."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"signoff {__version__}")
        raise typer.Exit


@app.callback()
def _signoff(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Review desk for LangGraph: a queue, a form and a record for every paused thread."""


def main() -> None:
    """Run the command line on ``sys.argv``; ends the process with the command's exit code."""
    garbage.collect_seldom()
    if wrong := next((word for word in sys.argv[1:] if word.encode("utf-8", "ignore") != os.fsencode(word)), None):
        sys.exit(f"The argument {wrong!a} is not UTF-8. Nothing was done.")
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as the process lives
    try:
        app(prog_name="signoff")
    except SystemExit as end:
        _leave(end.code)
        raise
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left is written again when Python ends
        typer.echo(f"Standard output cannot be written: {error.strerror}. What the command did stands.", err=True)
        _leave(1)
        sys.exit(1)


def _leave(code: str | int | None) -> None:
    """End at once where a graph still runs: Python would wait for its threads, however long a node takes.

    To the decision this is a crash like any other: whoever runs an engine next takes it up.
    """
    if threading.active_count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)
