"""Many reviewers at once: browser sessions with the queue open and live, each deciding something every 30 seconds.

    python benchmarks/load.py [--sessions 20 50 100 200] [--reviews 5000] [--seconds 60] [--defaults]

A session is two WebSockets that speak what a browser speaks: Streamlit's protocol, and the desk's live mark, at which
the page is asked for again. They open a review by a click in the table and answer it with the form's own widgets.
``--defaults`` serves the same desk with Streamlit's default settings instead of ours.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import runpy
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import websockets
from langgraph.checkpoint.sqlite import SqliteSaver
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from signoff.cli.serving import free_port

ROOT = Path(__file__).parents[1]
EVERY = 30.0  # seconds between two decisions of a session
RAMP = 0.05  # seconds between two sessions that open
GAP = 1.0  # seconds between two drawings that nobody asked for, as in signoff/ui/live.js
OURS = ("fileWatcherType", "magicEnabled", "postScriptGC")  # settings that Streamlit 1.67 has otherwise by default


@dataclass
class Figures:
    """What was measured, in seconds, and what went wrong."""

    paint: list[float] = field(default_factory=list)
    reaction: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    refused: int = 0
    decided: int = 0


class Session:
    """One browser tab."""

    def __init__(self, port: int, figures: Figures, dice: random.Random) -> None:
        self.port, self.figures, self.dice = port, figures, dice
        self.drawn: dict[tuple[int, ...], tuple[Any, str]] = {}
        self.drawing: dict[tuple[int, ...], tuple[Any, str]] = {}
        self.values: dict[str, WidgetState] = {}
        self.cache: dict[str, bytes] = {}
        self.finished = asyncio.Event()
        self.mark = ""
        self.listener = ("", "")
        self.page = ""

    async def run(self, seconds: float) -> None:
        """Open the queue, keep it live, and decide something every 30 seconds."""
        origin = f"http://127.0.0.1:{self.port}"
        started = time.monotonic()
        try:
            where = f"ws://127.0.0.1:{self.port}/_stcore/stream"
            self.stream = await websockets.connect(
                where, origin=origin, subprotocols=["streamlit"], max_size=None, open_timeout=20
            )
            reading = asyncio.create_task(self._read())
            await self._rerun()
            live = await websockets.connect(f"ws://127.0.0.1:{self.port}/api/live", origin=origin, open_timeout=20)
        except (OSError, TimeoutError, websockets.WebSocketException):
            self.figures.refused += 1
            return
        self.figures.paint.append(time.monotonic() - started)
        tasks = [reading, asyncio.create_task(self._listen(live))]
        end = time.monotonic() + seconds
        try:
            await asyncio.sleep(self.dice.random() * EVERY)
            pages, fragment = await self._find_soon("pagination")
            await self._react(fragment, WidgetState(id=pages.id, int_value=self.dice.randint(1, pages.num_pages // 2)))
            while time.monotonic() < end:
                began = time.monotonic()
                await self._decide()
                await asyncio.sleep(max(0.0, min(EVERY - (time.monotonic() - began), end - time.monotonic())))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(live.close(), self.stream.close(), return_exceptions=True)

    async def _decide(self) -> None:
        """Open some review of the page, approve it, submit."""
        table, fragment = await self._find_soon("dataframe")
        row = json.dumps({"selection": {"rows": [self.dice.randrange(50)], "columns": [], "cells": []}})
        await self._react(fragment, WidgetState(id=table.id, string_value=row))
        try:
            yes, _ = self._find("button_group", "Approve")
            submit, fragment = self._find("button", "Submit")
        except LookupError:  # somebody else decides this one at this moment
            return
        state = WidgetState(id=yes.id)
        state.string_array_value.data.append("Approve")
        await self._react(fragment, state)
        await self._react(fragment, WidgetState(id=submit.id, trigger_value=True))
        self.figures.decided += 1

    def _find(self, kind: str, word: str = "") -> tuple[Any, str]:
        for element, fragment in reversed(self.drawn.values()):
            if element.WhichOneof("type") == kind:
                proto = getattr(element, kind)
                if proto.id and word in str(proto):
                    return proto, fragment
        raise LookupError(kind, word)

    async def _find_soon(self, kind: str) -> tuple[Any, str]:
        """Find an element, asking for the page again if need be."""
        for _ in range(5):
            try:
                return self._find(kind)
            except LookupError:
                await self._rerun()
        return self._find(kind)

    async def _react(self, fragment: str, state: WidgetState) -> None:
        began = time.monotonic()
        self.values[state.id] = state
        await self._rerun(fragment)
        if state.WhichOneof("value") == "trigger_value":
            del self.values[state.id]
        self.figures.reaction.append(time.monotonic() - began)

    async def _rerun(self, fragment: str = "") -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.widget_states.CopyFrom(WidgetStates(widgets=self.values.values()))
        asked.fragment_id, asked.page_script_hash = fragment, self.page
        asked.context_info.timezone = "Europe/Berlin"
        self.finished.clear()
        await self.stream.send(message.SerializeToString())
        await asyncio.wait_for(self.finished.wait(), 60)

    async def _read(self) -> None:
        async for data in self.stream:
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "ref_hash":
                message = ForwardMsg.FromString(self.cache[message.ref_hash])
            elif message.hash:
                self.cache[message.hash] = data
            self._take(message)

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page = message.new_session.page_script_hash
            self.drawing = {}
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            self.drawing[tuple(message.metadata.delta_path)] = element, message.delta.fragment_id
            if element.WhichOneof("type") == "bidi_component" and "live" in element.bidi_component.component_name:
                self.mark = json.loads(element.bidi_component.json)["mark"]
                self.listener = element.bidi_component.id, message.delta.fragment_id
        elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            part = message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
            self.drawn = {**(self._kept() if part else {}), **self.drawing}
            self.finished.set()

    def _kept(self) -> dict[tuple[int, ...], tuple[Any, str]]:
        """Return what stays on the screen when fragments are drawn: all that is in none of them."""
        places: dict[str, list[tuple[int, ...]]] = {}
        for path, (_, fragment) in self.drawing.items():
            places.setdefault(fragment, []).append(path)
        inside = [_common(paths) for paths in places.values()]
        return {path: one for path, one in self.drawn.items() if not any(path[: len(at)] == at for at in inside)}

    async def push(self, mark: str) -> None:
        """Say that the desk has moved, as signoff/ui/live.js does."""
        component, fragment = self.listener
        said = WidgetState(id=_make_trigger_id(component, "events"))
        said.json_trigger_value = json.dumps([{"event": "moved", "value": mark}])
        self.values[said.id] = said
        await self._rerun(fragment)
        self.values.pop(said.id, None)

    async def _listen(self, live: Any) -> None:
        async for mark in live:
            if mark != self.mark:
                began = time.monotonic()
                await self.push(mark)
                self.figures.fresh.append(time.monotonic() - began)
                await asyncio.sleep(GAP)


def _common(paths: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the beginning that all paths share."""
    same = itertools.takewhile(lambda steps: len(set(steps)) == 1, zip(*paths, strict=False))
    return tuple(steps[0] for steps in same)


def seed(folder: Path, reviews: int) -> None:
    """Pause so many payments, one after another, for real."""
    graph = runpy.run_path(str(ROOT / "graphs" / "transaction.py"))["graph"]
    with closing(sqlite3.connect(folder / "desk.sqlite", check_same_thread=False)) as db:
        saver = SqliteSaver(db)
        saver.setup()
        db.execute("PRAGMA synchronous=OFF")
        bound = graph.copy({"checkpointer": saver})
        for number in range(reviews):
            paid = {"reference": f"P-{number}", "customer": "ACME", "amount": 48_000.0 + number, "currency": "EUR"}
            config = {"configurable": {"thread_id": f"payment-{number}"}, "metadata": {"graph_id": "transaction"}}
            bound.invoke(paid | {"reason": f"invoice {number}"}, config)


@contextmanager
def serving(folder: Path, port: int, root: Path) -> Any:
    """Serve the folder's desk with the code below ``root``; yields the server's process id."""
    command = [sys.executable, "-m", "signoff.cli", "serve", "--db", "desk.sqlite", "--port", str(port)]
    graph = f"transaction={ROOT / 'graphs' / 'transaction.py'}:graph"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}
    environment = clean | {"PYTHONPATH": str(root), "SIGNOFF_AS": "Ada"}
    with (folder / "server.log").open("a") as log:
        server = subprocess.Popen(
            [*command, "--graph", graph, "--no-browser"], cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        for _ in range(600):
            try:
                urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def memory(pid: int) -> float:
    """Return a process's resident memory in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def spent(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def by_default(folder: Path) -> Path:
    """Return a copy of the project that leaves Streamlit's settings alone."""
    copy = folder / "by_default"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*_cache", ".git", "__pycache__", "tests", "docs"))
    config = copy / ".streamlit" / "config.toml"
    config.write_text("".join(line for line in config.open() if not line.startswith(OURS)))
    return copy


async def measure(port: int, pid: int, count: int, seconds: float) -> None:
    """Run so many sessions and print one row."""
    figures, dice = Figures(), random.Random(7)
    before, cpu, began, sessions = memory(pid), spent(pid), time.monotonic(), []
    for number in range(count):
        session = Session(port, figures, random.Random(number))
        sessions.append(asyncio.create_task(session.run(seconds)))
        await asyncio.sleep(RAMP * (0.5 + dice.random()))
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic() - 1))
    grown, used, took = memory(pid) - before, spent(pid) - cpu, time.monotonic() - began
    ended = await asyncio.gather(*sessions, return_exceptions=True)
    broken = sum(isinstance(one, BaseException) for one in ended)
    print(
        f"| {count} | {told(figures.paint)} | {told(figures.reaction)} | {told(figures.fresh)} | {figures.decided} | "
        f"{figures.refused + broken} | {grown / count:.2f} | {100 * used / took:.0f} % | {os.getloadavg()[0]:.1f} |",
        flush=True,
    )


def told(seconds: list[float]) -> str:
    """Return median and 95th percentile in milliseconds."""
    if len(seconds) < 2:
        return "—"
    p95 = statistics.quantiles(seconds, n=20)[18]
    return f"{1000 * statistics.median(seconds):.0f} / {1000 * p95:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, nargs="+", default=[20, 50, 100, 200])
    parser.add_argument("--reviews", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--defaults", action="store_true", help="Streamlit's default settings instead of ours")
    parser.add_argument("--folder", type=Path, help="keep the desk here, and take it up again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "desk.sqlite").exists():
            seed(folder, given.reviews)
        root = by_default(folder) if given.defaults else ROOT
        print(
            "| sessions | first paint p50 / p95 ms | reaction p50 / p95 ms | redraw p50 / p95 ms | decisions "
            "| refused | MB per session | server CPU | load average |"
        )
        print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
        for count in given.sessions:
            port = free_port("127.0.0.1", 0)
            with serving(folder, port, root) as pid:
                asyncio.run(measure(port, pid, count, given.seconds))


if __name__ == "__main__":
    main()
