"""``signoff demo``: the example graphs, seeded and alive, in a workspace of their own."""

from __future__ import annotations

import importlib.util
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from signoff.cli.command import As, app, told
from signoff.cli.serving import Browser, Port, ending_quietly, run_dashboard
from signoff.paths import app_dir

_EVERY_SECONDS = 45.0
_WORD = """  Threads of nine example graphs wait for your decision, and a new one comes in now and then.
  Open one, read what is asked, answer, and watch its thread go on. Nothing here is real.
"""


@app.command("demo")
@told
def demo(
    reviewer: As = None,
    port: Port = None,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    browser: Browser = None,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="Keep the workspace here; by default it is deleted at the end."),
    ] = None,
) -> None:
    """Show Signoff at work on example graphs.

    They pause in many ways, in a workspace of their own that is deleted at the end.
    """
    from signoff.settings import read_settings

    with ending_quietly(), _workspace(folder) as workspace:
        database = workspace / "demo.sqlite"
        examples = _load(app_dir() / "graphs" / "seed.py")
        if not database.exists():
            typer.echo("Running the example graphs up to their pauses …")
            examples.seed(database)
        settings = read_settings(db=str(database), graphs=app_dir() / "langgraph.json", **{"as": reviewer})
        with _trickling(examples, database):
            run_dashboard(settings, port=port, address=address, browser=browser, word=_WORD)


@contextmanager
def _workspace(folder: Path | None) -> Iterator[Path]:
    """Work in the folder given or in a temporary one, out of reach of the settings that are meant for another desk."""
    with ExitStack() as stack:
        path = (folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signoff-demo-")))).absolute()
        path.mkdir(parents=True, exist_ok=True)
        for name in [name for name in os.environ if name.upper().startswith("SIGNOFF_") and name != "SIGNOFF_AS"]:
            del os.environ[name]
        stack.callback(os.chdir, Path.cwd())
        os.chdir(path)
        yield path


@contextmanager
def _trickling(examples: ModuleType, database: Path) -> Iterator[None]:
    """Let new threads come in meanwhile."""
    stop = threading.Event()
    running = threading.Thread(
        target=examples.trickle, args=(database,), kwargs={"every": _EVERY_SECONDS, "stop": stop}, daemon=True
    )
    running.start()
    try:
        yield
    finally:
        stop.set()
        running.join(timeout=10)


def _load(path: Path) -> ModuleType:
    """Import a file by its path, wherever the demo is installed."""
    spec = importlib.util.spec_from_file_location("signoff_demo_seed", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
