"""``signoff serve`` and ``signoff work``: a desk at work, with and without the dashboard."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer

from signoff import garbage
from signoff.cli.command import Flags, command
from signoff.cli.text import safe
from signoff.errors import SettingsInvalid
from signoff.paths import app_dir

if TYPE_CHECKING:
    from signoff.desk import Desk
    from signoff.settings import Settings

_FIRST_PORT, _PORTS = 8501, 100
_TICK_SECONDS = 0.5
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - only compared with

Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port; by default the first free one from 8501 on. 0 takes any.")
]
Browser = Annotated[
    bool | None, typer.Option("--browser/--no-browser", help="Open the browser; by default where there is a screen.")
]


Concurrency = Annotated[int | None, typer.Option(min=1, max=64, help="Decisions applied at a time; 8 by default.")]
Only = Annotated[
    str | None,
    typer.Option(metavar="GRAPH,GRAPH", help="Take decisions on these graphs alone (PostgreSQL); all by default."),
]
Drain = Annotated[
    int | None,
    typer.Option(metavar="SECONDS", min=0, help="What running nodes are given at SIGTERM; 10 by default."),
]
Log = Annotated[
    str | None, typer.Option(metavar="text|json", help="Log each step of a decision; by default only warnings.")
]


@command("serve")
def serve(
    flags: Flags,
    port: Port = None,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    browser: Browser = None,
    host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name that browsers reach it by, such as a proxy's. Repeatable."),
    ] = None,
    engine: Annotated[
        bool | None,
        typer.Option("--engine/--no-engine", help="Whether decisions are applied here; by default they are."),
    ] = None,
    concurrency: Concurrency = None,
    only: Only = None,
    drain: Drain = None,
    log: Log = None,
) -> None:
    """Serve the dashboard and run the engine, for your own graphs."""
    given = {"engine": engine, "concurrency": concurrency, "only": only, "drain": drain, "log": log}
    settings = flags.settings(hosts=host, **given)
    with ending_quietly():
        run_dashboard(settings, port=port, address=address, browser=browser)


@command("work")
def work(
    flags: Flags,
    concurrency: Concurrency = None,
    only: Only = None,
    drain: Drain = None,
    log: Log = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Answer /metrics, /healthz and /livez here; 0 takes any port.")
    ] = None,
    metrics_address: Annotated[str, typer.Option(help="Address for --metrics-port.")] = "127.0.0.1",
) -> None:
    """Run an engine without the dashboard; on PostgreSQL any number, on any machine.

    Keeps the queue up to date too, until SIGTERM or Ctrl-C; prints a line of JSON at its start and its end. Then it
    takes no more decisions and lets running nodes come to their end; a second signal ends it at once.
    """
    from signoff.service import service, stop_service
    from signoff.status import Status, listen

    out = sys.stdout
    given = {"concurrency": concurrency, "only": only, "drain": drain, "log": log, "metrics_port": metrics_port}
    settings = flags.settings(**given, engine=True)
    set_up(settings)
    with ending_quietly(), redirect_stdout(sys.stderr):  # what graphs print does not come between our lines
        running = service(settings)
        if settings.metrics_port is not None:
            told = listen(Status(lambda: running), metrics_address, settings.metrics_port)
            _say(out, "listening", port=told.server_port)
        _say(out, "started", checkpoints=running.desk.checkpoints.name, graphs=list(running.desk.graphs.names))
        warn_of_graphs(running.desk, settings)
        garbage.spare_what_is_loaded()
        try:
            engine = False
            while True:
                if running.engine.running != engine:
                    engine = running.engine.running
                    _say(out, "engine", running=engine)
                time.sleep(_TICK_SECONDS)
        finally:
            _say(out, "draining", seconds=settings.drain)
            stop_service()
            _say(out, "stopped")


def run_dashboard(settings: Settings, *, port: int | None, address: str, browser: bool | None, word: str = "") -> None:
    """Start the desk, then serve the dashboard until the process is told to end. Blocks.

    The desk starts first, so that a database that is missing says so here instead of in the browser.
    Raises `SettingsInvalid` or `BackendUnavailable`.
    """
    from signoff.service import service, stop_service

    set_up(settings)
    free = free_port(address, port)
    _set_environment(settings)
    warn_of_graphs(service(settings).desk, settings)
    try:
        url = f"http://{'localhost' if address in _ANYWHERE else f'[{address}]' if ':' in address else address}:{free}"
        typer.echo(f"\n  Signoff is at {url}\n{word}  Ctrl-C ends it.\n")
        if browser if browser is not None else _has_screen():
            threading.Thread(target=_open_browser, args=(url, address, free), daemon=True).start()
        _run_app(address, free, settings.hosts)
    finally:
        stop_service()


def free_port(address: str, port: int | None, *, first: int = _FIRST_PORT) -> int:
    """Return a port that is free at this moment: the one asked for, any for 0, the next from ``first`` on for None.

    Raises `SettingsInvalid` when there is none.
    """
    for candidate in range(first, first + _PORTS) if port is None else (port,):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, candidate))
            except OSError as error:
                if error.errno == errno.EADDRINUSE and port is None:
                    continue
                raise SettingsInvalid(
                    f"Port {candidate} on {address} cannot be used: {error.strerror or error}. "
                    "Give another --port or --address; without --port the next free port is taken."
                ) from error
            return int(probe.getsockname()[1])
    raise SettingsInvalid(f"No port from {first} to {candidate} is free on {address}. Give one with --port.")


def set_up(settings: Settings) -> None:
    """Set up what this process logs."""
    from signoff.logs import set_up_logs

    if settings.log:
        set_up_logs(settings.log)


def warn_of_graphs(desk: Desk, settings: Settings) -> None:
    """Say which graphs did not load, and which rules are about none; the rest works."""
    from signoff.rule_graphs import named, strangers
    from signoff.standings import silent

    for error in desk.graphs.broken.values():
        typer.echo(safe(error), err=True)
    if not named(settings) or silent(desk):
        return
    known = {*desk.graphs.names, *desk.graphs.broken, *desk.listed_graphs()}
    for said in strangers(settings, known):
        typer.echo(safe(f"{said} There are: {', '.join(sorted(known))}."), err=True)


@contextmanager
def ending_quietly() -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end what runs inside, finally blocks included, as a success; a second one ends at once."""

    def end_at_once(number: int, _frame: FrameType | None) -> NoReturn:
        os._exit(128 + number)

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, end_at_once)
        raise KeyboardInterrupt

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    try:
        yield
    except KeyboardInterrupt:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _run_app(address: str, port: int, hosts: Sequence[str]) -> None:
    sys.argv = [str(app_dir() / "dashboard.py")]  # streamlit 1.67 takes its config folder from here
    from signoff.asgi import app as dashboard

    names = [*([] if address in _ANYWHERE else [address]), *hosts]
    config: dict[str, object] = {"server.port": port, "server.address": address, "logger.hideWelcomeMessage": True}
    config["server.allowedHosts"] = list(dict.fromkeys([*_LOOPBACK, *names]))
    dashboard.run(config=config)


def _set_environment(settings: Settings) -> None:
    """Hand the settings to every part of the application, whichever reads them first."""
    given = {
        "SIGNOFF_DB": settings.db,
        "SIGNOFF_DESK": settings.desk,
        "SIGNOFF_GRAPHS": settings.graphs,
        "SIGNOFF_GRAPH": json.dumps(settings.graph),
        "SIGNOFF_AS": settings.reviewer,
        "SIGNOFF_CONCURRENCY": settings.concurrency,
        "SIGNOFF_ENGINE": settings.engine,
        "SIGNOFF_ONLY": ",".join(settings.only) or None,
        "SIGNOFF_DRAIN": settings.drain,
    }
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})


def _has_screen() -> bool:
    here = sys.platform in ("darwin", "win32") or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return here and sys.stdout.isatty()


def _open_browser(url: str, address: str, port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            webbrowser.open(url)
            return


def _say(out: TextIO, event: str, **facts: object) -> None:
    """Print one line of JSON about the process."""
    print(json.dumps({"event": event, "pid": os.getpid(), **facts}), file=out, flush=True)
